// The method of adjustment, as a jsPsych plugin: the reference stays, the comparison's target is changed until both
// look the same.
import { ParameterType } from "jspsych";

import { place } from "./layout.js";
import { covered, outline, paint } from "./raster.js";
import { darkened, pixelRatio } from "./screen.js";
import { text } from "./text.js";

/** A change belongs to the adjustment before it if it goes the same way and comes within so many milliseconds. */
const PAUSE = 500;
/** How far the wheel, a finger or the mouse moves for one step: units of the wheel, CSS pixels. */
const WHEEL = 50;
const DRAG = 4;
/** For so many milliseconds the targets are outlined when a trial begins. */
const OUTLINED = 1500;
/** On a ground whose red, green and blue are all below this, what is written is light. */
const DARK = 120;
/** By key: in which direction, which of two settings, and whether coarsely. With a single setting all keys change it. */
const KEYS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [-1, 1], ArrowUp: [1, 1], PageDown: [-1, 1, true], PageUp: [1, 1, true],
};

export default class AdjustmentPlugin {
  static info = {
    name: "illusions-adjustment",
    version: "1.0.0",
    parameters: {
      /** Returns { comparison: Raster, colours, begins?, reference?: Raster, referenceColour? }; without a reference it is
       * alone. `colours` are those of the steps; of a disc those of every azimuth, contrast by contrast, and `begins` has
       * the place where each azimuth begins, and after the last one where it ends. */
      pictures: { type: ParameterType.FUNCTION, default: undefined },
      /** Index of the colour, or of the azimuth, that the comparison's target starts with. */
      start: { type: ParameterType.INT, default: undefined },
      /** Of a disc: index of the contrast that it starts with. */
      start_contrast: { type: ParameterType.INT, default: 0 },
      /** How many steps a coarse adjustment takes. */
      coarse: { type: ParameterType.INT, default: 10 },
      /** Whether the last colour is followed by the first. */
      circular: { type: ParameterType.BOOL, default: false },
      /** The colour around the pictures, red, green and blue of 0 to 255; a light grey if empty. */
      ground: { type: ParameterType.INT, array: true, default: [] },
      /** Whether the reference stands to the left of the comparison, or above it. */
      reference_first: { type: ParameterType.BOOL, default: true },
      /** Screen pixels per pixel of a picture; as many as there is room for if left out. */
      magnification: { type: ParameterType.INT, default: null },
      /** What is asked, given where the comparison stands: "left", "right", "above", "below". */
      question: { type: ParameterType.FUNCTION, default: undefined },
      /** What the buttons say that lower and raise the value. */
      less: { type: ParameterType.STRING, default: "−" },
      more: { type: ParameterType.STRING, default: "+" },
      /** What those of contrast say. */
      paler: { type: ParameterType.STRING, default: "−" },
      stronger: { type: ParameterType.STRING, default: "+" },
      /** Called when the person stops the experiment; without it they cannot. */
      on_stop: { type: ParameterType.FUNCTION, default: null },
    },
    data: {
      /** Index of the colour at the start, and at the end. */
      start_step: { type: ParameterType.INT },
      match_step: { type: ParameterType.INT },
      /** Of a disc: index of the contrast at the start, and at the end. */
      start_contrast_step: { type: ParameterType.INT },
      match_contrast_step: { type: ParameterType.INT },
      /** From the pictures' appearance to the answer, milliseconds, but for those that the person was away. */
      rt: { type: ParameterType.INT },
      /** For how long the page was hidden, or another window in front, milliseconds. */
      away: { type: ParameterType.INT },
      /** Changes, where those that go the same way without a pause of half a second count as one. */
      adjustments: { type: ParameterType.INT },
      /** Where the comparison stood: "left", "right", "above", "below"; "alone". */
      comparison_place: { type: ParameterType.STRING },
      /** Screen pixels per pixel of a picture, and the device pixel ratio, when the answer was given. */
      magnification: { type: ParameterType.FLOAT },
      device_pixel_ratio: { type: ParameterType.FLOAT },
      /** Whether something painted the page dark, the ground around the pictures, too. */
      darkened: { type: ParameterType.BOOL },
      /** Whether the person stopped the experiment in place of an answer. */
      stopped: { type: ParameterType.BOOL },
    },
  };

  constructor(jsPsych) {
    this.jsPsych = jsPsych;
  }

  trial(display, trial) {
    const root = document.documentElement;
    root.classList.add("adjusting"); // before anything is measured
    if (trial.ground.length) root.style.setProperty("--trial", `rgb(${trial.ground.join(" ")})`);
    root.classList.toggle("dark", Boolean(trial.ground.length) && Math.max(...trial.ground) < DARK);
    const screen = new Screen(display, trial);
    const setting = screen.begins
      ? new DiscSetting(trial.start, trial.start_contrast, screen.begins)
      : new Setting(trial.start, screen.colours.length, trial.circular);
    const listening = new AbortController();
    const began = performance.now();
    const absence = new Absence(listening.signal);

    const finish = (stopped) => {
      listening.abort();
      const away = absence.soFar();
      const rt = Math.round(performance.now() - began - away);
      const dark = darkened();
      root.classList.remove("adjusting", "dark");
      root.style.removeProperty("--trial");
      display.replaceChildren();
      this.jsPsych.finishTrial({
        start_step: trial.start,
        match_step: setting.step,
        ...(setting.contrast ? { start_contrast_step: trial.start_contrast, match_contrast_step: setting.contrastStep } : {}),
        rt,
        away: Math.round(away),
        adjustments: setting.adjustments,
        comparison_place: screen.place,
        magnification: screen.magnification,
        device_pixel_ratio: pixelRatio(),
        darkened: dark,
        stopped,
      });
    };
    const change = (by, which = 0) => {
      setting.change(by, which);
      screen.show(setting);
    };
    const done = () => (setting.adjustments ? finish(false) : screen.say(text("trial.untouched")));
    const stop = () => screen.confirmStop(() => {
      trial.on_stop();
      finish(true);
    });

    screen.show(setting);
    listenToKeys({ change, done, outline: () => screen.toggleOutline() }, trial.coarse, listening.signal);
    listenToPointers(screen, setting, change, trial.coarse, listening.signal);
    screen.on("done", done);
    screen.on("stop", stop);
    onNewPixels(() => screen.arrange(), listening.signal);
    const observer = new ResizeObserver(() => screen.arrange()); // whatever else takes room: a line that wraps, a larger font
    observer.observe(screen.stage);
    listening.signal.addEventListener("abort", () => observer.disconnect());
  }
}

/** Which colour the comparison's target has, and how it got there. */
class Setting {
  constructor(start, count, circular) {
    Object.assign(this, { start, count, circular, offset: 0, adjustments: 0, direction: 0, last: -Infinity });
  }

  get step() {
    return (((this.start + this.offset) % this.count) + this.count) % this.count;
  }

  /** Which of the colours is shown. */
  get colour() {
    return this.step;
  }

  /** Where the slider stands: in its middle at the start, so that it does not tell which colour is the right one. */
  get sliders() {
    return [this.count - 1 + this.offset];
  }

  change(by) {
    const wanted = this.offset + by;
    const offset = this.circular ? wanted : Math.min(Math.max(wanted, -this.start), this.count - 1 - this.start);
    if (offset === this.offset) return;
    const direction = Math.sign(offset - this.offset);
    const now = performance.now();
    if (direction !== this.direction || now - this.last > PAUSE) this.adjustments += 1;
    Object.assign(this, { offset, direction, last: now });
  }
}

/** Azimuth and contrast of the comparison's target; the gamut has fewer contrasts at some azimuths than at others. */
class DiscSetting {
  constructor(start, startContrast, begins) {
    const counts = begins.slice(1).map((end, i) => end - begins[i]);
    this.azimuth = new Setting(start, counts.length, true);
    this.contrast = new Setting(startContrast, Math.max(...counts), false);
    Object.assign(this, { begins, counts });
  }

  get step() {
    return this.azimuth.step;
  }

  get contrastStep() {
    return Math.min(this.contrast.step, this.counts[this.step] - 1);
  }

  get adjustments() {
    return this.azimuth.adjustments + this.contrast.adjustments;
  }

  get colour() {
    return this.begins[this.step] + this.contrastStep;
  }

  get sliders() {
    const { azimuth, contrast } = this;
    return [azimuth.sliders[0], contrast.count - 1 + this.contrastStep - contrast.start];
  }

  change(by, which) {
    if (which === 0) return this.azimuth.change(by);
    this.contrast.offset = this.contrastStep - this.contrast.start; // the offset that shows the current contrast
    return this.contrast.change(Math.min(by, this.counts[this.step] - 1 - this.contrastStep));
  }
}

/** How long a person was away: until the page is shown again, its window in front, or anything done in it. */
class Absence {
  constructor(signal) {
    this.total = 0;
    this.since = document.hidden ? performance.now() : null;
    const leave = () => { this.since ??= performance.now(); };
    const back = () => { if (!document.hidden) this.end(); };
    document.addEventListener("visibilitychange", () => (document.hidden ? leave() : back()), { signal });
    window.addEventListener("blur", leave, { signal });
    const options = { signal, capture: true, passive: true };
    for (const done of ["focus", "pointerdown", "pointermove", "keydown", "wheel"]) window.addEventListener(done, back, options);
  }

  end() {
    if (this.since !== null) this.total += performance.now() - this.since;
    this.since = null;
  }

  soFar() {
    return this.total + (this.since === null ? 0 : performance.now() - this.since);
  }
}

/** What stands on the screen during a trial. */
class Screen {
  constructor(display, trial) {
    const { reference, referenceColour, comparison, colours, begins } = trial.pictures();
    Object.assign(this, { trial, colours, begins });
    const most = begins && Math.max(...begins.slice(1).map((end, i) => end - begins[i]));
    display.innerHTML = layout(trial, begins ? [begins.length - 1, most] : [colours.length], Boolean(reference));
    this.find = (role) => display.querySelector(`[data-role="${role}"]`);
    this.stage = this.find("stage");
    this.stage.style.backgroundImage = `url("${plain(getComputedStyle(this.stage).getPropertyValue("--page"))}")`;
    this.slider = this.find("slider");
    this.sliders = [this.slider, this.find("slider-contrast")].filter(Boolean);
    this.comparison = new Picture(comparison, "comparison");
    this.reference = reference && new Picture(reference, "reference");
    this.reference?.paint(referenceColour);
    const order = trial.reference_first ? [this.reference, this.comparison] : [this.comparison, this.reference];
    this.pictures = order.filter(Boolean);
    for (const picture of this.pictures) this.stage.append(picture.canvas, picture.outline);
    this.arrange();
    if (reference) this.outlineForAWhile();
    this.slider.focus({ preventScroll: true });
  }

  on(role, listener) {
    this.find(role)?.addEventListener("click", listener);
  }

  show(setting) {
    this.comparison.paint(this.colours[setting.colour]);
    setting.sliders.forEach((value, i) => { this.sliders[i].value = value; });
    this.stage.dataset.step = setting.step;
    this.stage.dataset.contrast = setting.contrastStep ?? "";
    if (setting.adjustments) this.say("");
  }

  say(words) {
    this.find("said").textContent = words;
  }

  /** Place the pictures anew, as after the window has changed its size, or the telephone was turned. */
  arrange() {
    this.find("small").hidden = true;
    let height;
    do { // the text above and below depends on the size of the pictures, and leaves them less room
      height = this.stage.clientHeight;
      this.arrangeInRoom();
      this.find("question").innerHTML = this.trial.question(this.place);
      if (this.magnification < 1) this.find("small").hidden = false;
    } while (this.stage.clientHeight < height);
  }

  arrangeInRoom() {
    const ratio = window.devicePixelRatio;
    const rasters = this.pictures.map(({ raster }) => raster);
    const { left, top } = this.stage.getBoundingClientRect();
    const room = { left, top, width: this.stage.clientWidth, height: this.stage.clientHeight };
    const largest = (this.trial.magnification * rasters[0].width) / ratio || undefined;
    const { magnification, stacked, places } = place(rasters, room, ratio, largest);
    this.magnification = magnification;
    this.pictures.forEach((picture, i) => picture.stand(places[i], magnification / ratio));
    const alone = this.pictures.length === 1;
    const second = this.trial.reference_first;
    this.place = alone ? "alone" : stacked ? (second ? "below" : "above") : second ? "right" : "left";
  }

  toggleOutline() {
    clearTimeout(this.timer);
    this.stage.classList.toggle("outlined");
  }

  outlineForAWhile() {
    this.stage.classList.add("outlined");
    this.timer = setTimeout(() => this.stage.classList.remove("outlined"), OUTLINED);
    this.on("outline", () => this.toggleOutline());
  }

  confirmStop(stop) {
    const dialog = this.find("dialog");
    this.find("really").onclick = () => {
      dialog.close();
      stop();
    };
    const backToTheSlider = () => this.slider.focus({ preventScroll: true }); // else Enter would stop again, not answer
    this.find("back").onclick = () => {
      dialog.close();
      backToTheSlider(); // at once: the event "close" comes a moment later
    };
    dialog.onclose = backToTheSlider; // by Escape
    dialog.showModal();
  }
}

/** One picture: a canvas of its own pixels, and one above it for the outline of its target. */
class Picture {
  constructor(raster, role) {
    this.raster = raster;
    this.canvas = canvas(raster, role);
    this.outline = canvas(raster, `${role}-outline`);
    this.outline.className = "outline";
    this.context = this.canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    this.outline.getContext("2d").putImageData(outline(raster), 0, 0);
    this.image = this.context.createImageData(raster.width, raster.height);
    this.covered = covered(raster);
    paint(this.image, raster, raster.coverage.keys(), [0, 0, 0]);
  }

  paint(colour) {
    paint(this.image, this.raster, this.covered, colour);
    this.context.putImageData(this.image, 0, 0);
  }

  stand({ left, top }, scale) {
    for (const { style } of [this.canvas, this.outline]) {
      style.left = `${left}px`;
      style.top = `${top}px`;
      style.width = `${this.raster.width * scale}px`;
      style.height = `${this.raster.height * scale}px`;
    }
  }
}

/** A colour as a picture, which browsers that darken pages leave as it is. */
function plain(colour) {
  const rect = `<rect width="1" height="1" fill="${colour.trim()}"/>`;
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1">${rect}</svg>`)}`;
}

function canvas({ width, height }, role) {
  return Object.assign(document.createElement("canvas"), { width, height, id: `picture-${role}` });
}

function layout(trial, counts, paired) {
  const button = (role, words, more = "") =>
    `<button type="button" class="jspsych-btn" data-role="${role}" ${more}>${words}</button>`;
  const { coarse, less, more, paler, stronger } = trial;
  const slider = (count, which, low, high) => {
    const by = (steps, sign, words) =>
      button("by", sign, `data-by="${steps}" data-which="${which}" aria-label="${words}" title="${words}"`);
    const [role, label] = [["slider", "trial.slider"], ["slider-contrast", "trial.slider_contrast"]][which];
    return `
      <div class="ends" aria-hidden="true"><span>${low}</span><span>${high}</span></div>
      <div class="setting">
        ${by(-coarse, "−−", text("trial.much", { way: low }))}${by(-1, "−", text("trial.little", { way: low }))}
        <input type="range" min="0" max="${2 * (count - 1)}" data-role="${role}" data-which="${which}" aria-label="${text(label)}">
        ${by(1, "+", text("trial.little", { way: high }))}${by(coarse, "++", text("trial.much", { way: high }))}
      </div>`;
  };
  return `
    <div class="adjustment">
      <p class="question" data-role="question"></p>
      <div class="stage" data-role="stage"></div>
      <div class="controls">
        ${slider(counts[0], 0, less, more)}
        ${counts.length > 1 ? slider(counts[1], 1, paler, stronger) : ""}
        <p class="said" data-role="said" role="status"></p>
        <div class="answers">
          ${trial.on_stop ? button("stop", text("trial.stop")) : ""}
          ${paired ? button("outline", text("trial.outline"), 'aria-keyshortcuts="T"') : ""}
          ${button("done", text("trial.done"), 'aria-keyshortcuts="Enter"')}
        </div>
        <p class="small" data-role="small" hidden>${text("trial.small")}</p>
      </div>
      <dialog data-role="dialog">
        <p>${text("trial.really")}</p>
        ${button("back", text("trial.back"), "autofocus")} ${button("really", text("trial.stop"))}
      </dialog>
    </div>`;
}

/** When the window has another size, or stands on a screen with other pixels. */
function onNewPixels(arrange, signal) {
  window.addEventListener("resize", arrange, { signal });
  const watch = () => {
    const resolution = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    const onChange = () => {
      arrange();
      watch();
    };
    resolution.addEventListener("change", onChange, { signal, once: true });
  };
  watch();
}

function listenToKeys({ change, done, outline: toggle }, coarse, signal) {
  const onKey = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.key in KEYS) {
      const [by, which, much] = KEYS[event.key];
      change(by * (event.shiftKey || much ? coarse : 1), which || Number(event.target.dataset?.which ?? 0));
    } else if (event.key === "Enter" && !event.target.closest("button")) event.repeat || done();
    else if (isT(event)) event.repeat || toggle();
    else if (event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
  };
  document.addEventListener("keydown", onKey, { signal, capture: true });
}

/** The key T; on a keyboard of another alphabet the one in its place. */
function isT({ key, code }) {
  return key.toLowerCase() === "t" || (code === "KeyT" && !/^[a-z]$/i.test(key));
}

function listenToPointers(screen, setting, change, coarse, signal) {
  const { stage, sliders } = screen;
  sliders.forEach((slider, which) => {
    slider.addEventListener("input", () => change(slider.valueAsNumber - setting.sliders[which], which));
  });
  for (const button of document.querySelectorAll("[data-by], [data-role=outline]")) {
    button.addEventListener("pointerdown", (event) => event.preventDefault()); // so that Enter still means Done
  }
  for (const button of document.querySelectorAll("[data-by]")) {
    button.addEventListener("click", () => change(Number(button.dataset.by), Number(button.dataset.which)));
  }
  let rolled = 0;
  const onWheel = (event) => {
    event.preventDefault(); // neither scrolling nor, with Ctrl, another zoom
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
    rolled -= (event.deltaY || event.deltaX) * lines;
    const steps = Math.trunc(rolled / WHEEL);
    rolled -= steps * WHEEL;
    if (steps) change(steps * (event.shiftKey ? coarse : 1));
  };
  document.addEventListener("wheel", onWheel, { signal, passive: false });
  let from = null;
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    from = [event.clientX, -event.clientY];
  });
  stage.addEventListener("pointermove", (event) => {
    if (from === null) return;
    sliders.forEach((_, which) => {
      const steps = Math.trunc(([event.clientX, -event.clientY][which] - from[which]) / DRAG);
      from[which] += steps * DRAG;
      if (steps) change(steps, which);
    });
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => (from = null));
}
