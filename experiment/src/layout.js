// Where two pictures stand on the screen, so that every one of their pixels fills whole pixels of the screen.

/** Pictures are not shown larger than this, in CSS pixels. */
const LARGEST = 440;
/** What lies between two pictures: this share of their width, as in `illusions render`. */
const GAP = 1 / 20;

/**
 * Place one picture or two, beside each other or one above the other, whichever shows them larger.
 * @param {{width: number, height: number}[]} pictures in their order, sizes in pixels
 * @param {{left: number, top: number, width: number, height: number}} room in CSS pixels, in the window
 * @param {number} ratio pixels of the screen per CSS pixel
 * @param {number} largest side in CSS pixels
 * @returns {{magnification: number, stacked: boolean, places: {left: number, top: number}[]}} screen pixels per pixel
 *   of a picture, a whole number unless not even 1 fits; and corners relative to the room, in CSS pixels
 */
export function place(pictures, room, ratio, largest = LARGEST) {
  const beside = arrange(pictures, room, ratio, false, largest);
  const above = arrange(pictures, room, ratio, true, largest);
  return above.magnification > beside.magnification ? above : beside;
}

function arrange(pictures, room, ratio, stacked, largest) {
  const gap = Math.round(Math.max(...pictures.map(({ width }) => width)) * GAP);
  const [along, across] = stacked ? ["height", "width"] : ["width", "height"];
  const total = {
    [along]: pictures.reduce((sum, picture) => sum + picture[along], gap * (pictures.length - 1)),
    [across]: Math.max(...pictures.map((picture) => picture[across])),
  };
  const side = Math.max(...pictures.map(({ width, height }) => Math.max(width, height)));
  const fitting = ratio * Math.min(room.width / total.width, room.height / total.height, largest / side);
  const magnification = fitting >= 1 ? Math.floor(fitting) : fitting;
  const css = magnification / ratio;
  const onScreen = (offset, position) => Math.round((offset + position) * ratio) / ratio - offset;
  let from = (room[along] - total[along] * css) / 2;
  const places = pictures.map((picture) => {
    const aside = (room[across] - picture[across] * css) / 2;
    const [left, top] = stacked ? [aside, from] : [from, aside];
    from += (picture[along] + gap) * css;
    return { left: onScreen(room.left, left), top: onScreen(room.top, top) };
  });
  return { magnification, stacked, places };
}
