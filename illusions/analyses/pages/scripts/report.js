// What a reader can do on a page about ranks: move T, point at curves, take the tables along. Numbers are read by
// curves.js from what is in the page; Plotly, which draws them, is in the page too.
"use strict";

const COLOURS = {
  light: ["#0072B2", "#D55E00", "#00805d", "#b0568c", "#3b7ea8"],
  dark: ["#6db8ec", "#f2995a", "#4fd0a6", "#e6a1cb", "#a9d3ee"],
};
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];
const STEPS = 400;
const dark = window.matchMedia("(prefers-color-scheme: dark)");
let printing = false;

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const floats = (base64, Type) => Float64Array.from(new Type(bytesOf(base64).buffer));

/** A stimulus as it stands in the page, with its numbers unpacked. */
function unpack(written) {
  const values = floats(written.values, Float64Array);
  const rows = (all) => [...Array(all.length / values.length).keys()].map((i) => all.subarray(i * values.length, (i + 1) * values.length));
  const conditions = Object.fromEntries(
    Object.entries(written.conditions).map(([name, parts]) => [
      name,
      parts.map(({ draws, pixels }) => ({ draws: rows(floats(draws, Float32Array)), pixels })),
    ]),
  );
  return { ...written, values, conditions, colours: bytesOf(written.colours) };
}

/** A number with its standard error, as the tables of the command line have it. */
function withError(value, error) {
  if (!Number.isFinite(value)) return "–";
  const minus = (text) => text.replace("-", "−");
  if (!Number.isFinite(error)) return minus(value.toFixed(3));
  const decimals = error >= 0.002 ? 3 : 4;
  const least = 10 ** -decimals;
  return minus(`${value.toFixed(decimals)} ± ${error < least / 2 ? `< ${least.toFixed(decimals)}` : error.toFixed(decimals)}`);
}

const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} %`;
const short = (value) => String(Number(value.toPrecision(4)));

//: Smaller effects are not worth mentioning, however certain; as in Python.
const SMALLEST_EFFECT = 0.01;

/** Whether ranks are alike of necessity: the target is thin or at an end of its sweep, or all values are as likely. */
function saysLittle({ axis, value, values, thin }, { curves }) {
  const [low, high] = [values[0] + axis.step / 2, values[values.length - 1] - axis.step / 2];
  if (thin || (!axis.circular && !(low < value && value < high))) return true;
  return Object.values(curves).every(({ below, above }) =>
    below.every((each, i) => Math.abs(rankOf([each, above[i]]) - (i + 0.5) / below.length) < SMALLEST_EFFECT),
  );
}

/** One or two sentences: what is predicted at this temperature; the rules are those of `conclusion` in Python. */
function sentence(stimulus, temperature, read) {
  const { axis, unit } = stimulus;
  const { ranks } = read;
  const sorted = [...ranks].sort((a, b) => b.rank - a.rank);
  const [high, low] = [sorted[0], sorted[sorted.length - 1]];
  const at = `At T = ${short(temperature)} ${unit}`;
  const named = sorted.map(({ condition, rank, rankError }) => `“${condition}” ${withError(rank, rankError)}`);
  if (sorted.length === 1) return `${at} the target ranks ${withError(high.rank, high.rankError)}.`;
  const said = `${at} the targets rank: on ${named.join(", on ")}.`;
  if (high.rank < 1e-3 || low.rank > 1 - 1e-3) return `${said} They differ only in the far tails of narrow densities. T is too low to say which should look ${axis.looks}.`;
  const { value, error } = read.difference(high.condition, low.condition);
  if (value > 2 * error && value >= SMALLEST_EFFECT) {
    const other = axis.looksLower ? `, the one on “${low.condition}” ${axis.looksLower}` : "";
    return `${said} The one on “${high.condition}” should look ${axis.looks}${other || (sorted.length > 2 ? ` than the one on “${low.condition}”` : "")}.`;
  }
  if (value + 2 * error < SMALLEST_EFFECT && !saysLittle(stimulus, read)) return `${said} They should look the same.`;
  return `${said} This is too small or too uncertain to say which should look ${axis.looks}, or that they should look the same.`;
}

/** The rows of summary.csv and matches.csv, and of the curves, at a temperature. */
function tables(stimulus, temperature, read) {
  const { name, axis, model, value } = stimulus;
  const of = { stimulus: name };
  const by = { temperature, model };
  return {
    summary: read.ranks.map(({ condition, rank, rankError, effect, effectError }) => ({
      ...of, condition, axis: axis.name, value, percentile_rank: rank, effect, ...by,
      percentile_rank_standard_error: rankError, effect_standard_error: effectError,
    })),
    matches: read.matches.map(({ reference, comparison, rank, pse, error, change, inGamut }) => ({
      ...of, axis: axis.name, reference_condition: reference, reference_value: value, comparison_condition: comparison,
      percentile_rank: rank, pse, pse_standard_error: error, change_percent: change, in_gamut: inGamut ? "True" : "False", ...by,
    })),
    curves: Object.keys(read.curves).flatMap((condition) => {
      const [density, rank] = ["density", "rank"].map((kind) => panel(read, condition, kind, axis.step));
      return [...density.positions].map((position, i) => ({
        ...of, condition, axis: axis.name, value: shown(position, axis), density: density.y[i],
        density_standard_error: density.error[i], percentile_rank: rank.y[i],
        percentile_rank_standard_error: rank.error[i], ...by,
      }));
    }),
  };
}

const shown = (position, { circular, period }) => (circular ? ((position % period) + period) % period : position);

function csv(rows) {
  const cell = (value) => {
    if (typeof value === "number") return Number.isNaN(value) ? "" : String(value);
    return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  };
  const columns = Object.keys(rows[0]);
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Plotly, which lies in the page compressed; null where the browser is too old to unpack it. */
async function loadPlotly() {
  try {
    const packed = new Blob([bytesOf(document.getElementById("plotly").textContent.trim())]);
    const text = await new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).text();
    const script = document.createElement("script");
    script.textContent = text;
    document.head.append(script);
    return window.Plotly ?? null;
  } catch {
    return null;
  }
}

const theme = () => {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(name).trim();
  return { ink: get("--ink"), soft: get("--soft"), line: get("--line"), page: get("--page"), colours: COLOURS[dark.matches && !printing ? "dark" : "light"] };
};

/** A polygon around a line: ± 1 standard error. */
const band = (x, { y, error }, colour, yaxis) => {
  const outline = [[], []];
  for (let from = 0, to; from < y.length; from = to + 1) { // between two breaks
    to = y.indexOf(null, from);
    if (to < 0) to = y.length;
    const there = [...y.keys()].slice(from, to);
    const back = [...there].reverse();
    outline[0].push(...there.map((i) => x[i]), ...back.map((i) => x[i]), null);
    outline[1].push(...there.map((i) => y[i] + (error[i] || 0)), ...back.map((i) => y[i] - (error[i] || 0)), null);
  }
  return {
    x: outline[0], y: outline[1], yaxis, fill: "toself", fillcolor: `${colour}40`,
    line: { width: 0 }, hoverinfo: "skip", showlegend: false, type: "scatter", mode: "lines",
  };
};

/** A strip with the colours of the target along the axis, as a picture. */
function strip({ colours }, order) {
  const canvas = document.createElement("canvas");
  canvas.width = order.length;
  canvas.height = 1;
  const pixels = new ImageData(order.length, 1);
  order.forEach((from, to) => pixels.data.set([...colours.subarray(3 * from, 3 * from + 3), 255], 4 * to));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas.toDataURL();
}

/** What Plotly draws: likelihood above, percentile rank below, the matches in it. */
function chart(stimulus, read, chosen, narrow) {
  const { axis, people } = stimulus;
  const { ink, soft, line, page, colours } = theme();
  const x = [...read.positions];
  const texts = x.map((position) => short(shown(position, axis)));
  const data = [];
  Object.keys(read.curves).forEach((condition, number) => {
    const colour = colours[number % colours.length];
    const dash = DASHES[number % DASHES.length];
    for (const [kind, yaxis, digits] of [["density", "y", ".3f"], ["rank", "y2", ".3f"]]) {
      const drawn = within(x[0], panel(read, condition, kind, axis.step), kind, axis);
      data.push(band(x, drawn, colour, yaxis), {
        x, y: [...drawn.y], yaxis, customdata: texts, type: "scatter", mode: "lines", name: `on ${condition}`,
        line: { color: colour, width: 2, dash }, showlegend: kind === "density",
        hovertemplate: `${kind === "density" ? "likelihood" : "rank"} %{y:${digits}} at %{customdata}<extra>on ${condition}</extra>`,
      });
    }
    const { rank } = read.ranks[number];
    data.push({
      x: [read.target], y: [rank], yaxis: "y2", type: "scatter", mode: "markers", showlegend: false,
      marker: { color: colour, size: 10 }, hovertemplate: `the target as it is ranks %{y:.3f}<extra>on ${condition}</extra>`,
    });
  });
  const found = read.matches[chosen];
  if (found) {
    const number = Object.keys(read.curves).indexOf(found.comparison);
    data.push({
      x: [read.target, found.position, found.position], y: [found.rank, found.rank, found.inGamut ? 0 : found.rank], yaxis: "y2",
      type: "scatter", mode: "lines", line: { color: ink, width: 1, dash: "dash" }, hoverinfo: "skip", showlegend: false,
    });
    if (found.inGamut) {
      data.push({
        x: [found.position], y: [found.rank], yaxis: "y2", type: "scatter", mode: "markers", showlegend: false,
        marker: { symbol: "diamond", size: 11, color: page, line: { color: colours[number % colours.length], width: 2 } },
        hovertemplate: `match: ${axis.name} ${short(found.pse)}<extra>on ${found.comparison}</extra>`,
      });
    }
    const set = people.find(({ reference, comparison }) => reference === found.reference && comparison === found.comparison);
    if (set) {
      const off = (value) => value - set.match;
      data.push({
        x: [nearTo(set.match, read, axis)], y: [found.rank], yaxis: "y2", type: "scatter", mode: "markers", name: "people",
        marker: { color: ink, size: 9 }, hovertemplate: `people set ${short(set.match)}<extra></extra>`,
        error_x: set.low === null ? undefined : { type: "data", symmetric: false, array: [off(set.high)], arrayminus: [-off(set.low)], color: ink, thickness: 1.5, width: 4 },
      });
    }
  }
  const common = { color: soft, linecolor: line, gridcolor: line, zeroline: false, ticks: "outside", tickcolor: line, fixedrange: true };
  const ends = [x[0] - axis.step / 2, x[x.length - 1] + axis.step / 2];
  const turns = axis.circular ? turnTicks(x, axis) : {};
  const layout = {
    height: narrow ? 480 : 560, margin: { l: narrow ? 48 : 64, r: 12, t: 34, b: 44 }, paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)", font: { family: "system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, sans-serif", size: 13, color: soft },
    hovermode: "closest", dragmode: false, showlegend: true, legend: { orientation: "h", x: 0, y: 1.01, yanchor: "bottom", font: { color: ink } },
    hoverlabel: { bgcolor: page, bordercolor: line, font: { color: ink } },
    xaxis: { ...common, range: ends, anchor: "free", position: 0, showgrid: false, title: { text: `${axis.label} of the target`, standoff: 6 }, ...turns },
    yaxis: { ...common, domain: [0.56, 1], rangemode: "tozero", nticks: 5, title: { text: narrow ? "likelihood" : `likelihood per ${axis.unit}` } },
    yaxis2: { ...common, domain: [0.06, 0.5], range: [0, 1.03], nticks: 6, title: { text: axis.circular ? "percentile rank from the common cut on" : "percentile rank" } },
    shapes: [{ type: "line", x0: read.target, x1: read.target, yref: "paper", y0: 0.06, y1: 1, line: { color: soft, width: 1, dash: "dot" } }],
    images: [{ source: strip(stimulus, read.order), xref: "x", yref: "paper", x: ends[0], y: 0, sizex: ends[1] - ends[0], sizey: 0.045, yanchor: "bottom", sizing: "stretch", layer: "below" }],
  };
  return { data, layout };
}

/** What is drawn of a panel from a place on: on a circle, ranks fall from 1 to 0 at its cut, where the line is broken. */
function within(start, { positions, y, error }, kind, { circular, period, step }) {
  if (!circular) return { y, error };
  const turns = positions.map((position) => Math.ceil((start - step / 2 - position) / period));
  const places = positions.map((position, i) => position + turns[i] * period);
  const order = [...places.keys()].sort((a, b) => places[a] - places[b]);
  const atCut = (i, k) => kind === "rank" && k > 0 && turns[i] !== turns[order[k - 1]];
  return { y: order.map((i, k) => (atCut(i, k) ? null : y[i])), error: order.map((i) => error[i]) };
}

/** On a circle, a value as near to the target as its turns allow. */
const nearTo = (value, { target }, { circular, period }) =>
  circular ? target + ((((value - target + period / 2) % period) + period) % period) - period / 2 : value;

const turnTicks = (x, axis) => {
  const tickvals = [0, 0.25, 0.5, 0.75, 1].map((share) => x[0] + share * (x[x.length - 1] - x[0]));
  return { tickvals, ticktext: tickvals.map((each) => String(Number(shown(each, axis).toPrecision(2)))) };
};

/** One stimulus with its reader: what stands in its section of the page. */
class Explorer {
  constructor(section, stimulus, plotly) {
    Object.assign(this, { section, stimulus, plotly, temperature: stimulus.temperature, chosen: 0, stale: true, near: false });
    this.order = orderOf(stimulus.axis, stimulus.values, oppositeTo(stimulus.value, stimulus.axis)).order;
    this.part = (role) => section.querySelector(`[data-role="${role}"]`);
    this.parts = (role) => [...section.querySelectorAll(`[data-role="${role}"]`)];
    section.classList.add("live");
  }

  get read() {
    if (this.at !== this.temperature) {
      this.at = this.temperature;
      this.known = { ...readStimulus(this.stimulus, this.temperature), order: this.order };
    }
    return this.known;
  }

  /** Go to a temperature, with all that were read in the same way: first all of them, for their error is over all. */
  set(temperature) {
    this.together.forEach((each) => Object.assign(each, { temperature, stale: true }));
    this.together.filter(({ near }) => near).forEach((each) => each.draw());
  }

  draw() {
    this.stale = false;
    const { stimulus, temperature, read } = this;
    const slider = this.part("temperature");
    slider.value = STEPS * this.shareOf(temperature);
    slider.setAttribute("aria-valuetext", `${short(temperature)} ${stimulus.unit}`);
    this.part("nats").textContent = `T = ${short(temperature)} ${stimulus.unit}`;
    this.parts("preset").forEach((button) => button.setAttribute("aria-pressed", Number(button.value) === temperature));
    this.part("sentence").textContent = sentence(stimulus, temperature, read);
    if (stimulus.people.length) {
      const of = this.together.length === 1 ? "this stimulus" : `all ${this.together.length} stimuli of this reading`;
      this.part("sentence").textContent += ` Over ${of} it is off by ${(100 * errorOf(this.together)).toFixed(1)} % of the range (root mean square).`;
    }
    this.fill("ranks", read.ranks.map(({ condition, rank, rankError, effect, effectError }) => [condition, withError(rank, rankError), withError(effect, effectError)]));
    this.fill("matches", read.matches.map((found) => [
      found.reference, found.comparison, found.inGamut ? withError(found.pse, found.error) : "none in the gamut",
      Number.isFinite(found.change) ? signed(found.change) : "–",
    ]));
    this.drawPair();
    if (this.plotly) {
      const { data, layout } = chart(stimulus, read, this.chosen, this.section.clientWidth < 560);
      this.plotly.react(this.part("chart"), data, layout, { responsive: true, displaylogo: false, displayModeBar: false });
    }
  }

  /** The rows of a table that the page came with. */
  fill(role, rows) {
    const body = this.part(role)?.querySelector("tbody");
    rows.forEach((cells, i) => cells.forEach((text, j) => (body.rows[i].cells[j].textContent = text)));
  }

  shareOf(temperature) {
    const [low, high] = this.ends.map(Math.log10);
    return Math.min(1, Math.max(0, (Math.log10(temperature) - low) / (high - low)));
  }

  temperatureAt(share) {
    const [low, high] = this.ends.map(Math.log10);
    return Number((10 ** (low + share * (high - low))).toPrecision(3));
  }

  get ends() {
    return [1, 100 * 10 ** Math.ceil(Math.log10(this.stimulus.temperature))];
  }

  /** The pair with one target set to the match: its pixels are the pair's, but for the target's share of each. */
  drawPair() {
    const canvas = this.part("matched");
    if (!canvas || !this.pixels) return;
    const found = this.read.matches[this.chosen];
    const { stimulus, pixels } = this;
    const picture = new ImageData(new Uint8ClampedArray(pixels.pair.data), pixels.pair.width, pixels.pair.height);
    if (found.inGamut) {
      const nearest = stimulus.values.reduce((best, value, i) => (apart(value, found.pse, stimulus.axis) < apart(stimulus.values[best], found.pse, stimulus.axis) ? i : best), 0);
      const colour = stimulus.colours.subarray(3 * nearest, 3 * nearest + 3);
      const share = pixels.shares[found.comparison].data;
      for (let i = 0; i < share.length; i += 4) {
        if (share[i]) for (let c = 0; c < 3; c++) picture.data[i + c] += Math.round((share[i] / 255) * (colour[c] - stimulus.colour[c]));
      }
    }
    Object.assign(canvas, { width: picture.width, height: picture.height });
    canvas.getContext("2d").putImageData(picture, 0, 0);
    this.part("matched-caption").textContent = found.inGamut
      ? `The target on “${found.comparison}” set to ${stimulus.axis.named} ${short(found.pse)}, so that it looks as on “${found.reference}”, if the prediction is right.`
      : `On “${found.comparison}” no value in the gamut ranks as the target on “${found.reference}” does: the pair is as it was.`;
  }

  async loadPictures() {
    if (!this.part("matched")) return;
    const names = Object.keys(this.stimulus.shares);
    const whole = document.querySelector(`[data-pair="${CSS.escape(this.stimulus.name)}"]`);
    const [pair, ...shares] = await Promise.all([whole.src, ...Object.values(this.stimulus.shares)].map(pixelsOf));
    this.pixels = { pair, shares: Object.fromEntries(names.map((name, i) => [name, shares[i]])) };
  }
}

/** How far predictions are off what people set, as a share of the range: root mean square, every stimulus counts the same. */
function errorOf(explorers) {
  const squares = explorers.map(({ stimulus: { axis, people }, read }) => {
    const off = people.map(({ reference, comparison, match }) => {
      const found = read.matches.find((each) => each.reference === reference && each.comparison === comparison);
      const share = (found.position - match) / axis.period;
      return axis.circular ? ((((share + 0.5) % 1) + 1) % 1) - 0.5 : share;
    });
    return off.reduce((sum, each) => sum + each ** 2, 0) / off.length;
  });
  return Math.sqrt(squares.reduce((sum, each) => sum + each, 0) / squares.length);
}

const apart = (a, b, { circular, period }) => {
  const off = Math.abs(a - b);
  return circular ? Math.min(off, period - off) : off;
};

async function pixelsOf(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Wire a section to what its reader does. */
function wire(explorer) {
  const { section, stimulus, part, parts } = explorer;
  part("temperature").max = STEPS;
  part("temperature").addEventListener("input", (event) => explorer.set(explorer.temperatureAt(event.target.value / STEPS)));
  parts("preset").forEach((button) => button.addEventListener("click", () => explorer.set(Number(button.value))));
  part("match")?.addEventListener("change", (event) => {
    explorer.chosen = Number(event.target.value);
    explorer.draw();
  });
  parts("save").forEach((button) =>
    button.addEventListener("click", () => {
      const rows = tables(stimulus, explorer.temperature, explorer.read)[button.value];
      save(csv(rows), `${stimulus.name}-${button.value}-T${short(explorer.temperature)}.csv`);
    }),
  );
  new IntersectionObserver(
    ([entry]) => {
      explorer.near = entry.isIntersecting;
      if (explorer.near && explorer.stale) explorer.draw();
    },
    { rootMargin: "600px" },
  ).observe(section);
}

async function begin() {
  const stimuli = JSON.parse(document.getElementById("curves").textContent).map(unpack);
  const plotly = await loadPlotly();
  const explorers = [...document.querySelectorAll("[data-curves]")].map((section) => new Explorer(section, stimuli[section.dataset.curves], plotly));
  await Promise.all(explorers.map((each) => each.loadPictures()));
  for (const each of explorers) each.together = explorers.filter((other) => other.stimulus.group === each.stimulus.group);
  explorers.forEach(wire);
  if (!plotly) explorers.forEach((each) => (each.part("chart").textContent = "This browser is too old to draw the curves; the numbers below are right all the same."));
  const redraw = () => explorers.forEach((each) => ((each.stale = true), each.near && each.draw()));
  dark.addEventListener("change", redraw);
  window.addEventListener("beforeprint", () => {
    printing = true;
    document.querySelectorAll("details").forEach((each) => (each.open = true));
    explorers.forEach((each) => each.draw());
    if (plotly) explorers.forEach((each) => plotly.relayout(each.part("chart"), { width: 640, height: 480 }));
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    explorers.forEach((each) => plotly?.relayout(each.part("chart"), { width: null, height: null }));
    redraw();
  });
  window.explorers = explorers;
}

begin();
