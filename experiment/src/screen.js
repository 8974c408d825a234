// What is known about the screen: what the browser says, and what the person does.
import { text } from "./text.js";

/** Distances that people sit from a screen, centimetres. */
const NEAREST = 10;
const FARTHEST = 400;
/** The sides of a bank card in millimetres: ISO/IEC 7810, ID-1. */
const CARD = { long: 85.6, short: 53.98 };

/** What the page needs of a browser and this one lacks, in words. */
export function lacking() {
  const needs = {
    canvas: () => document.createElement("canvas").getContext("2d") !== null,
    pixelated: () => CSS.supports("image-rendering", "pixelated") || CSS.supports("image-rendering", "crisp-edges"),
    dialog: () => typeof HTMLDialogElement === "function",
    files: () => typeof Blob === "function" && "download" in HTMLAnchorElement.prototype,
  };
  return Object.keys(needs).filter((need) => !needs[need]()).map((need) => text(`needs.${need}`));
}

/** Pixels of the screen per CSS pixel, by the zoom of the page and that of two fingers. */
export function pixelRatio() {
  return window.devicePixelRatio * (window.visualViewport?.scale ?? 1);
}

/** Whether a browser or an extension paints a light page dark. No media query tells; a white of the browser's own does. */
export function darkened() {
  if (document.documentElement.matches("[data-darkreader-mode], [data-darkreader-scheme=dark]")) return true;
  if (window.matchMedia("(forced-colors: active)").matches) return false; // has a column of its own
  const probe = document.createElement("div");
  probe.style.cssText = "color-scheme: light; background-color: Canvas";
  document.body.append(probe);
  const { backgroundColor } = getComputedStyle(probe);
  probe.remove();
  return backgroundColor !== "rgb(255, 255, 255)";
}

/** Which screen the window is on: sides in CSS pixels, and in its own. */
function screenSize() {
  const { screen, devicePixelRatio } = window;
  const sides = [screen.width, screen.height].sort((a, b) => a - b);
  return { css: sides, own: sides.map((side) => Math.round(side * devicePixelRatio)) };
}

/** Whether it is the screen of before: a browser's zoom changes the one pair or the other, another screen both. */
function isSameScreen(before) {
  const near = (a, b) => a.every((side, i) => Math.abs(side - b[i]) < 3);
  const now = screenSize();
  return near(before.css, now.css) || near(before.own, now.own);
}

/** What the browser says of the screen. */
export function screenData() {
  const { matchMedia, screen, devicePixelRatio } = window;
  const matches = (query) => matchMedia.call(window, `(${query})`).matches;
  const first = (feature, values) => values.find((value) => matches(`${feature}: ${value}`)) ?? "unknown";
  return {
    screen_width: screen.width,
    screen_height: screen.height,
    device_pixel_ratio: devicePixelRatio,
    colour_depth: screen.colorDepth,
    colour_gamut: first("color-gamut", ["rec2020", "p3", "srgb"]),
    dynamic_range: first("dynamic-range", ["high", "standard"]),
    colour_scheme: first("prefers-color-scheme", ["dark", "light"]),
    forced_colours: matches("forced-colors: active"),
    inverted_colours: matches("inverted-colors: inverted"),
    reduced_motion: matches("prefers-reduced-motion: reduce"),
    touch: navigator.maxTouchPoints > 0,
    darkened: darkened(),
  };
}

/** On a narrow screen a card has to be held upright. */
function upright() {
  return window.innerWidth < 560;
}

/** The form that asks for code, distance and the size of a card. */
export function aboutForm() {
  const side = upright() ? "short" : "long";
  const which = side === "short" ? "card_upright" : "card";
  return `
    <h1>${text("about.title")}</h1>
    <label>${text("about.observer")}
      <input type="text" name="observer" maxlength="20" pattern="[\\w\\-]*" autocapitalize="off" spellcheck="false">
      <small>${text("about.observer_hint")}</small></label>
    <label>${text("about.distance")}
      <input type="text" name="distance" id="distance" maxlength="12" inputmode="decimal" autocomplete="off">
      <small>${text("about.distance_hint")}</small></label>
    <fieldset>
      <label for="card-slider">${text(`about.${which}`)}</label>
      <div class="card ${which}" id="card" aria-hidden="true"></div>
      <input type="hidden" name="side" value="${side}">
      <input type="range" id="card-slider" name="card" min="120" max="1000" step="1" value="${side === "short" ? 204 : 324}"
        aria-label="${text("about.card_slider")}">
      <label class="check"><input type="checkbox" name="no_card" id="no-card"> ${text("about.no_card")}</label>
    </fieldset>`;
}

/** Centimetres as people write them: 57, 38.5, 38,5, 57 cm; NaN for anything else. */
function centimetres(written) {
  const found = written.trim().match(/^(\d{1,3}(?:[.,]\d+)?)\s*(?:cm)?$/i);
  return found ? Number(found[1].replace(",", ".")) : NaN;
}

/** The form says which distance it cannot take. */
function checkDistance() {
  const field = document.getElementById("distance");
  const check = () => {
    const distance = centimetres(field.value);
    const good = field.value.trim() === "" || (distance >= NEAREST && distance <= FARTHEST);
    field.setCustomValidity(good ? "" : text("about.distance_wrong", { nearest: NEAREST, farthest: FARTHEST }));
  };
  field.addEventListener("input", check);
}

/** The distance is checked; the frame follows the slider; without a card there is neither. */
export function followForm() {
  checkDistance();
  const [slider, card, none] = ["card-slider", "card", "no-card"].map((id) => document.getElementById(id));
  slider.max = Math.min(slider.max, window.innerWidth - card.parentElement.getBoundingClientRect().left - 16);
  const follow = () => {
    card.style.width = `${slider.value}px`;
    card.hidden = slider.hidden = none.checked;
  };
  slider.addEventListener("input", follow);
  none.addEventListener("change", follow);
  follow();
}

/** What the form was answered, as columns: null where it is not known. */
export function aboutData({ distance, card, side, no_card: none }) {
  return {
    viewing_distance_cm: distance.trim() === "" ? null : centimetres(distance),
    css_pixels_per_mm: none ? null : Number(card) / CARD[side],
    device_pixel_ratio: pixelRatio(),
  };
}

/** What stays the same when the page is zoomed after a card was held to it: the screen, and its pixels per millimetre. */
export function measured({ viewing_distance_cm: distance, css_pixels_per_mm: density, device_pixel_ratio: ratio }) {
  return { distance, density: density && density * ratio, screen: screenSize() };
}

/**
 * The width of a picture in degrees of visual angle; null where it is not known, on another screen, too.
 * @param {number} width in pixels of the screen
 */
export function degrees(width, { distance, density, screen }) {
  if (!distance || !density || !isSameScreen(screen)) return null;
  return (2 * Math.atan(width / density / (20 * distance)) * 180) / Math.PI;
}

/** For the gamma check: stripes of black and white, one pixel each, with a square of one grey in the middle. */
export function stripes(side = 160) {
  const coverage = new Float32Array(side * side);
  const surround = new Float32Array(3 * side * side);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const inside = Math.max(Math.abs(x - side / 2 + 0.5), Math.abs(y - side / 2 + 0.5)) < side / 4;
      coverage[y * side + x] = inside ? 1 : 0;
      surround.fill(inside ? 0 : 255 * (y % 2), 3 * (y * side + x), 3 * (y * side + x + 1));
    }
  }
  return { width: side, height: side, coverage, surround };
}

/** Every grey, as colours. */
export const GREYS = Array.from({ length: 256 }, (_, grey) => [grey, grey, grey]);

/** The exponent of a screen on which a grey is as bright as half of white: half = (grey / 255) ^ gamma. */
export function gammaOf(grey) {
  return grey > 0 && grey < 255 ? Math.log(0.5) / Math.log(grey / 255) : null;
}
