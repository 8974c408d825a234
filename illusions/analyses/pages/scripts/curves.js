// Percentile ranks and matches at any temperature, from the log-likelihoods that are in the page: the same arithmetic as
// illusions/analyses/densities/curve.py and matching.py. A test reads both at several temperatures.
"use strict";

const LN2 = Math.log(2);

function logAddExp(a, b) {
  const high = Math.max(a, b);
  return high === -Infinity ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

function logSumExp(x) {
  const high = x.reduce((most, each) => Math.max(most, each), -Infinity);
  return high === -Infinity ? high : high + Math.log(x.reduce((sum, each) => sum + Math.exp(each - high), 0));
}

/** p_T in logarithms, normalised, for log-likelihoods in nats. */
function logMass(logLikelihood, temperature) {
  const exponent = Float64Array.from(logLikelihood, (each) => each / temperature);
  const total = logSumExp(exponent);
  return exponent.map((each) => each - total);
}

/** The logarithm of the mean of several densities, value by value. */
function logMean(masses) {
  if (masses.length === 1) return masses[0];
  return masses[0].map((_, i) => logSumExp(masses.map((mass) => mass[i])) - Math.log(masses.length));
}

/** What one patch width says, without one of the draws where `without` is its number. */
function massOfPart({ draws, pixels }, temperature, without) {
  const kept = draws.map((_, i) => i).filter((i) => i !== without);
  if (pixels) return logMean(kept.map((i) => logMass(draws[i], temperature * pixels[i])));
  const mean = draws[0].map((_, j) => kept.reduce((sum, i) => sum + draws[i][j], 0) / kept.length);
  return logMass(mean, temperature);
}

/** The logarithm of (Σ_{j<i} m_j + ½ m_i) for every i. */
function logMidRanks(mass) {
  let before = -Infinity;
  return mass.map((each) => {
    const rank = Math.min(logAddExp(before, each - LN2), 0);
    before = logAddExp(before, each);
    return rank;
  });
}

/** How many numbers of an increasing list are smaller than x; with `orEqual`, not greater. */
function countBelow(sorted, x, orEqual = false) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < x || (orEqual && sorted[middle] === x)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Logarithm of the linear interpolation of exp(logs). */
function interpolateLog(x, grid, logs) {
  const inside = Math.min(Math.max(x, grid[0]), grid[grid.length - 1]);
  const right = Math.min(Math.max(countBelow(grid, inside), 1), grid.length - 1);
  const t = (inside - grid[right - 1]) / (grid[right] - grid[right - 1]);
  return logAddExp(Math.log1p(-t) + logs[right - 1], Math.log(t) + logs[right]);
}

/** Where the linear interpolation of exp(logs), increasing, reaches exp(target); null where it does not. */
function invertLog(target, logs, grid) {
  if (!(logs[0] <= target && target <= logs[logs.length - 1])) return null;
  const first = countBelow(logs, target);
  const after = countBelow(logs, target, true);
  if (after > first) return (grid[first] + grid[after - 1]) / 2;
  const low = Math.exp(logs[first - 1] - logs[first]);
  const high = Math.exp(target - logs[first]);
  return grid[first - 1] + ((high - low) / (1 - low)) * (grid[first] - grid[first - 1]);
}

/** The curve of one condition, read at a temperature; `positions` are the values in the order of the rank. */
function readCurve(parts, { order, positions }, temperature, without) {
  const all = logMean(parts.map((part) => massOfPart(part, temperature, without)));
  const mass = Float64Array.from(order, (i) => all[i]);
  return { positions, mass, below: logMidRanks(mass), above: logMidRanks(mass.slice().reverse()).reverse() };
}

const logOdds = ({ positions, below, above }, position) => [
  interpolateLog(position, positions, below),
  interpolateLog(position, positions, above),
];

const rankOf = ([below, above]) => (below <= above ? Math.exp(below) : -Math.expm1(above));

/** The value whose percentile rank is given as log r and log(1 − r). */
function valueAt({ positions, below, above }, [logBelow, logAbove]) {
  if (logBelow <= logAbove) return invertLog(logBelow, below, positions);
  return invertLog(logAbove, above.slice().reverse(), positions.slice().reverse());
}

/** By the jackknife; NaN where nothing can be left out, or a replicate is missing. */
function standardError(replicates) {
  const k = replicates.length;
  if (k < 2 || replicates.some((each) => each === null)) return NaN;
  const mean = replicates.reduce((sum, each) => sum + each, 0) / k;
  return Math.sqrt(((k - 1) / k) * replicates.reduce((sum, each) => sum + (each - mean) ** 2, 0));
}

/** The values of a sweep in the order of the rank; on a circular axis they begin opposite to the target. */
function orderOf({ circular, period }, values, target) {
  const cut = target - period / 2;
  const turned = (value) => (circular ? cut + ((((value - cut) % period) + period) % period) : value);
  const order = [...values.keys()].sort((a, b) => turned(values[a]) - turned(values[b]));
  return { order, positions: Float64Array.from(order, (i) => turned(values[i])), turned };
}

/**
 * Everything about one stimulus at a temperature.
 *
 * stimulus: { axis: { circular, period, signed, step }, value, values, conditions: { name: parts } }, of which each part is
 * { draws: [Float32Array, …], pixels: null or one number per draw }.
 */
function readStimulus(stimulus, temperature) {
  const { axis, value, conditions } = stimulus;
  const order = orderOf(axis, stimulus.values, value);
  const target = order.turned(value);
  const names = Object.keys(conditions);
  const replicates = Object.values(conditions)[0][0].draws.length;
  const left = replicates > 1 ? [...Array(replicates).keys()] : [];
  const curves = {};
  const without = {};
  for (const name of names) {
    curves[name] = readCurve(conditions[name], order, temperature);
    without[name] = left.map((i) => readCurve(conditions[name], order, temperature, i));
  }
  const rank = (curve) => rankOf(logOdds(curve, target));
  const ranks = names.map((name) => {
    const others = names.filter((other) => other !== name);
    const effect = (read) => rank(read(name)) - others.reduce((sum, other) => sum + rank(read(other)), 0) / others.length;
    return {
      condition: name,
      rank: rank(curves[name]),
      rankError: standardError(without[name].map(rank)),
      effect: others.length ? effect((each) => curves[each]) : NaN,
      effectError: others.length ? standardError(left.map((i) => effect((each) => without[each][i]))) : NaN,
    };
  });
  const matches = names.flatMap((reference) =>
    names
      .filter((comparison) => comparison !== reference)
      .map((comparison) => readMatch(curves, without, reference, comparison, target, axis)),
  );
  const difference = (high, low) => ({
    value: rank(curves[high]) - rank(curves[low]),
    error: standardError(left.map((i) => rank(without[high][i]) - rank(without[low][i]))),
  });
  return { positions: order.positions, target, curves, without, ranks, difference, matches };
}

function readMatch(curves, without, reference, comparison, target, { circular, period, signed }) {
  const asked = logOdds(curves[reference], target);
  const pse = valueAt(curves[comparison], asked);
  const again = without[reference].map((curve, i) => valueAt(without[comparison][i], logOdds(curve, target)));
  const turned = (value) => (circular ? ((value % period) + period) % period : value);
  const { positions, below } = curves[comparison];
  const end = positions[asked[0] > below[0] ? positions.length - 1 : 0];
  let change = NaN;
  if (pse !== null && circular) change = (100 * (turned(pse - target + period / 2) - period / 2)) / period;
  else if (pse !== null && target && !signed) change = (100 * (pse - target)) / target;
  return {
    reference,
    comparison,
    rank: rankOf(asked),
    position: pse === null ? end : pse,
    pse: pse === null ? NaN : turned(pse),
    error: pse === null ? NaN : standardError(again),
    change,
    inGamut: pse !== null,
  };
}

/** Density per unit of the axis, or percentile rank, of every position; with its standard error over the draws. */
function panel({ curves, without }, condition, kind, step) {
  const read = {
    density: ({ mass }) => mass.map((each) => Math.exp(each) / step),
    rank: ({ below, above }) => below.map((each, i) => rankOf([each, above[i]])),
  }[kind];
  const replicates = without[condition].map(read);
  const y = read(curves[condition]);
  return { y, error: y.map((_, i) => standardError(replicates.map((each) => each[i]))) };
}
