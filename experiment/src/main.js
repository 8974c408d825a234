// One session: the pages before, the trials, and the results.
import BrowserCheckPlugin from "@jspsych/plugin-browser-check";
import CallFunctionPlugin from "@jspsych/plugin-call-function";
import FullscreenPlugin from "@jspsych/plugin-fullscreen";
import HtmlButtonResponsePlugin from "@jspsych/plugin-html-button-response";
import InstructionsPlugin from "@jspsych/plugin-instructions";
import SurveyHtmlFormPlugin from "@jspsych/plugin-survey-html-form";
import { initJsPsych } from "jspsych";

import AdjustmentPlugin from "./adjustment.js";
import { randomStart, startOf, trainingOf, trialsOf } from "./design.js";
import { handOver, handOverOnLeaving, handOverSoFar, isHosted, offerData } from "./host.js";
import { percent, shareOff, showResults } from "./results.js";
import { aboutData, aboutForm, darkened, degrees, followForm, gammaOf, GREYS, lacking, measured, screenData, stripes } from "./screen.js";
import { seal } from "./seal.js";
import { text } from "./text.js";
import { adjustment } from "./trial.js";

/** Of the data's columns; a reader refuses those that it does not know. */
const FORMAT = 1;
/** A match takes about so many seconds. */
const SECONDS = 20;
/** The training is repeated until a person has seen what is asked, but no more often than this. */
const TRAININGS = 3;
const PARTS = ["trial", "catch"];

start();

function start() {
  const configuration = readConfiguration();
  const missing = lacking();
  document.getElementById("loading").remove();
  if (!configuration || missing.length) {
    const reason = configuration ? text("needs.missing", { features: missing.join(", ") }) : text("needs.damaged");
    const advice = configuration ? `<p>${text("needs.advice")}</p>` : "";
    document.getElementById("needs").innerHTML = `<h1>${text("needs.title")}</h1><p>${reason}</p>${advice}`;
    return;
  }
  document.getElementById("needs").remove();
  offerData();
  document.title = text("title");
  run(configuration);
}

function readConfiguration() {
  try {
    return JSON.parse(document.getElementById("configuration").textContent);
  } catch {
    return null;
  }
}

function run(configuration) {
  const jsPsych = initJsPsych({
    show_progress_bar: true,
    auto_update_progress_bar: false,
    message_progress_bar: "",
    on_finish: () => showEnd(jsPsych, configuration, session),
  });
  const seed = jsPsych.randomization.setSeed();
  const session = {
    id: jsPsych.randomization.randomID(16),
    seed,
    measured: {},
    stopped: false,
    trainings: 0,
    trials: trialsOf(configuration, Math.random, jsPsych.randomization.shuffle),
  };
  jsPsych.data.addProperties({ session: session.id, observer: session.id });
  const isMidway = () => answered(jsPsych).length && !session.ended;
  window.addEventListener("beforeunload", (event) => isMidway() && event.preventDefault());
  window.addEventListener("pagehide", () => isMidway() && handOverOnLeaving(soFar(jsPsych)));
  jsPsych.run([
    browserCheck(jsPsych, configuration, session),
    pages(() => ["welcome.what", "welcome.no_right", "welcome.length", isHosted() ? "welcome.hosted" : "welcome.private"], session),
    pages(() => [...(darkened() ? ["room.darkened"] : []), "room.light", "room.screen", "room.unknown"], session),
    fullscreen(),
    about(jsPsych, session),
    gamma(),
    pages(() => ["how.targets", ...(configuration.disc ? ["how.disc"] : []), "how.hand", "how.keys", "how.training"], session),
    training(configuration, session),
    { name: "trials", timeline: session.trials.flatMap((trial, i) => oneTrial(jsPsych, configuration, session, trial, i)) },
    theEnd(jsPsych, session),
    { type: FullscreenPlugin, fullscreen_mode: false, delay_after: 0 },
  ]);
}

function browserCheck(jsPsych, { version, experiment, command }, { seed }) {
  return {
    type: BrowserCheckPlugin,
    features: ["width", "height", "browser", "browser_version", "mobile", "os", "fullscreen", "vsync_rate"],
    vsync_frame_count: 30,
    data: { part: "screen", format: FORMAT, version, experiment, command, seed, date: new Date().toISOString() },
    on_load: () => { jsPsych.getDisplayElement().innerHTML = `<p role="status">${text("loading")}</p>`; },
    on_finish: (data) => Object.assign(data, screenData()),
  };
}

/** A page of instructions: its heading and its paragraphs, known when it is shown. */
function pages(keysNow, { trials }) {
  const values = { trials: trials.length, minutes: Math.ceil((trials.length * SECONDS) / 60) };
  const article = (keys) => {
    const paragraphs = keys.map((key) => `<p>${text(key, values)}</p>`).join("");
    return `<article><h1>${text(`${keys[0].split(".")[0]}.title`)}</h1>${paragraphs}</article>`;
  };
  return {
    type: InstructionsPlugin,
    pages: () => [article(keysNow())],
    show_clickable_nav: true,
    allow_backward: false,
    button_label_next: text("next"),
    on_load: () => focusOn("#jspsych-instructions-next"),
  };
}

function fullscreen() {
  return {
    type: FullscreenPlugin,
    message: `<p>${text("fullscreen.message")}</p>`,
    button_label: text("fullscreen.button"),
    delay_after: 500,
    on_load: () => focusOn("#jspsych-fullscreen-btn"),
  };
}

function about(jsPsych, session) {
  return {
    type: SurveyHtmlFormPlugin,
    html: aboutForm,
    button_label: text("about.button"),
    data: { part: "about" },
    on_load: followForm,
    on_finish: (data) => {
      const answers = aboutData(data.response);
      session.measured = measured(answers);
      session.observer = data.response.observer;
      if (session.observer) jsPsych.data.addProperties({ observer: session.observer });
      Object.assign(data, answers);
    },
  };
}

function gamma() {
  return {
    type: AdjustmentPlugin,
    pictures: () => ({ comparison: stripes(), colours: GREYS }),
    start: () => randomStart(GREYS.length, GREYS.length - 1, Math.random),
    magnification: () => Math.max(1, Math.round(window.devicePixelRatio)),
    question: () => text("gamma.question"),
    less: text("gamma.less"),
    more: text("gamma.more"),
    data: { part: "gamma" },
    on_finish: (data) => Object.assign(data, { grey: data.match_step, gamma: gammaOf(data.match_step) }),
  };
}

/** The training trial with what is said about it, until it goes well. */
function training(configuration, session) {
  const trial = trainingOf(configuration, Math.random);
  const { stimulus } = trial;
  let off = 0;
  const good = () => off <= configuration.catch_tolerance;
  const setting = adjustment(trial, (width) => degrees(width, session.measured));
  let begun;
  const practise = {
    ...setting,
    start: () => {
      begun = startOf(stimulus, Math.random);
      return begun.start;
    },
    start_contrast: () => begun.startContrast,
    on_finish: (data) => {
      setting.on_finish(data);
      off = shareOff(stimulus, data);
      session.trainings += 1;
    },
  };
  const said = () => (good() ? "good" : session.trainings < TRAININGS ? "again" : "enough");
  const tell = {
    type: HtmlButtonResponsePlugin,
    stimulus: () => `<article><p>${text(`training.${said()}`, { off: percent(off) })}</p></article>`,
    choices: [text("training.button")],
    save_trial_parameters: { stimulus: false }, // a column that belongs to the names of stimuli
    on_load: () => focusOn("#jspsych-html-button-response-btngroup button"),
  };
  return { timeline: [practise, tell], loop_function: () => said() === "again" };
}

function oneTrial(jsPsych, configuration, session, trial, i) {
  const stop = () => {
    session.stopped = true;
    jsPsych.abortTimelineByName("trials");
  };
  const setting = adjustment(trial, (width) => degrees(width, session.measured));
  const adjust = {
    ...setting,
    on_stop: stop,
    on_finish: (data) => {
      setting.on_finish(data);
      showProgress(jsPsych, session);
      handOverSoFar(soFar(jsPsych));
    },
  };
  const pause = i > 0 && i % configuration.break_every === 0;
  return pause ? [breakPage(jsPsych, session, i, stop), adjust] : [adjust];
}

function breakPage(jsPsych, { trials }, done, stop) {
  const words = text("break.words", { done, total: trials.length });
  return {
    type: HtmlButtonResponsePlugin,
    stimulus: `<article><h1>${text("break.title")}</h1><p>${words}</p></article>`,
    choices: [text("break.button"), text("break.stop")],
    save_trial_parameters: { stimulus: false },
    data: { part: "break" },
    on_load: () => focusOn("#jspsych-html-button-response-btngroup button"),
    on_finish: ({ response }) => {
      if (response === 1) stop();
    },
  };
}

/** The last row: whether everything was done, and the seal on all rows. */
function theEnd(jsPsych, session) {
  return {
    type: CallFunctionPlugin,
    func: () => {},
    on_finish: (data) => {
      session.ended = true;
      end(jsPsych.data.get().values(), session.stopped ? "stopped" : "done");
    },
  };
}

/** Make the last of the rows their end, with the seal on all. */
function end(rows, reason) {
  const last = rows.at(-1);
  Object.assign(last, { part: "end", format: FORMAT, complete: reason === "done", reason, rows: rows.length });
  last.seal = seal(rows);
}

/** The data of somebody who is not yet done, as JSON: with an end, so that they can be read if nothing follows. */
function soFar(jsPsych) {
  const { session, observer } = jsPsych.data.get().values()[0];
  const rows = [...jsPsych.data.get().values(), { session, observer }];
  end(rows, "left");
  return JSON.stringify(rows);
}

async function showEnd(jsPsych, configuration, session) {
  const name = session.observer ? `matches-${session.observer}` : "matches";
  document.body.classList.add("ended");
  const handed = await handOver(jsPsych.data.get().json());
  showResults(jsPsych.getDisplayElement(), {
    configuration,
    trials: answered(jsPsych),
    data: jsPsych.data.get(),
    name,
    stopped: session.stopped,
    handed,
  });
}

function answered(jsPsych) {
  return jsPsych.data.get().filterCustom(({ part }) => PARTS.includes(part)).values();
}

function showProgress(jsPsych, { trials }) {
  const done = answered(jsPsych).length;
  jsPsych.progressBar.progress = done / trials.length;
  document.querySelector("#jspsych-progressbar-container span").textContent = text("progress", { done, total: trials.length });
}

function focusOn(selector) {
  document.querySelector(selector)?.focus();
}
