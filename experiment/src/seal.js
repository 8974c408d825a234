// A seal on the data, so that a file that was cut off or edited can be told from one that was not.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** The columns that are sealed: whatever a reader relies on. The reader has the same list. */
export const SEALED = [
  "session", "observer", "part", "stimulus", "fingerprint", "axis", "reference_condition", "comparison_condition",
  "comparison_place", "repetition", "reference_value", "reference_step", "steps", "start", "match", "match_step", "rt",
  "adjustments", "magnification", "picture_degrees", "format", "version", "experiment", "complete",
];

/** Those of rows in which hue and contrast were set at once. */
export const SEALED_OF_DISC = ["s_scale", "reference_contrast", "start_contrast", "match_contrast", "off"];

/** SHA-256 of the sealed columns of all rows, each as it is written in the file. */
export function seal(rows) {
  const written = (value) => (value === undefined ? "" : String(value));
  const columns = (row) => (row.reference_contrast === undefined ? SEALED : [...SEALED, ...SEALED_OF_DISC]);
  const lines = rows.map((row) => columns(row).map((column) => written(row[column])).join("\t"));
  return bytesToHex(sha256(utf8ToBytes(lines.join("\n"))));
}
