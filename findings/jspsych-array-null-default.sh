#!/usr/bin/env bash
# jsPsych 8.3.0: a plugin parameter with `array: true` and `default: null` cannot be left out: the default itself is refused
# ("A non-array value (`null`) was provided") and the experiment stops. Expected: `null` stands for "not given", as it does for
# parameters without `array`. An empty array as the default works.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts jspsych@8.3.0 jsdom@24.1.3
cat > default.cjs <<'JS'
const assert = require("node:assert");
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<body></body>", { pretendToBeVisual: true });
for (const name of ["document", "HTMLElement", "Node", "MutationObserver"]) globalThis[name] = window[name];
globalThis.window = window;
const { initJsPsych, ParameterType } = require("jspsych");

async function leftOut(parameter) {
  let got;
  class Plugin {
    static info = { name: "example", version: "1.0.0", data: {}, parameters: { keys: { type: ParameterType.STRING, ...parameter } } };
    constructor(jsPsych) { this.jsPsych = jsPsych; }
    trial(display, { keys }) { got = JSON.stringify(keys); this.jsPsych.finishTrial({}); }
  }
  await initJsPsych().run([{ type: Plugin }]).catch(({ message }) => { got = message; });
  console.log(JSON.stringify(parameter), "left out:", got);
  return got;
}

(async () => {
  assert.strictEqual(await leftOut({ default: null }), "null", "jsPsych has changed");
  assert.strictEqual(await leftOut({ array: true, default: [] }), "[]", "jsPsych has changed");
  assert.match(await leftOut({ array: true, default: null }), /^A non-array value \(`null`\) was provided/, "jsPsych has changed");
  process.exit(0);
})();
JS
node default.cjs
