#!/usr/bin/env bash
# jsPsych 8.3.0: a trial without an answer has rt = null. `data.get().select("rt").mean()` leaves it out; `sd()`, `median()` and
# `min()` of the same column count it as 0. Expected: one rule for all. For null, 400, 600 ms: mean 500 (of two), median 400
# (of three), sd 367 (around the mean of two, over three), min 0.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts jspsych@8.3.0 jsdom@24.1.3
cat > column.cjs <<'JS'
const assert = require("node:assert");
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<body></body>", { pretendToBeVisual: true });
for (const name of ["document", "HTMLElement", "Node", "MutationObserver"]) globalThis[name] = window[name];
globalThis.window = window;
const { initJsPsych } = require("jspsych");
const DataCollection = initJsPsych().data.get().constructor;
const column = new DataCollection([{ rt: null }, { rt: 400 }, { rt: 600 }]).select("rt");
const seen = { mean: column.mean(), median: column.median(), min: column.min(), sd: Math.round(column.sd()) };
console.log(seen);
assert.deepStrictEqual(seen, { mean: 500, median: 400, min: 0, sd: 367 }, "jsPsych has changed");
process.exit(0);
JS
node column.cjs
