// The trials of a session: every pair in random order, with random starts, the sides swapped.

/** Where a target starts: at any colour with the same chance, but not at the one that it is to be compared with. */
export function randomStart(count, avoided, random) {
  const start = Math.floor(random() * (count - 1));
  return start >= avoided ? start + 1 : start;
}

/** Half of n true and half false, the odd one by chance, in random order. */
function balanced(n, random, shuffle) {
  const odd = random() < 0.5;
  return shuffle(Array.from({ length: n }, (_, i) => (i % 2 === 0) === odd));
}

/**
 * Every trial but the training: blocks of one repetition each, shuffled within, so that tiredness falls on all alike.
 * Catch trials, one for each condition of each stimulus or for its reference alone, are spread over the blocks.
 * @param {Object} configuration
 * @param {() => number} random in [0, 1)
 * @param {<T>(list: T[]) => T[]} shuffle
 */
export function trialsOf({ stimuli, repetitions }, random, shuffle) {
  const blocks = Array.from({ length: repetitions }, () => []);
  for (const stimulus of stimuli) {
    for (const [reference, comparison] of stimulus.pairs) {
      balanced(repetitions, random, shuffle).forEach((referenceFirst, i) => {
        blocks[i].push({ part: "trial", stimulus, reference, comparison, referenceFirst, repetition: i + 1 });
      });
    }
  }
  const catches = stimuli.flatMap((stimulus) => stimulus.catches.map((name) => [stimulus, name]));
  const sides = balanced(catches.length, random, shuffle);
  shuffle(catches).forEach(([stimulus, name], i) => {
    const repetition = (i % repetitions) + 1;
    const pair = { reference: name, comparison: name };
    blocks[repetition - 1].push({ part: "catch", stimulus, ...pair, referenceFirst: sides[i], repetition });
  });
  return blocks.flatMap((block) => shuffle(block)).map((trial) => withStart(trial, random));
}

/** A trial to learn on: both surrounds the same, so that there is a right answer. */
export function trainingOf({ stimuli }, random) {
  const [name] = stimuli[0].catches;
  const pair = { reference: name, comparison: name, referenceFirst: true, repetition: 0 };
  return withStart({ part: "training", stimulus: stimuli[0], ...pair }, random);
}

function withStart(trial, random) {
  return { ...trial, ...startOf(trial.stimulus, random) };
}

/** Where a trial begins: any value of the sweep, or any azimuth of a disc and any contrast that the gamut has there. */
export function startOf({ values, nearest, disc }, random) {
  if (!disc) return { start: randomStart(values.length, nearest, random) };
  const start = randomStart(disc.begins.length - 1, disc.nearest, random);
  return { start, startContrast: Math.floor(random() * (disc.begins[start + 1] - disc.begins[start])) };
}
