// What is known about the screen: what the browser says, and what the person does.
import { text } from "./text.js";

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
      <input type="number" name="distance" min="10" max="400" step="any" inputmode="decimal">
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

/** The frame follows the slider; without a card there is neither. */
export function followCard() {
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
    viewing_distance_cm: distance === "" ? null : Number(distance),
    css_pixels_per_mm: none ? null : Number(card) / CARD[side],
  };
}

/** The width of a picture in degrees of visual angle, from its width in CSS pixels; null where it is not known. */
export function degrees(width, { viewing_distance_cm: distance, css_pixels_per_mm: density }) {
  if (!distance || !density) return null;
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
