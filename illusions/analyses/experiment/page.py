"""The page on which observers set matches: one HTML file with stimuli and predictions."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import illusions
from illusions.analyses.experiment.discs import described, disc_of
from illusions.analyses.experiment.response_files import DISC
from illusions.analyses.experiment.responses import CATCH_TOLERANCE
from illusions.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from illusions.analyses.readings.colour_matching import ColourMatch
    from illusions.analyses.readings.scales import Ranking
    from illusions.stimuli.axes import Axis
    from illusions.stimuli.scenes.scene import Raster
    from illusions.stimuli.stimulus import Stimulus

#: Trials between breaks: seven minutes, at twenty seconds each.
BREAK_EVERY = 20
#: Matches per pair of conditions.
REPETITIONS = 4

_PACKAGE = Path(illusions.__file__).resolve().parent
#: Where bundles lie: in a wheel, and in a checkout after ``make experiment``.
_BUNDLES = (_PACKAGE / "data" / "experiment", _PACKAGE.parent / "experiment" / "dist")
_PLACEHOLDER = "{{configuration}}"


def read_bundle(file: str = "page.html") -> str:
    """The page without stimuli, or its trials for other pages, as Node.js has bundled it.

    Args:
        file: ``page.html``, ``timeline.js`` or ``adjustment.css``.

    Raises:
        InputError: it has not been made, and how to make it.
    """
    for folder in _BUNDLES:
        if (folder / file).is_file():
            return (folder / file).read_text(encoding="utf-8")
    raise InputError(
        f"{_BUNDLES[1] / file}: the page has not been bundled; run 'make experiment' in the checkout (it needs "
        "Node.js, 18 or later), or install a wheel that carries it"
    )


def experiment_page(
    bundle: str,
    stimuli: Sequence[Stimulus],
    rankings: Sequence[Ranking] = (),
    colours: Sequence[ColourMatch] | None = None,
    *,
    repetitions: int = REPETITIONS,
    command: str = "",
) -> str:
    """The HTML of an experiment by the method of adjustment; it needs no other file and no network.

    For every pair of conditions that a stimulus asks for, ``stimulus.pairs``, a person sets ``repetitions`` matches:
    the target stays as it is in the first and is varied in the second, through the values of ``stimulus.values()``.
    Among them is a catch trial for every condition, or for the reference alone, with the same surround on both sides.
    The page around the pictures has the colour ``stimulus.ground``. The page draws each picture from the same
    raster in the same arithmetic as ``Stimulus.picture``, so that it shows the same bytes.

    Args:
        bundle: of `read_bundle`.
        stimuli: one or more, each with two or more conditions.
        rankings: of the stimuli, what is predicted; their matches are shown at the end beside what the person set.
        colours: what is predicted where hue and contrast are set at once (`colour_match`), in place of rankings.
            None if the axis of the stimulus is what is set.
        repetitions: matches per pair, at least 1; from 2 on the sides are swapped in half of them.
        command: the command that made the page.

    Raises:
        InputError: a stimulus has a single condition.
    """
    shown = [describe(stimulus) if colours is None else _on_disc(stimulus) for stimulus in stimuli]
    configuration = {
        "version": illusions.__version__,
        "experiment": _digest(f"{each['fingerprint']} {repetitions} {each['axis']['name']}" for each in shown),
        "command": command,
        "repetitions": repetitions,
        "break_every": BREAK_EVERY,
        "catch_tolerance": CATCH_TOLERANCE,
        "stimuli": shown,
        "disc": colours is not None,
        **(_predictions(rankings) if colours is None else _predicted_colours(colours)),
    }
    written = as_script(configuration)
    before, after = bundle.split(_PLACEHOLDER)
    return f"{before}{written}{after}"


def fingerprint(stimulus: Stimulus) -> str:
    """16 hexadecimal digits that change whenever anything changes that a person sees of a stimulus in the page."""
    rasters = [scene.picture() for scene in stimulus.conditions.values()]
    shown = [array.astype("f4").tobytes() for raster in rasters for array in (raster.coverage, raster.surround)]
    colours = stimulus.axis.at(stimulus.target, stimulus.values())
    parts: list[str | bytes] = [
        *stimulus.conditions,
        stimulus.axis.name,
        *shown,
        colours.tobytes(),
        repr(stimulus.value),
    ]
    return _digest(parts if stimulus.reference is None else [*parts, stimulus.reference])


def as_script(value: Any) -> str:
    """JSON that can stand in a script, and in a script of an HTML page."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


def describe(stimulus: Stimulus) -> dict[str, Any]:
    """What trials need of a stimulus: its pictures without their target, and the colour of the target at each value.

    Raises:
        InputError: it has a single condition.
    """
    if len(stimulus.conditions) < 2:
        raise InputError(f"{stimulus.name}: has a single condition; expected two or more, to match between them")
    values = _from_cut(stimulus.values(), stimulus.value, stimulus.axis)
    colours = stimulus.axis.at(stimulus.target, values)
    return {
        "name": stimulus.name,
        "title": stimulus.title,
        "fingerprint": fingerprint(stimulus),
        "axis": {
            "name": stimulus.axis.name,
            "label": stimulus.axis.label,
            "circular": stimulus.axis.circular,
            "high": stimulus.axis.high,
            "step": stimulus.axis.step,
            "s_scale": stimulus.axis.cones.s_scale if stimulus.axis.space == "dkl-polar" else None,
        },
        "value": stimulus.value,
        "values": values.tolist(),
        "nearest": _same(values, colours, stimulus),
        "colours": colours.tolist(),
        "reference_colour": stimulus.colour(stimulus.value).tolist(),
        "conditions": {name: _raster(scene.picture()) for name, scene in stimulus.conditions.items()},
        "pairs": stimulus.pairs,
        "catches": list(stimulus.conditions) if stimulus.reference is None else [stimulus.reference],
        "ground": stimulus.ground.tolist(),
    }


def _on_disc(stimulus: Stimulus) -> dict[str, Any]:
    """A stimulus whose target's hue and contrast are set at once, in the isoluminant plane."""
    disc = disc_of(stimulus)
    axis = {"name": DISC, "label": "hue and contrast", "circular": True, "s_scale": disc.space.cones.s_scale}
    packed = base64.b64encode(zlib.compress(disc.colours.tobytes(), 9)).decode("ascii")
    of_axis = {"axis": axis, "value": disc.azimuth, "disc": described(disc, packed)}
    left_out = ("values", "nearest", "colours")
    return {key: value for key, value in describe(stimulus).items() if key not in left_out} | of_axis


def _from_cut(values: NDArray[np.float64], value: float, axis: Axis) -> NDArray[np.float64]:
    """A sweep in the order of the slider; on a circular axis it begins opposite to the target."""
    if not axis.circular:
        return values
    nearest = int(np.abs(values - value % axis.high).argmin())
    return np.roll(values, len(values) // 2 - nearest)


def _same(values: NDArray[np.float64], colours: NDArray[np.uint8], stimulus: Stimulus) -> int:
    """The step at which the target is physically the same as it is: its bytes, or those nearest to them."""
    off = np.abs(colours.astype(int) - stimulus.colour(stimulus.value)).sum(axis=1)
    return int(np.lexsort((np.abs(values - stimulus.value), off))[0])


def _raster(raster: Raster) -> dict[str, Any]:
    height, width = raster.coverage.shape
    return {
        "width": width,
        "height": height,
        "coverage": _packed(raster.coverage),
        "surround": _packed(raster.surround),
    }


def _packed(array: NDArray[np.float32] | NDArray[np.uint8]) -> str:
    """Little-endian float32, deflated, as base64."""
    return base64.b64encode(zlib.compress(array.astype("<f4").tobytes(), 9)).decode("ascii")


def _predictions(rankings: Sequence[Ranking]) -> dict[str, Any]:
    found = [(match, ranking.unit) for ranking in rankings for match in ranking.matches]
    models = dict.fromkeys((match.model, match.temperature, unit) for match, unit in found)
    return {
        "models": [{"name": name, "temperature": t, "unit": unit} for name, t, unit in models],
        "predictions": [
            {
                "stimulus": match.stimulus,
                "reference": match.reference_condition,
                "comparison": match.comparison_condition,
                "model": match.model,
                "pse": match.pse if match.in_gamut else None,
                "standard_error": None if math.isnan(match.pse_standard_error) else match.pse_standard_error,
            }
            for match, _ in found
        ],
    }


def _predicted_colours(colours: Sequence[ColourMatch]) -> dict[str, Any]:
    models = dict.fromkeys((match.model, match.temperature) for match in colours)
    estimates = ("hue_shift", "hue_shift_standard_error", "contrast_ratio", "contrast_ratio_standard_error")
    return {
        "models": [{"name": name, "temperature": t, "unit": "field"} for name, t in models],
        "predictions": [
            {
                "stimulus": match.stimulus,
                "reference": match.reference_condition,
                "comparison": match.comparison_condition,
                "model": match.model,
                **{name: value for name in estimates if math.isfinite(value := getattr(match, name))},
            }
            for match in colours
        ],
    }


def _digest(parts: Iterable[str | bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    return digest.hexdigest()[:16]
