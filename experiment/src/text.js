// All that a person reads comes from texts.json: a translation is a copy of that one file.
import texts from "../texts.json";

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** What a file of somebody's own says, so that it cannot become part of the page. */
export function escape(text) {
  return String(text).replace(/[&<>"']/g, (letter) => ESCAPES[letter]);
}

/** The text of a key ("trial.done"), its {names} filled in with escaped values. */
export function text(key, values = {}) {
  const found = key.split(".").reduce((table, part) => table?.[part], texts);
  if (typeof found !== "string") throw new Error(`texts.json: there is no text '${key}'`);
  return found.replace(/\{(\w+)\}/g, (_, name) => escape(values[name]));
}

/** Whether there is a text of a key. */
export function has(key) {
  return typeof key.split(".").reduce((table, part) => table?.[part], texts) === "string";
}
