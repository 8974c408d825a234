// The matches of some stimuli as a timeline for any page with jsPsych 8: `illusions export --for jspsych` fills in the stimuli.
import { trialsOf } from "./design.js";
import { pixelRatio } from "./screen.js";
import { adjustment } from "./trial.js";

const STIMULI = "{{stimuli}}";
/** Columns by which `illusions compare` knows the sealed rows of `illusions experiment`, and others that it does not read. */
const OF_THE_PAGE = ["fingerprint", "reference_step", "steps", "start_step", "match_step", "stopped"];

/**
 * Every pair of conditions, and catch trials with the same condition twice, in random order.
 * @param {JsPsych} jsPsych
 * @param {Object} options
 * @param {string} options.observer a code; a property `observer` that the page adds to all data has precedence
 * @param {number} options.repetitions matches per pair
 * @param {number | (() => number)} options.pixelsPerDegree CSS pixels per degree of visual angle, as `px2deg` of
 *   @jspsych/plugin-virtual-chinrest, for the column picture_degrees
 */
globalThis.illusionsTimeline = function (jsPsych, { observer, repetitions = 4, pixelsPerDegree = null } = {}) {
  const { randomID, shuffle } = jsPsych.randomization;
  const degrees = (width) => {
    const per = typeof pixelsPerDegree === "function" ? pixelsPerDegree() : pixelsPerDegree;
    return per ? width / pixelRatio() / per : null;
  };
  const oneTrial = (pair) => {
    const trial = adjustment(pair, degrees);
    const onFinish = (data) => {
      trial.on_finish(data);
      for (const column of OF_THE_PAGE) delete data[column];
    };
    return { ...trial, on_finish: onFinish };
  };
  const trials = trialsOf({ stimuli: STIMULI, repetitions }, Math.random, shuffle);
  return { timeline: trials.map(oneTrial), data: { observer: observer ?? randomID(8) } };
};
