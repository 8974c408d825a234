// Hue and contrast that are set at once, in the plane of one luminance.

/** Of an azimuth in degrees and a contrast: L−M and S−(L+M) ÷ scale. */
export function fromPolar(azimuth, contrast) {
  const angle = (azimuth * Math.PI) / 180;
  return [contrast * Math.cos(angle), contrast * Math.sin(angle)];
}

/** Of a disc, what was set at the start and at the end, and how far that is from physically the same. */
export function setOnDisc({ step, azimuth, contrast, width, begins }, data) {
  const turn = 360 / (begins.length - 1);
  const [match, match_contrast] = [data.match_step * turn, data.match_contrast_step * step];
  const [[x, y], [ownX, ownY]] = [fromPolar(match, match_contrast), fromPolar(azimuth, contrast)];
  return {
    start: data.start_step * turn, start_contrast: data.start_contrast_step * step, match, match_contrast,
    off: Math.hypot(x - ownX, y - ownY) / width,
  };
}
