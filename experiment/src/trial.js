// A pair of pictures as a trial of jsPsych, with the columns that readers know.
import AdjustmentPlugin from "./adjustment.js";
import { setOnDisc } from "./disc.js";
import { unpack, unpackColours } from "./raster.js";
import { has, text } from "./text.js";

/**
 * The trial of a pair.
 * @param {Object} pair of design.js
 * @param {(width: number) => number | null} degrees of visual angle of a width in pixels of the screen
 */
export function adjustment({ part, stimulus, reference, comparison, referenceFirst, repetition, start: first, startContrast }, degrees) {
  const { name, fingerprint, axis, conditions, value, values, nearest, disc } = stimulus;
  const ways = has(`ways.${axis.name}.less`) ? axis.name : "other";
  const set = disc
    ? (data) => setOnDisc(disc, data)
    : ({ start_step: from, match_step: to }) => ({ start: values[from], match: values[to] });
  return {
    type: AdjustmentPlugin,
    pictures: () => ({
      reference: unpack(conditions[reference]),
      referenceColour: stimulus.reference_colour,
      comparison: unpack(conditions[comparison]),
      ...(disc ? { colours: unpackColours(disc.colours), begins: disc.begins } : { colours: stimulus.colours }),
    }),
    start: first,
    start_contrast: startContrast,
    circular: axis.circular,
    ground: stimulus.ground,
    reference_first: referenceFirst,
    question: (place) => text(`trial.question.${place}`),
    less: text(`ways.${ways}.less`),
    more: text(`ways.${ways}.more`),
    paler: text("ways.dkl-contrast.less"),
    stronger: text("ways.dkl-contrast.more"),
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
      ...(disc ? { reference_contrast: disc.contrast } : { reference_step: nearest, steps: values.length }),
    },
    on_finish: (data) => {
      const width = conditions[comparison].width * data.magnification * (window.visualViewport?.scale ?? 1);
      const { match, match_contrast, off, ...begun } = set(data);
      Object.assign(data, begun, { picture_degrees: degrees(width) });
      if (data.stopped) data.part = "stopped";
      else Object.assign(data, { match }, disc ? { match_contrast, off } : {});
    },
  };
}
