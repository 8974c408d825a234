"""Draws the pictures of this folder: `python stimuli/published/make.py`, where stimupy 1.2.0 is installed.

The tables say which stimuli there are. The pictures of rhs2007, murray2020 and bindman2004 are what stimupy draws; its
intensities in [0, 1] become bytes by rounding. Those of betz2015 are drawn here.
"""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

HERE = Path(__file__).resolve().parent
Drawn = tuple[NDArray[np.uint8], NDArray[np.uint8]]

SETS = ("betz2015", "bindman2004", "murray2020", "rhs2007")

#: Bindman & Chubb 2004: the grey background, 60 of 1 to 118 cd/m², and as far as it is continued here, in pixels.
_GREY = round((60 - 1) / (118 - 1) * 255)
_SIDE = 400

#: Betz et al. 2015, experiment.py of the repository betz2015_noise: pixels per bar and number of bars. The field of
#: 512 pixels, 31.277 a degree, is drawn at half its resolution, which divides every length by two.
_BETZ = {"white02": (80, 4), "white04": (40, 6), "white08": (20, 12)}
_FIELD = 512
#: Bars of 41.8 and 46.2 cd/m² on 44 cd/m², at 128 for the mean, so that they differ from it by as much.
_DARK, _MEAN, _LIGHT = (round(luminance * 128 / 44) for luminance in (41.8, 44, 46.2))


def draw(set_name: str, stimulus: str) -> Drawn:
    """The picture of a stimulus and the labels of its targets, both of shape (h, w), 8 bits."""
    if set_name == "betz2015":
        return betz2015(*_BETZ[stimulus])
    drawn = _stimupy(set_name, stimulus)
    picture, targets = np.rint(drawn["img"] * 255).astype(np.uint8), drawn["target_mask"].astype(np.uint8)
    if set_name == "bindman2004":
        return _surrounded(picture, _GREY), _surrounded(targets, 0)
    return picture, targets


def _stimupy(set_name: str, stimulus: str) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of every length that it rounds to a pixel
        from stimupy.papers import RHS2007, bindmann2004, murray2020

        if set_name == "bindman2004":
            width, luminance = stimulus.split("_")
            return dict(getattr(bindmann2004, f"bullseye_{width}_gw{luminance}_gb{luminance}")(ppd=50))
        if set_name == "murray2020":
            return dict(getattr(murray2020, stimulus)())
        # the zigzag is larger than the 32 degrees to which the others are padded
        return dict(getattr(RHS2007, stimulus)(ppd=16, pad=stimulus != "WE_zigzag"))


def _surrounded(pixels: NDArray[np.uint8], value: int) -> NDArray[np.uint8]:
    """The pixels in the middle of a square of one value."""
    rest = [_SIDE - side for side in pixels.shape]
    return np.pad(pixels, [(side // 2, side - side // 2) for side in rest], constant_values=value)


def betz2015(bar: int, bars: int) -> Drawn:
    """Two displays side by side: target 1 interrupts a dark bar, target 2 a light one.

    Args:
        bar: width of a bar, pixels of the experiment.
        bars: how many there are.
    """
    displays = [_betz_display(bar // 2, bars, interrupted) for interrupted in (_DARK, _LIGHT)]
    labels = [(target * k).astype(np.uint8) for k, (_, target) in enumerate(displays, start=1)]
    return np.hstack([picture for picture, _ in displays]), np.hstack(labels)


def _betz_display(bar: int, bars: int, interrupted: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A grating of horizontal bars; a square target interrupts the bar just below the middle."""
    other = _DARK + _LIGHT - interrupted
    index = np.arange(bars * bar) // bar
    rows = np.where((index - bars // 2) % 2 == 0, interrupted, other)
    picture = np.full((_FIELD // 2, _FIELD // 2), _MEAN, dtype=np.uint8)
    target = np.zeros(picture.shape, dtype=bool)
    start = (_FIELD // 2 - bars * bar) // 2
    picture[start : start + bars * bar, start : start + bars * bar] = rows[:, None]
    top, left = start + bars // 2 * bar, start + (bars - 1) * bar // 2
    target[top : top + bar, left : left + bar] = True
    picture[target] = _MEAN
    return picture, target


def stimuli(set_name: str) -> list[str]:
    """The stimuli of a set, as its table has them."""
    with (HERE / f"{set_name}.csv").open(encoding="utf-8", newline="") as file:
        return [row["stimulus"] for row in csv.DictReader(file)]


def files(set_name: str, stimulus: str) -> tuple[Path, Path]:
    """Where the picture and the labels lie."""
    return HERE / set_name / f"{stimulus}.png", HERE / set_name / f"{stimulus}-targets.png"


def main() -> None:
    """Draw every picture of every set."""
    for set_name in SETS:
        (HERE / set_name).mkdir(exist_ok=True)
        for stimulus in stimuli(set_name):
            for path, pixels in zip(files(set_name, stimulus), draw(set_name, stimulus), strict=True):
                Image.fromarray(pixels).save(path, optimize=True)
        print(f"{set_name}: {len(stimuli(set_name))} stimuli")


if __name__ == "__main__":
    main()
