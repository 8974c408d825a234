// A pair of pictures as a trial of jsPsych, with the columns that readers know.
import AdjustmentPlugin from "./adjustment.js";
import { unpack } from "./raster.js";
import { has, text } from "./text.js";

/**
 * The trial of a pair.
 * @param {Object} pair of design.js
 * @param {(width: number) => number | null} degrees of visual angle of a width in pixels of the screen
 */
export function adjustment({ part, stimulus, reference, comparison, referenceFirst, repetition, start: first }, degrees) {
  const { name, fingerprint, axis, conditions, colours, value, values, nearest } = stimulus;
  const ways = has(`ways.${axis.name}.less`) ? axis.name : "other";
  return {
    type: AdjustmentPlugin,
    pictures: () => ({
      reference: unpack(conditions[reference]),
      referenceColour: stimulus.reference_colour,
      comparison: unpack(conditions[comparison]),
      colours,
    }),
    start: first,
    circular: axis.circular,
    ground: stimulus.ground,
    reference_first: referenceFirst,
    question: (place) => text(`trial.question.${place}`),
    less: text(`ways.${ways}.less`),
    more: text(`ways.${ways}.more`),
    data: {
      part,
      stimulus: name,
      fingerprint,
      axis: axis.name,
      ...(axis.s_scale === null ? {} : { s_scale: axis.s_scale }),
      reference_condition: reference,
      comparison_condition: comparison,
      repetition,
      reference_value: value,
      reference_step: nearest,
      steps: values.length,
    },
    on_finish: (data) => {
      const width = conditions[comparison].width * data.magnification * (window.visualViewport?.scale ?? 1);
      Object.assign(data, { start: values[data.start_step], picture_degrees: degrees(width) });
      if (data.stopped) data.part = "stopped";
      else data.match = values[data.match_step];
    },
  };
}
