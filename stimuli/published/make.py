"""Draws the pictures of this folder: `python stimuli/published/make.py`, where stimupy 1.2.0 is installed.

The tables say which stimuli there are. The pictures of rhs2007, murray2020 and bindman2004 are what stimupy draws; its
intensities in [0, 1] become bytes by rounding. Those of betz2015, canham2021 and chromatic are drawn here.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from illusions.displays import ConeSpace
from illusions.stimuli.colours import parse_colour

HERE = Path(__file__).resolve().parent
Drawn = tuple[NDArray[np.uint8], NDArray[np.uint8]]

Colour = NDArray[np.uint8]

SETS = ("betz2015", "bindman2004", "canham2021", "chromatic", "murray2020", "rhs2007")

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
    if set_name == "canham2021":
        return canham2021(*_CANHAM[stimulus])
    if set_name == "chromatic":
        family, *parts = stimulus.split("_")
        return _CHROMATIC[family](*parts)
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


#: Canham et al. 2021: pixels of a grey bar, 51 a degree, and how many white and black bars lie between the grey ones.
_CANHAM = {"bars019": (10, 24, 24), "bars038": (19, 16, 17), "bars054": (27, 12, 13), "bars076": (39, 9, 10)}
_CANHAM |= {"bars096": (48, 8, 8)}
_INDUCER, _MARGIN, _HEIGHT = 10, 100, 540
_GREY_BAR, _WHITE_BAR, _BLACK_BAR = 103, 223, 1


def canham2021(bar: int, whites: int, blacks: int) -> Drawn:
    """Grey bars among thin white ones, target 1, and beside them grey bars among thin black ones, target 2.

    The grey bar between both, and those at the ends, have one neighbour of each kind and are no targets.

    Args:
        bar: width of a grey bar, pixels.
        whites: how many white bars there are.
        blacks: how many black ones follow.
    """
    row, labels = [0] * _MARGIN, [0] * _MARGIN
    for k in range(whites + blacks + 1):
        target = 1 if 0 < k < whites else 2 if whites < k < whites + blacks else 0
        row += [_GREY_BAR] * bar + [_WHITE_BAR if k < whites else _BLACK_BAR] * _INDUCER * (k < whites + blacks)
        labels += [target] * bar + [0] * _INDUCER * (k < whites + blacks)
    band = np.array([row + [0] * _MARGIN, labels + [0] * _MARGIN], dtype=np.uint8)
    pictures = np.repeat(band[:, None], _HEIGHT, axis=1)
    picture, target = np.pad(pictures, [(0, 0), (_MARGIN, _MARGIN), (0, 0)])
    return picture, target


def _dkl(luminance: float, l_m: float, s_lm: float) -> Colour:
    return parse_colour({"dkl": [luminance, l_m, s_lm]}).bytes


def _polar(contrast: float, azimuth: float) -> Colour:
    """A colour of the isoluminant plane in which S−(L+M) is divided by 2.6."""
    return parse_colour({"dkl-polar": [0, contrast, azimuth % 360]}, ConeSpace(s_scale=2.6)).bytes


_NEUTRAL = _dkl(0, 0, 0)


def _painted(labels: NDArray[np.intp], *colours: Colour) -> Colour:
    """The colour of each pixel, by its label."""
    return np.stack(colours)[labels]


def _side_by_side(panels: list[Drawn], gap: int) -> Drawn:
    """Two panels, with targets 1 and 2, on a neutral ground that is as wide around them as between them."""
    pictures, targets = [], []
    for k, (picture, target) in enumerate(panels):
        around = [(gap, gap), (gap, gap * k)]
        rgb = np.stack([np.pad(picture[..., c], around, constant_values=_NEUTRAL[c]) for c in range(3)], axis=-1)
        pictures.append(rgb)
        targets.append(np.pad(target * (k + 1), around))
    return np.hstack(pictures), np.hstack(targets).astype(np.uint8)


def grating(axis: str, frequency: str) -> Drawn:
    """Grey bars between bars that are lower on an axis, target 1, and higher, target 2; about 6 degrees each.

    Args:
        axis: ``"l-m"`` or ``"s-lm"``.
        frequency: cycles per degree: 0.7 at 28 pixels a degree, or 9 at 36.
    """
    pixels = {"0.7": 20, "9": 2}[frequency]
    density = round(2 * pixels * float(frequency))
    bars = round(12 * float(frequency)) | 1
    target = np.tile(np.repeat(np.arange(bars) % 2, pixels), (bars * pixels, 1))
    inducers = [_dkl(0, 0.08 * sign, 0) if axis == "l-m" else _dkl(0, 0, 0.6 * sign) for sign in (-1, 1)]
    return _side_by_side([(_painted(target, inducer, _NEUTRAL), target) for inducer in inducers], 2 * density)


def rings(first: str, second: str) -> Drawn:
    """A peach ring, the fifth of ten around a centre, on two backgrounds; a ring has 9 pixels, 60 a degree.

    Args:
        first: what touches target 1, ``"purple"`` or ``"lime"``, with the other colour beyond; or ``"all-lime"``,
            ``"all-purple"``, where both are the same.
        second: the same for target 2.
    """
    width, around, test = 9, 10, 5
    side = np.arange(2 * width * (around + 1)) - width * (around + 1) + 0.5
    ring = (np.hypot(side, side[:, None]) / width).astype(int)
    inducers = {"purple": _dkl(0, 0, 0.7), "lime": _dkl(0, 0, -0.7)}
    panels: list[Drawn] = []
    for name in (first, second):
        near = inducers[name.removeprefix("all-")]
        other = near if name.startswith("all-") else next(c for n, c in inducers.items() if n != name)
        labels = np.where(ring > around, 0, np.where(ring == test, 3, 1 + (ring - test + 1) % 2))
        panels.append((_painted(labels, _NEUTRAL, near, other, _dkl(0, 0.05, 0)), (ring == test).astype(np.intp)))
    return _side_by_side(panels, 30)


#: The targets of the variegated surrounds.
_VARIEGATED = {
    "reddish": (0, 0.04, 0),
    "greenish": (0, -0.04, 0),
    "violet": (0, 0, 0.25),
    "lime": (0, 0, -0.25),
    "light": (0.25, 0, 0),
    "dark": (-0.25, 0, 0),
}


def variegated(target: str) -> Drawn:
    """A square on uniform grey, target 1, and on squares of eight colours, target 2; 20 pixels a degree.

    The mean of the colours, in light, is the grey.
    """
    check, checks = 10, 16
    corners = [_dkl(y, x, s) for y in (0.3, -0.3) for x in (0.08, -0.08) for s in (0.3, -0.3)]
    places = np.random.Generator(np.random.PCG64(0)).permuted(np.tile(np.arange(8), (checks, 2)), axis=1)
    labels = np.kron(places, np.ones((check, check), dtype=np.intp))
    inside = np.zeros(labels.shape, dtype=np.intp)
    inside[60:100, 60:100] = 1
    colour = _dkl(*_VARIEGATED[target])
    uniform = _painted(inside, _NEUTRAL, colour)
    return _side_by_side([(uniform, inside), (_painted(np.where(inside, 8, labels), *corners, colour), inside)], 20)


def size(surround: str, difference: str) -> Drawn:
    """A square of 1 degree, target 1, and one of 4, target 2, on a coloured surround; 16 pixels a degree.

    Args:
        surround: its azimuth, degrees.
        difference: azimuth of the targets minus that of the surround, ``"plus45"`` or ``"minus45"``.
    """
    azimuth = float(surround) + {"plus45": 45, "minus45": -45}[difference]
    targets = np.zeros((192, 384), dtype=np.uint8)
    targets[88:104, 88:104] = 1
    targets[64:128, 256:320] = 2
    return _painted((targets > 0).astype(np.intp), _polar(0.14, float(surround)), _polar(0.18, azimuth)), targets


def munker(_: str) -> Drawn:
    """36 bars of yellow and blue, 11.2 min by 8.2 degrees; eight blue ones are red between yellow, target 1, and beside
    them eight yellow ones between blue, target 2; 2.15 degrees long, 1.8 apart, 6 pixels to 11.2 min.
    """
    bar, length, apart, bars, width = 6, 69, 58, 36, 264
    index = np.arange(bars * bar)[:, None] // bar
    targets = np.zeros((bars * bar, width), dtype=np.uint8)
    left = (width - 2 * length - apart) // 2
    within = (index >= 10) & (index < 26)
    for k, parity, start in ((1, 1, left), (2, 0, left + length + apart)):
        targets[:, start : start + length][(within & (index % 2 == parity)).repeat(length, axis=1)] = k
    yellow, blue, red = (np.array(c, dtype=np.uint8) for c in ((230, 205, 70), (60, 70, 210), (205, 70, 80)))
    return _painted(np.where(targets > 0, 2, index % 2).astype(np.intp), yellow, blue, red), targets


_CHROMATIC: dict[str, Callable[..., Drawn]] = {
    function.__name__: function for function in (grating, rings, variegated, size, munker)
}


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
