"""Set matches in PsychoPy. Written by `illusions export`; it needs PsychoPy and the files beside it, nothing else.

    python adjust.py --distance 57 --width 52 --observer ab

The target in one picture stays; change the other until both look the same: a little with the arrow keys left and right
or the wheel, much with up and down; Return when you are done; Escape stops, and keeps what is done. Each session writes
a file of its own, matches-OBSERVER.csv, matches-OBSERVER-2.csv, and so on.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from PIL import Image

HERE = Path(__file__).resolve().parent
#: The light grey of the instructions, as bytes.
GREY = 232
COARSE = 10
#: How far the middles of the pictures are from the middle of the screen, in widths of the comparison.
APART = 0.525
#: What PsychoPy takes for a degree at 1 cm.
CM_PER_DEGREE = 0.017455
#: What a person reads before the first trial. Translate that file: a later export leaves it as it is.
INSTRUCTIONS = "instructions.txt"
STEPS = {"left": -1, "right": 1, "down": -COARSE, "up": COARSE}
COLUMNS = [
    *("observer", "stimulus", "axis", "reference_condition", "comparison_condition", "comparison_place"),
    *("repetition", "reference_value", "start", "match", "rt", "adjustments", "picture_degrees"),
]


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file beside this one."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Picture:
    """A picture whose target has yet to get its colour."""

    def __init__(self, name: str) -> None:
        with np.load(HERE / name) as raster:
            self.coverage, self.surround = raster["coverage"][..., None], raster["surround"]

    def paint(self, colour: NDArray[np.float32]) -> Image.Image:
        """With its target in a colour: in float32, as the toolkit rounds."""
        pixels = np.floor(self.coverage * colour + self.surround + np.float32(0.5))
        return Image.fromarray(pixels.astype(np.uint8))


def all_trials(repetitions: int) -> list[dict[str, Any]]:
    """Every row of conditions.csv in each repetition, in random order; the sides are swapped in half of them."""
    trials = []
    rows = read_table("conditions.csv")
    sides = [random.sample([bool(k % 2) for k in range(repetitions)], repetitions) for _ in rows]
    for repetition in range(repetitions):
        block = [row | {"repetition": repetition + 1, "right": sides[i][repetition]} for i, row in enumerate(rows)]
        trials += random.sample(block, len(block))
    return trials


def too_large(width: float, distance: float, pixels: list[int]) -> str:
    """Which pictures do not fit on the screen, and from which distance they do; empty if all fit.

    Args:
        width: of the screen, cm.
        distance: of the eyes from it, cm.
        pixels: of the screen, across and down.
    """
    degree = distance * CM_PER_DEGREE
    room = width / degree, width / degree * pixels[1] / pixels[0]
    tightest, words = 1.0, ""
    for row in read_table("conditions.csv"):
        wide, high, other_wide, other_high = (
            float(row[f"{of}{side}_degrees"]) for of in ("", "reference_") for side in ("width", "height")
        )
        needed = 2 * APART * wide + max(wide, other_wide), max(high, other_high)
        for has, needs, way in zip(room, needed, ("wide", "high"), strict=True):
            if has / needs < tightest:
                tightest = has / needs
                words = f"the pictures of {row['stimulus']} are {needs:.1f} degrees {way}, and the screen {has:.1f}"
    return words and f"{words}; expected a distance of at most {int(distance * tightest)} cm, or a larger screen"


def moved(step: int, by: int, count: int, *, circular: bool) -> int:
    """A step of a sweep some steps further: round a circle, or as far as the sweep goes."""
    return (step + by) % count if circular else min(max(step + by, 0), count - 1)


def code(given: str) -> str:
    """The code of an observer, which becomes part of a file's name."""
    if not re.fullmatch(r"[^\W_][\w-]*", given):
        raise argparse.ArgumentTypeError(f"'{given}'; expected letters, digits, - and _")
    return given


def positive(given: str) -> float:
    """A length in cm."""
    value = float(given)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{given} cm; expected more than 0")
    return value


def at_least_one(given: str) -> int:
    """How often every pair is shown."""
    if int(given) < 1:
        raise argparse.ArgumentTypeError(f"{given}; expected 1 or more")
    return int(given)


@contextmanager
def new_table(observer: str) -> Iterator[Callable[[dict[str, Any]], None]]:
    """A file of results that did not exist before, and what appends a row to it; without a row it is removed again."""
    for number in count(1):
        path = HERE / f"matches-{observer}{f'-{number}' if number > 1 else ''}.csv"
        with suppress(FileExistsError):
            file = path.open("x", encoding="utf-8", newline="")
            break
    rows = 0

    def append(row: dict[str, Any]) -> None:
        nonlocal rows
        table.writerow(row)
        file.flush()
        os.fsync(file.fileno())  # on the disk, whatever happens next
        rows += 1

    try:
        with file:
            table = csv.DictWriter(file, COLUMNS)
            table.writeheader()
            yield append
    finally:
        if not rows:
            path.unlink()


def instruct(window: Any, words: str) -> bool:
    """Show the instructions until a person begins; false if they stop."""
    from psychopy import event, visual

    visual.TextStim(window, words, units="norm", height=0.06, wrapWidth=1.6, color="black").draw()
    window.flip()
    return "return" in event.waitKeys(keyList=["return", "escape"])


def adjust(window: Any, trial: dict[str, Any]) -> dict[str, Any] | None:
    """One trial: what was set, or None if the person stops."""
    from psychopy import core, event, visual

    window.color = [int(trial[f"ground_{channel}"]) / 127.5 - 1 for channel in ("red", "green", "blue")]
    window.flip()  # after which the window has its new colour
    sweep = read_table(trial["sweep"])
    colours = np.array([[float(row[c]) for c in ("red", "green", "blue")] for row in sweep], dtype=np.float32)
    comparison = Picture(trial["comparison_raster"])
    width = float(trial["width_degrees"])
    side = APART * width * (1 if trial["right"] else -1)
    size, reference_size = (
        [float(trial[f"{of}{d}_degrees"]) for d in ("width", "height")] for of in ("", "reference_")
    )
    shown = {"units": "deg", "interpolate": False}
    reference = str(HERE / trial["reference_picture"])
    stays = visual.ImageStim(window, image=reference, size=reference_size, pos=(-side, 0), **shown)
    step = start = random.randrange(len(colours))
    first = comparison.paint(colours[step])
    changes = visual.ImageStim(window, image=first, size=size, pos=(side, 0), **shown)
    mouse, clock, adjustments = event.Mouse(win=window, visible=False), core.Clock(), 0
    event.clearEvents()
    while True:
        stays.draw()
        changes.draw()
        window.flip()
        keys = event.getKeys(["left", "right", "up", "down", "return", "escape"])
        if "escape" in keys:
            return None
        if "return" in keys and adjustments:
            break
        by = sum(STEPS.get(key, 0) for key in keys) + int(mouse.getWheelRel()[1])
        if by:
            step = moved(step, by, len(colours), circular=trial["circular"] == "True")
            changes.setImage(comparison.paint(colours[step]))
            adjustments += 1
    return {
        **{column: trial[column] for column in COLUMNS if column in trial},
        **{"start": sweep[start]["value"], "match": sweep[step]["value"], "adjustments": adjustments},
        **{"rt": round(1000 * clock.getTime()), "picture_degrees": width},
        "comparison_place": "right" if trial["right"] else "left",
    }


def main() -> None:
    """Run a session, and write what was set after every trial."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--distance", type=positive, required=True, help="of the eyes from the screen, cm")
    parser.add_argument(
        "--width", type=positive, required=True, help="of the screen, or of the window, from edge to edge, cm"
    )
    parser.add_argument("--observer", type=code, required=True, help="a code; it becomes part of the file's name")
    parser.add_argument("--repetitions", type=at_least_one, default=4)
    parser.add_argument("--screen", type=int, default=0, help="number of the screen")
    parser.add_argument("--window", type=int, nargs=2, metavar=("W", "H"), help="in place of the whole screen, pixels")
    options = parser.parse_args()
    words = (HERE / INSTRUCTIONS).read_text(encoding="utf-8-sig")
    with new_table(options.observer) as append:
        run(options, words, append, parser.error)


def run(
    options: argparse.Namespace,
    words: str,
    append: Callable[[dict[str, Any]], None],
    refuse: Callable[[str], NoReturn],
) -> None:
    """Open the window, show the instructions, and append a row after every trial."""
    from psychopy import monitors, visual

    monitor = monitors.Monitor("illusions", width=options.width, distance=options.distance)
    monitor.setSizePix(options.window or [1920, 1080])
    grey = [GREY / 127.5 - 1] * 3
    window = visual.Window(
        size=options.window or [1920, 1080],
        fullscr=options.window is None,
        screen=options.screen,
        monitor=monitor,
        units="deg",
        color=grey,
        colorSpace="rgb",
        checkTiming=False,
    )
    pixels = [int(side) for side in window.size]  # of a whole screen known only now
    monitor.setSizePix(pixels)
    if problem := too_large(options.width, options.distance, pixels):
        window.close()
        refuse(problem)
    try:
        for trial in all_trials(options.repetitions) if instruct(window, words) else []:
            result = adjust(window, trial)
            if result is None:
                break
            append(result | {"observer": options.observer})
    finally:
        window.close()


if __name__ == "__main__":
    main()
