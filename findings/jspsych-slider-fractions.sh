#!/usr/bin/env bash
# jsPsych 8.3.0 with plugin-html-slider-response 2.1.0: a slider from 0 to 1 in steps of 0.01 that starts at 0.5 becomes
# one of step 0 that starts at 0. `step` and `slider_start` are declared as integers, and fractions are cut off, with a
# warning in the console only. Expected: the HTML slider behind it takes fractions, and gets them. A step of 0 is invalid
# in HTML and means 1: observers who set a brightness can only choose 0 or 1.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts jspsych@8.3.0 @jspsych/plugin-html-slider-response@2.1.0 jsdom@24.1.3
cat > slider.cjs <<'JS'
const assert = require("node:assert");
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<body></body>", { pretendToBeVisual: true });
for (const name of ["document", "HTMLElement", "Node", "MutationObserver"]) globalThis[name] = window[name];
globalThis.window = window;
const { initJsPsych } = require("jspsych");
const plugin = require("@jspsych/plugin-html-slider-response");
const type = plugin.default ?? plugin;

async function drawn(parameters) {
  let found;
  const on_load = () => {
    const slider = document.querySelector("input[type=range]");
    found = [slider.getAttribute("step"), slider.getAttribute("value")].map(Number);
    document.querySelector("button").click();
  };
  await initJsPsych().run([{ type, stimulus: "", ...parameters, on_load }]);
  console.log(JSON.stringify(parameters), "becomes step", found[0], "and start", found[1]);
  return found;
}

(async () => {
  console.warn = () => {};
  assert.deepStrictEqual(await drawn({ min: 0, max: 1, step: 0.01, slider_start: 0.5 }), [0, 0], "jsPsych has changed");
  assert.deepStrictEqual(await drawn({ min: 0, max: 100, step: 1, slider_start: 50 }), [1, 50], "jsPsych has changed");
  process.exit(0);
})();
JS
node slider.cjs
