// Pictures with a target that has yet to get its colour, painted exactly as the toolkit paints them.
import { unzlibSync } from "fflate";

/**
 * A picture but for the colour of its target.
 * @typedef {Object} Raster
 * @property {number} width
 * @property {number} height
 * @property {Float32Array} coverage which share of each pixel the target covers, in [0, 1]
 * @property {Float32Array} surround three per pixel, sRGB in [0, 255]: the colour of the rest times its share
 */

/** The raster of a condition, as the configuration carries it: little-endian float32, deflated, as base64. */
export function unpack({ width, height, coverage, surround }) {
  return { width, height, coverage: floats(coverage), surround: floats(surround) };
}

/** Colours, three bytes each, deflated, as base64. */
export function unpackColours(text) {
  const bytes = inflated(text);
  return Array.from({ length: bytes.length / 3 }, (_, i) => bytes.subarray(3 * i, 3 * i + 3));
}

function floats(text) {
  return new Float32Array(inflated(text).buffer);
}

function inflated(text) {
  return unzlibSync(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))).slice();
}

/** The pixels that the target covers, wholly or in part: the only ones that change with its colour. */
export function covered({ coverage }) {
  return Uint32Array.from(coverage.keys()).filter((pixel) => coverage[pixel] > 0);
}

/**
 * Paint pixels of a picture, in the arithmetic of float32 in which the toolkit rounds to bytes.
 * @param {ImageData} image of the size of the raster
 * @param {Raster} raster
 * @param {Iterable<number>} pixels which
 * @param {number[]} colour of the target: three bytes
 */
export function paint(image, { coverage, surround }, pixels, colour) {
  const round = Math.fround;
  for (const pixel of pixels) {
    for (let channel = 0; channel < 3; channel += 1) {
      const target = round(coverage[pixel] * colour[channel]);
      image.data[4 * pixel + channel] = Math.floor(round(round(target + surround[3 * pixel + channel]) + 0.5));
    }
    image.data[4 * pixel + 3] = 255;
  }
}

/**
 * The outline of the target, just outside of it, in black and white dashes that show on any colour.
 * @returns {ImageData} transparent but for the outline
 */
export function outline({ width, height, coverage }) {
  const image = new ImageData(width, height);
  const inside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && coverage[y * width + x] > 0;
  const reach = [-2, -1, 0, 1, 2];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!inside(x, y) && reach.some((dx) => reach.some((dy) => inside(x + dx, y + dy)))) {
        const shade = ((x + y) >> 3) % 2 ? 255 : 0;
        image.data.set([shade, shade, shade, 255], 4 * (y * width + x));
      }
    }
  }
  return image;
}
