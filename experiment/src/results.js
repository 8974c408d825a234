// The last page: a person's own matches beside the prediction, and the files.
import { fromPolar } from "./disc.js";
import { escape, text } from "./text.js";

/** Show the page, with buttons that save the data. `handed`: whether a host has them; null if there is none. */
export function showResults(display, { configuration, trials, data, name, stopped, handed }) {
  const files = { json: `${name}.json`, csv: `${name}.csv` };
  const thanks = handed ? (stopped ? "stopped_sent" : "sent") : stopped ? "stopped" : "thanks";
  display.innerHTML = `
    <article class="results">
      <h1 tabindex="-1">${text("results.title")}</h1>
      ${handed === false ? `<p><strong>${text("results.unsent")}</strong></p>` : ""}
      <p>${text(`results.${thanks}`)}</p>
      <p class="save">
        ${Object.entries(files).map(([format, file]) => saveButton(format, file)).join(" ")}
      </p>
      <p role="status" id="saved"></p>
      <textarea id="copy" rows="6" readonly hidden aria-label="${text("results.copy")}"></textarea>
      <p class="soft">${text("results.which")}</p>
      ${sections(configuration, trials) || `<p>${text("results.nothing")}</p>`}
      ${catches(configuration, trials)}
      <p class="soft">${text("results.limits")}</p>
    </article>`;
  let safe = Boolean(handed);
  window.addEventListener("beforeunload", (event) => safe || event.preventDefault());
  const copy = document.getElementById("copy");
  copy.addEventListener("copy", () => { safe = true; });
  for (const button of display.querySelectorAll("[data-format]")) {
    button.addEventListener("click", () => {
      const { format } = button.dataset;
      data.localSave(format, files[format]);
      const sure = canDownload();
      safe ||= sure;
      document.getElementById("saved").textContent = text(sure ? "results.saved" : "results.asked", { file: files[format] });
      if (sure) return;
      copy.value = data[format]();
      copy.hidden = false;
      copy.focus();
      copy.select();
    });
  }
  display.querySelector("h1").focus();
}

/** Whether a file that is saved lands on the disk: a frame or a host's sandbox may forbid it, and nothing tells. */
function canDownload() {
  const isSandboxed = window.origin === "null" && /^https?:$/.test(window.location.protocol);
  return window.self === window.top && !isSandboxed;
}

function saveButton(format, file) {
  return `<button type="button" class="jspsych-btn" data-format="${format}">${text("results.json", { file })}</button>`;
}

function sections(configuration, trials) {
  return configuration.stimuli
    .flatMap((stimulus) => stimulus.pairs.map(([reference, comparison]) => ({ stimulus, reference, comparison })))
    .map((pair) => ({ ...pair, rows: rowsOf(trials, pair) }))
    .filter(({ rows }) => rows.length)
    .map((pair) => (pair.stimulus.disc ? discSection : section)(pair, predictionOf(configuration, pair)))
    .join("");
}

function rowsOf(trials, { stimulus, reference, comparison }) {
  const wanted = { part: "trial", stimulus: stimulus.name, reference_condition: reference, comparison_condition: comparison };
  return trials.filter((row) => Object.keys(wanted).every((key) => row[key] === wanted[key]));
}

function predictionOf({ predictions }, { stimulus, reference, comparison }) {
  return predictions.find((p) => p.stimulus === stimulus.name && p.reference === reference && p.comparison === comparison);
}

/** The matches of hue and contrast of a pair, beside the prediction: in words, as a disc has no strip. */
function discSection({ stimulus, reference, comparison, rows }, prediction) {
  const { disc, title } = stimulus;
  const mean = rows.map(({ match, match_contrast: contrast }) => fromPolar(match, contrast));
  const [x, y] = [0, 1].map((i) => mean.reduce((sum, each) => sum + each[i], 0) / mean.length);
  const found = turned(disc, [x, y]);
  const said = { ...found, n: rows.length, azimuth: show(disc.azimuth), contrast: show(disc.contrast) };
  const { model, hue_shift: hue, hue_shift_standard_error: hueError, contrast_ratio: ratio, contrast_ratio_standard_error: ratioError } = prediction ?? {};
  const predicted = { model, hue: show(hue ?? 0), hueError: show(hueError ?? 0, 1), ratio: show(ratio ?? 0), ratioError: show(ratioError ?? 0, 1) };
  return `
    <section>
      <h2>${text("results.heading", { title, reference, comparison })}</h2>
      <p>${text("results.disc", said)} ${prediction ? text("results.disc_predicted", predicted) : ""}</p>
    </section>`;
}

function turned({ azimuth, contrast }, [x, y]) {
  const turn = ((((Math.atan2(y, x) * 180) / Math.PI - azimuth + 540) % 360) + 360) % 360 - 180;
  return { hue: show(turn), ratio: show(Math.hypot(x, y) / contrast) };
}

function section({ stimulus, reference, comparison, rows }, prediction) {
  const steps = rows.map((row) => row.match_step);
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  const marks = [
    ...steps.map((step) => mark("yours", position(stimulus, step))),
    mark("average", position(stimulus, mean)),
    mark("same", position(stimulus, stepOf(stimulus, stimulus.value))),
    ...(prediction?.pse === null || !prediction ? [] : [mark("model", position(stimulus, stepOf(stimulus, prediction.pse)))]),
  ];
  const found = {
    mean: show(valueAt(stimulus, mean)), n: steps.length, axis: stimulus.axis.label, reference, physical: show(stimulus.value),
  };
  return `
    <section>
      <h2>${text("results.heading", { title: stimulus.title, reference, comparison })}</h2>
      <div class="strip" aria-hidden="true">
        <div class="colours" style="background: linear-gradient(to right, ${stops(stimulus)})"></div>${marks.join("")}
      </div>
      <ul class="legend" aria-hidden="true">
        ${["yours", "average", "same", "model"].filter((kind) => kind !== "model" || marks.at(-1).includes("model"))
          .map((kind) => `<li><i class="${kind}"></i>${text(`results.${kind}`)}</li>`).join("")}
      </ul>
      <p>${text("results.mean", found)} ${prediction ? predicted(prediction) : ""}</p>
    </section>`;
}

function predicted({ model, pse, standard_error: error }) {
  if (pse === null) return text("results.no_prediction", { model });
  const key = error === null ? "results.predicted_only" : "results.predicted";
  return text(key, { model, pse: show(pse), error: error === null ? "" : show(error, 1) });
}

function catches({ models, stimuli, catch_tolerance: limit }, trials) {
  const offs = trials.filter(({ part }) => part === "catch").map((row) => {
    const stimulus = stimuli.find(({ name }) => name === row.stimulus);
    return shareOff(stimulus, row);
  });
  const off = offs.length ? `<p>${text("results.catches", { off: percent(median(offs)), n: offs.length, limit: percent(limit) })}</p>` : "";
  const at = models
    .map(({ name, temperature, unit }) => text(`results.temperature_by_${unit}`, { model: name, temperature: show(temperature) }))
    .map((sentence) => `<p class="soft">${sentence}</p>`)
    .join("");
  return off + at;
}

/** How far a setting is from the physically equal one, as a share of the sweep, or of the width of the gamut. */
export function shareOff({ values, nearest }, { match_step: step, off }) {
  return off ?? Math.abs(step - nearest) / (values.length - 1);
}

/** A share as per cent, in whole numbers. */
export function percent(share) {
  return Math.round(100 * share);
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The values of a sweep are equally far apart; those of a circular axis begin opposite to the target. */
function stepOf({ values, axis }, value) {
  const step = (value - values[0]) / axis.step;
  return axis.circular ? ((step % values.length) + values.length) % values.length : step;
}

function valueAt({ values, axis }, step) {
  const value = values[0] + step * axis.step;
  return axis.circular ? value % axis.high : value;
}

function position({ values }, step) {
  return Math.min(Math.max(step / (values.length - 1), 0), 1);
}

function mark(kind, share) {
  return `<i class="${kind}" style="left: ${(100 * share).toFixed(2)}%"></i>`;
}

function stops({ colours }) {
  const picked = colours.filter((_, i) => i % 8 === 0 || i === colours.length - 1);
  return picked.map((colour) => `rgb(${colour.join(" ")})`).join(", ");
}

function show(number, digits = 3) {
  return escape(Number(number.toPrecision(digits)));
}
