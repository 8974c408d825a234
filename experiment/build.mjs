// Bundle the page into one file, dist/page.html, and its trials for other pages, dist/timeline.js and dist/adjustment.css. What an
// experiment shows is filled in by `illusions experiment` and `illusions export --for jspsych`.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** The packages that went into a bundle, by the names of its inputs. */
function packagesOf(metafile) {
  const folders = Object.keys(metafile.inputs).map((path) => path.match(/.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0]);
  return [...new Set(folders.filter(Boolean))].sort();
}

/** Name, version, licence and home of a package, and the text of its licence where the package carries it. */
async function licenceOf(folder) {
  const { name, version, license, homepage = "" } = JSON.parse(await readFile(join(here, folder, "package.json")));
  const file = (await readdir(join(here, folder))).find((entry) => /^licen[sc]e/i.test(entry));
  const text = file ? await readFile(join(here, folder, file), "utf8") : "";
  return `${name} ${version} (${license}) ${homepage}\n${text}`.trim();
}

/** jsPsych's style sheet without its fonts, 460 kB of them: a page uses those of its reader. */
const withoutFonts = {
  name: "without-fonts",
  setup({ onLoad }) {
    onLoad({ filter: /jspsych\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      return { contents: css.replace(/@font-face\s*\{[^}]*\}/g, ""), loader: "css" };
    });
  },
};

/** jsPsych itself is the one of the page, as for its own plugins. */
const jsPsychOfThePage = {
  name: "jspsych-of-the-page",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^jspsych$/ }, ({ path }) => ({ path, namespace: "page" }));
    onLoad({ filter: /.*/, namespace: "page" }, () => ({ contents: "export const { ParameterType } = jsPsychModule;" }));
  },
};

/** A script, its style and the licences of the packages in them. */
async function bundled(entryPoints, plugin) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: here,
    entryPoints,
    outdir: "dist",
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "iife",
    target: ["es2020", "chrome100", "firefox100", "safari15"],
    charset: "utf8",
    logLevel: "warning",
    plugins: [plugin],
  });
  const licences = await Promise.all(packagesOf(metafile).map(licenceOf));
  const of = (suffix) => outputFiles.find(({ path }) => path.endsWith(suffix)).text.trim();
  return { script: of(".js"), style: of(".css"), licences: licences.join("\n\n").replaceAll("-->", "-- >").replaceAll("*/", "* /") };
}

const parts = await bundled(["src/main.js", "src/style.css"], withoutFonts);
const template = await readFile(join(here, "src/page.html"), "utf8");
const page = template.replace(/\{\{(style|script|licences)\}\}/g, (_, part) => parts[part]);
const { script, style, licences } = await bundled(["src/timeline.js", "src/adjustment.css"], jsPsychOfThePage);
await mkdir(join(here, "dist"), { recursive: true });
await writeFile(join(here, "dist/page.html"), page);
await writeFile(join(here, "dist/timeline.js"), `/* It contains:\n\n${licences}\n*/\n${script}\n`);
await writeFile(join(here, "dist/adjustment.css"), `${style}\n`);
