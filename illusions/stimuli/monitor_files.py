"""Monitor files of PsychoPy's Monitor Center: what a photometer measured of a display, and its size."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from illusions.arrays import Floats
from illusions.displays import Display
from illusions.errors import InputError

#: The three guns of a display: red, green, blue.
_Guns: TypeAlias = "tuple[float, float, float]"
#: The formula of the gamma grid: luminance = min + (max − min) · v ^ gamma, "easy" in the Monitor Center.
_EASY = 1
#: Centimetres per degree at a distance of 1 cm, as in PsychoPy.
_CM_PER_DEGREE = 2 * math.tan(math.radians(0.5))


@dataclass(frozen=True)
class MonitorFile:
    """What PsychoPy saves of a monitor; None stands for what was not entered or measured."""

    path: Path  #: the file.
    calibration: str  #: the name of the calibration that is used, as in PsychoPy the alphabetically last.
    calibrations: int  #: how many the file has.
    formula: int  #: of the gamma grid, PsychoPy's ``linearizeMethod``: 1 is min + (max − min) · v^gamma.
    gamma: _Guns | None  #: of red, green and blue.
    black: float | None  #: luminance, cd/m².
    white: float | None  #: luminance, cd/m².
    guns: _Guns | None  #: luminance of red, green and blue above black, cd/m².
    width: float | None  #: of the screen, cm.
    distance: float | None  #: of the eyes from the screen, cm.
    pixels: tuple[int, int] | None  #: of the screen, across and down.

    @property
    def pixels_per_degree(self) -> float | None:
        """Pixels of the screen per degree of visual angle in its middle; None where its size is incomplete."""
        if self.width is None or self.distance is None or self.pixels is None:
            return None
        return self.pixels[0] / self.width * self.distance * _CM_PER_DEGREE

    def display(self) -> Display:
        """The monitor as a display, without the correction of gamma that PsychoPy's windows make.

        The white point is set so that each primary of sRGB has its measured share of the luminance, or is that of sRGB
        where single guns were not measured.

        Raises:
            InputError: gamma or luminances are missing, or have another formula.
        """
        if self.formula != _EASY:
            raise InputError(
                f"{self.path}: its gamma has formula {self.formula}; expected “easy: a+kx^g”, to which the Monitor "
                "Center fits the same measurements anew, or --display gamma=…,white=…,black=…"
            )
        if self.gamma is None or self.white is None or self.black is None:
            missing = [name for name, value in (("gamma", self.gamma), ("luminances", self.white)) if value is None]
            raise InputError(
                f"{self.path}: lacks {' and '.join(missing)}, which are as in a new monitor; expected a measured gamma "
                "grid, or --display gamma=…,white=…,black=…"
            )
        try:
            point = {} if self.guns is None else {"white_point": _white_point(self.guns)}
            return Display(gamma=self.gamma, white=self.white, black=self.black, **point)
        except InputError as error:
            raise InputError(f"{self.path}: {error}") from None


def read_monitor_file(path: str | Path) -> MonitorFile:
    """Read a monitor file: ``NAME.json`` in the folder ``monitors`` of PsychoPy's settings.

    Args:
        path: the file.

    Raises:
        InputError: it cannot be read, is no such file, or holds a value out of range. Pickled files (``.calib``) are
            refused, as loading them can run code.
    """
    path = Path(path)
    name, calibration, count = _last_calibration(path)
    grid = _grid(calibration.get("gammaGrid"), path)
    width, distance = (_positive(calibration.get(key), key, path) for key in ("width", "distance"))
    black, white = (None, None) if _is_default(grid[:1]) else grid[0, :2].tolist()
    return MonitorFile(
        path,
        name,
        count,
        formula=calibration.get("linearizeMethod") or _EASY,
        gamma=_gamma(grid, calibration.get("gamma"), path),
        black=black,
        white=white,
        guns=None if _is_default(grid[1:]) else _three(np.ptp(grid[1:, :2], axis=1)),
        width=width,
        distance=distance,
        pixels=_pixels(calibration.get("sizePix"), path),
    )


def _last_calibration(path: Path) -> tuple[str, Mapping[str, Any], int]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    if path.suffix.lower() == ".calib":
        raise InputError(
            f"{path}: is a pickled calibration of an old PsychoPy; it is not loaded, as pickles can run code; expected "
            "the .json that PsychoPy 1.90 or later saves"
        )
    try:
        calibrations = json.loads(data)
    except ValueError:
        calibrations = None
    if not (isinstance(calibrations, dict) and calibrations and all(map(_is_calibration, calibrations.values()))):
        raise InputError(f"{path}: is no monitor file of PsychoPy; expected calibrations by name, as JSON")
    name = max(calibrations)
    return name, calibrations[name], len(calibrations)


def _is_calibration(value: Any) -> bool:
    return isinstance(value, dict) and {"calibDate", "width", "distance"} <= value.keys()


def _grid(written: Any, path: Path) -> Floats:
    """The gamma grid, shape (4, 3): min, max and gamma of all guns together, of red, green and blue."""
    rows = written.get("__ndarray__") if isinstance(written, dict) else written  # scripts may have set a list
    try:
        grid = np.asarray(rows, dtype=np.float64)[:, :3]
    except (TypeError, ValueError, IndexError):
        grid = np.empty((0, 0))
    if grid.shape != (4, 3) or not np.isfinite(grid).all():
        raise InputError(f"{path}: has no gammaGrid of four rows, with numbers as min, max and gamma")
    return grid


def _is_default(rows: Floats) -> bool:
    """Whether luminances are those of a monitor that was not measured, from 0 to 1."""
    return bool((rows[:, :2] == [0, 1]).all())


def _gamma(grid: Floats, single: Any, path: Path) -> _Guns | None:
    """As PsychoPy takes it: that of the guns in the grid, or the single one where theirs are all 1."""
    if (grid[1:, 2] != 1).any() or (single is None and not _is_default(grid[:1])):
        return _three(grid[1:, 2])
    value = _positive(single, "gamma", path)
    return None if value is None else (value, value, value)


def _three(values: Floats) -> _Guns:
    red, green, blue = values.tolist()
    return red, green, blue


def _positive(value: Any, key: str, path: Path) -> float | None:
    """A number above 0; None where PsychoPy has none, or 0."""
    if not value:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise InputError(f"{path}: {key} is {value!r}; expected a number above 0")
    return float(value)


def _pixels(written: Any, path: Path) -> tuple[int, int] | None:
    sides = [_positive(side, "sizePix", path) for side in written] if isinstance(written, list) else []
    return None if len(sides) != 2 or None in sides else (round(sides[0] or 0), round(sides[1] or 0))


def _white_point(guns: _Guns) -> tuple[float, float]:
    """The chromaticity of light of the primaries of sRGB in these luminances."""
    xy = np.array([Display.red, Display.green, Display.blue])
    xyz = np.array(guns) / xy[:, 1] @ np.column_stack([xy, 1 - xy.sum(axis=1)])
    x, y, _ = (xyz / xyz.sum()).tolist()
    return x, y
