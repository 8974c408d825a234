#!/usr/bin/env bash
# jsPsych 8.3.0: `data.get().csv()` and `.json()` tell different things of the same trials. No answer (null) is the word "null" in
# CSV, a column that a trial does not have is an empty cell; NaN and Infinity are words in CSV and become null in JSON, where they
# are the same as no answer. Expected: what is missing in the one is missing in the other. pandas reads "null" as missing,
# R's read.csv makes the whole column text.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts jspsych@8.3.0 jsdom@24.1.3
cat > both.cjs <<'JS'
const assert = require("node:assert");
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<body></body>", { pretendToBeVisual: true });
for (const name of ["document", "HTMLElement", "Node", "MutationObserver"]) globalThis[name] = window[name];
globalThis.window = window;
const { initJsPsych } = require("jspsych");
const DataCollection = initJsPsych().data.get().constructor;
const trials = new DataCollection([{ rt: null, slider: NaN }, { rt: 512, ratio: Infinity }]);
console.log(trials.csv());
console.log(trials.json());
assert.deepStrictEqual(trials.csv().trim().split(/\r?\n/), ['"rt","slider","ratio"', '"null","NaN",""', '"512","","Infinity"'], "jsPsych has changed");
assert.strictEqual(trials.json(), '[{"rt":null,"slider":null},{"rt":512,"ratio":null}]', "jsPsych has changed");
process.exit(0);
JS
node both.cjs
