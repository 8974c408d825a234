// Percentile ranks and matches at any temperature, from the log-likelihoods that are in the page: the same arithmetic as
// illusions/analyses/densities: curve.py, matching.py, transport.py. A test reads both at several temperatures.
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

/** The curve of one condition, read at a temperature: p_T in logarithms, at the values of the sweep. */
function readCurve(parts, temperature, without) {
  return logMean(parts.map((part) => massOfPart(part, temperature, without)));
}

/** As `logMidRanks`, on a circle: of the mass around its cut, between the last place and the first, a share. */
function logFromCut(mass, before) {
  let sum = -Infinity;
  return mass.map((each, i) => {
    const between = logAddExp(each, mass[(i || mass.length) - 1]) - LN2;
    sum = logAddExp(sum, i ? between : between + Math.log(Math.min(Math.max(before, 0), 1)));
    return Math.min(sum, 0);
  });
}

/** The ranks along a sweep, on a circle from a cut on: `grid` are the places of `below` and `above`, log r and log(1 − r). */
function ranked(all, { circular, period, step }, values, cut) {
  const { order, positions } = orderOf({ circular, period }, values, cut);
  const mass = Float64Array.from(order, (i) => all[i]);
  if (!circular) {
    const [below, above] = [logMidRanks(mass), logMidRanks(mass.slice().reverse()).reverse()];
    return { all, cut, order, positions, mass, below, above, nodes: [positions, below, above] };
  }
  const before = (positions[0] - cut) / step;
  const below = logFromCut(mass, before);
  const above = logFromCut(mass.slice().reverse(), 1 - before).reverse();
  const nodes =
    before > 0 && before < 1
      ? [[cut, ...positions, cut + period], [-Infinity, ...below, 0], [0, ...above, -Infinity]]
      : [positions, below, above];
  return { all, cut, order, positions, mass, below, above, nodes };
}

const SPREAD = 1e-9;

/** The share of a circle's density between 0 turns and each place: [places, shares], from one turn below to two above. */
function distribution(logMasses) {
  const n = logMasses.length;
  const mass = logMasses.map((each) => (1 - SPREAD) * Math.exp(each) + SPREAD / n);
  const once = new Float64Array(n);
  for (let i = 1; i < n; i += 1) once[i] = once[i - 1] + (mass[i - 1] + mass[i]) / 2;
  const [places, shares] = [new Float64Array(4 * n), new Float64Array(4 * n)];
  for (let i = 0; i < 4 * n; i += 1) {
    const turn = Math.floor(i / n) - 1;
    places[i] = turn + (i % n) / n;
    shares[i] = turn + once[i % n];
  }
  return [places, shares];
}

/** Linear interpolation of y over an increasing x. */
function interpolate(at, x, y) {
  const right = Math.min(Math.max(countBelow(x, at), 1), x.length - 1);
  return y[right - 1] + ((at - x[right - 1]) / (x[right] - x[right - 1])) * (y[right] - y[right - 1]);
}

const inverse = ([places, shares], rank) => interpolate(rank - Math.floor(rank), shares, places) + Math.floor(rank);

/** α of the map between two circles that turns hues least: where turns averaged over all hues cancel. */
function leastTurn(a, b) {
  const whole = b[0].filter((y) => y >= 0 && y <= 1);
  const meanTurn = (alpha) => {
    const corners = a[1].map((rank) => inverse(b, rank + alpha)).filter((y) => y > 0 && y < 1);
    const y = Float64Array.from([...whole, ...corners]).sort();
    const turns = y.map((each) => each - inverse(a, interpolate(each, ...b) - alpha));
    return y.reduce((sum, each, i) => (i ? sum + ((turns[i] + turns[i - 1]) * (each - y[i - 1])) / 2 : 0), 0);
  };
  // regula falsi, of which an end that stays counts half (Illinois)
  let [low, high] = [-2, 2];
  let [ofLow, ofHigh] = [meanTurn(low), meanTurn(high)];
  for (let i = 0, side = 0; i < 60 && high - low > 1e-12; i += 1) {
    const alpha = (low * ofHigh - high * ofLow) / (ofHigh - ofLow);
    const found = meanTurn(alpha);
    if (Math.abs(found) < 1e-13) return alpha;
    if (found > 0) {
      [high, ofHigh] = [alpha, found];
      if (side > 0) ofLow /= 2;
      side = 1;
    } else {
      [low, ofLow] = [alpha, found];
      if (side < 0) ofHigh /= 2;
      side = -1;
    }
  }
  return (low + high) / 2;
}

/** Where a circle is cut, that is cut in common with another. */
function cutWith(reference, all, { period }, begin) {
  const [a, b] = [distribution(reference.all), distribution(all)];
  const place = (reference.cut - begin) / period;
  const whole = Math.floor(place);
  return begin + period * (inverse(b, interpolate(place - whole, ...a) + leastTurn(a, b)) + whole);
}

/** Where a value lies from a cut on. */
const turnedFrom = (cut, value, { circular, period }) =>
  circular ? cut + ((((value - cut) % period) + period) % period) : value;

function logOdds({ nodes: [grid, below, above], cut }, value, axis) {
  const position = turnedFrom(cut, value, axis);
  return [interpolateLog(position, grid, below), interpolateLog(position, grid, above)];
}

const rankOf = ([below, above]) => (below <= above ? Math.exp(below) : -Math.expm1(above));

/** The value whose percentile rank is given as log r and log(1 − r). */
function valueAt({ nodes: [grid, below, above] }, [logBelow, logAbove]) {
  if (logBelow <= logAbove) return invertLog(logBelow, below, grid);
  return invertLog(logAbove, above.slice().reverse(), grid.slice().reverse());
}

/** By the jackknife; NaN where nothing can be left out, or a replicate is missing. */
function standardError(replicates) {
  const k = replicates.length;
  if (k < 2 || replicates.some((each) => each === null)) return NaN;
  const mean = replicates.reduce((sum, each) => sum + each, 0) / k;
  return Math.sqrt(((k - 1) / k) * replicates.reduce((sum, each) => sum + (each - mean) ** 2, 0));
}

/** The values of a sweep in the order of the rank; on a circular axis they begin at its cut. */
function orderOf(axis, values, cut) {
  const turned = values.map((value) => turnedFrom(cut, value, axis));
  const order = [...values.keys()].sort((a, b) => turned[a] - turned[b]);
  return { order, positions: Float64Array.from(order, (i) => turned[i]) };
}

const oppositeTo = (target, { period }) => target - period / 2;

/**
 * Everything about one stimulus at a temperature.
 *
 * stimulus: { axis: { circular, period, signed, step }, value, values, conditions: { name: parts } }, of which each part is
 * { draws: [Float32Array, …], pixels: null or one number per draw }.
 */
function readStimulus(stimulus, temperature) {
  const { axis, value, conditions } = stimulus;
  const target = value;
  const names = Object.keys(conditions);
  const replicates = Object.values(conditions)[0][0].draws.length;
  const left = replicates > 1 ? [...Array(replicates).keys()] : [];
  const read = (without) => {
    const found = {};
    for (const name of names) {
      const all = readCurve(conditions[name], temperature, without);
      const first = found[names[0]];
      const cut = first && axis.circular ? cutWith(first, all, axis, stimulus.values[0]) : oppositeTo(target, axis);
      found[name] = ranked(all, axis, stimulus.values, cut);
    }
    return found;
  };
  const curves = read();
  const again = left.map(read);
  const without = Object.fromEntries(names.map((name) => [name, again.map((each) => each[name])]));
  const rank = (curve) => rankOf(logOdds(curve, target, axis));
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
      .map((comparison) => readMatch(curves, without, reference, comparison, target, axis, stimulus.values)),
  );
  const difference = (high, low) => ({
    value: rank(curves[high]) - rank(curves[low]),
    error: standardError(left.map((i) => rank(without[high][i]) - rank(without[low][i]))),
  });
  return { positions: curves[names[0]].positions, target, curves, without, ranks, difference, matches };
}

function readMatch(curves, without, reference, comparison, target, axis, values) {
  const { circular, period, signed } = axis;
  const asked = logOdds(curves[reference], target, axis);
  const equalRank = (left, right) => {
    if (!circular) return valueAt(right, logOdds(left, target, axis));
    const cut = ranked(right.all, axis, values, cutWith(left, right.all, axis, values[0]));
    return turnedFrom(oppositeTo(target, axis), valueAt(cut, logOdds(left, target, axis)), axis);
  };
  const pse = equalRank(curves[reference], curves[comparison]);
  const again = without[reference].map((curve, i) => equalRank(curve, without[comparison][i]));
  const turned = (value) => (circular ? ((value % period) + period) % period : value);
  const { positions, below } = curves[comparison];
  const end = positions[asked[0] > below[0] ? positions.length - 1 : 0];
  let change = NaN;
  if (pse !== null && circular) change = (100 * (pse - target)) / period;
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
  const { order, positions } = curves[condition];
  const y = read(curves[condition]);
  const replicates = without[condition].map((curve) => {
    const ofValue = new Float64Array(order.length);
    read(curve).forEach((each, i) => (ofValue[curve.order[i]] = each));
    // a circle's replicates are cut elsewhere: a rank just above 0 may be one just below 1
    return y.map((each, i) => (kind === "rank" ? each + nearestTurn(ofValue[order[i]] - each) : ofValue[order[i]]));
  });
  return { positions, y, error: y.map((_, i) => standardError(replicates.map((each) => each[i]))) };
}

const nearestTurn = (off) => off - Math.round(off);
