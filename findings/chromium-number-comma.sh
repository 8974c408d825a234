#!/usr/bin/env bash
# Chromium 153 (npm: @sparticuz/chromium 153.0.0) in English: a distance of "38,5" cm, typed into <input type="number" step="any">, is
# 385. The comma is dropped as it is typed, the field is valid, and no event or message tells. Expected: 38.5, or an empty value and
# validity.badInput, as for other text that is no number. Questionnaires of online experiments (HTML forms in jsPsych, lab.js)
# collect ages, distances and estimates in such fields from people who write decimal commas. A text field with
# inputmode="decimal" keeps what was typed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @sparticuz/chromium@153.0.0 puppeteer-core@25.16.0
cat > comma.mjs <<'JS'
import assert from "node:assert";
import chromium from "@sparticuz/chromium";
import puppeteer from "puppeteer-core";
const browser = await puppeteer.launch({
  executablePath: await chromium.executablePath(), args: ["--no-sandbox", "--disable-gpu"], headless: "shell",
});
const page = await browser.newPage();
console.log(await browser.version());
await page.setContent('<html lang="de"><input type="number" step="any"><input inputmode="decimal"></html>');
const read = {};
for (const [selector, typed] of [["[type=number]", "38,5"], ["[type=number]", "38.5"], ["[inputmode]", "38,5"]]) {
  await page.$eval(selector, (field) => { field.value = ""; });
  await page.type(selector, typed);
  read[`${selector} ${typed}`] = await page.$eval(selector, ({ value, validity }) => [value, validity.valid]);
}
console.log(read);
await browser.close();
assert.deepStrictEqual(Object.values(read), [["385", true], ["38.5", true], ["38,5", true]], "Chromium has changed");
JS
node comma.mjs
