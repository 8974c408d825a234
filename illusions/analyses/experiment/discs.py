"""Hue and contrast that are set at once: the disc of colours on the page, and what observers set on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from illusions.analyses.experiment.observers import PAIR, named_observers
from illusions.analyses.readings.colour_matching import ColourMatch, space_of
from illusions.arrays import Bytes, Floats
from illusions.displays import from_polar, gamut_contrast, to_polar
from illusions.estimates import jackknife_standard_error

if TYPE_CHECKING:
    import pandas as pd

    from illusions.analyses.densities.plane import Space
    from illusions.stimuli.stimulus import Stimulus

#: Degrees of azimuth, and of contrast in the plane, between neighbouring settings: about a level of 8 bits.
_TURN, _STEP = 1.0, 0.004
#: In ``colours.csv``: what is estimated of a match, each with a column of its standard error.
_ESTIMATES = ("delta_l_m", "delta_s_lm", "hue_shift", "contrast_ratio")


@dataclass(frozen=True, eq=False)
class Disc:
    """The colours of the target's luminance that a display has, azimuth by azimuth."""

    space: Space  #: the isoluminant plane.
    azimuth: float  #: of the physical target, degrees.
    contrast: float  #: of the physical target.
    begins: Sequence[int]  #: shape (n + 1,): where each of n azimuths begins in ``colours``, and the last ends.
    colours: Bytes  #: shape (m, 3), 8 bits: of every azimuth the contrasts from 0 to the largest in the gamut.
    width: float  #: the largest distance of two colours of the gamut, in contrast.


def disc_of(stimulus: Stimulus) -> Disc:
    """The disc of a stimulus: the isoluminant plane through its target."""
    space = space_of(stimulus)
    azimuths = np.arange(0.0, 360.0, _TURN)
    largest = gamut_contrast(space.luminance or 0.0, azimuths, space.cones)
    counts = np.floor(largest / _STEP).astype(int) + 1
    places = np.concatenate(
        [_coordinates(turn, _STEP * np.arange(n)) for turn, n in zip(azimuths, counts, strict=True)]
    )
    edge = _coordinates(azimuths, largest)
    own = space.coordinates(stimulus.target.rgb[None])
    _, contrast, azimuth = to_polar(space.dkl(own), space.cones)[0]
    return Disc(
        space,
        float(azimuth),
        float(contrast),
        [0, *np.cumsum(counts).tolist()],
        space.colours(places),
        float(np.linalg.norm(edge[:, None] - edge, axis=-1).max()),
    )


def described(disc: Disc, packed: str) -> dict[str, Any]:
    """What the page has to know of a disc, whose colours are packed."""
    return {
        "azimuth": disc.azimuth,
        "contrast": disc.contrast,
        "nearest": round(disc.azimuth / _TURN) % (len(disc.begins) - 1),
        "begins": list(disc.begins),
        "step": _STEP,
        "width": disc.width,
        "colours": packed,
    }


def settings_frame(
    settings: pd.DataFrame, stimuli: Sequence[Stimulus], predictions: Sequence[ColourMatch] = ()
) -> pd.DataFrame:
    """The rows of ``colours.csv`` of ``compare``: by pair of conditions one per observer, then the mean over them.

    Args:
        settings: of ``Responses.colours``, a row per match.
        stimuli: those that occur.
        predictions: of their targets.

    Returns:
        A row per observer and pair, with standard errors by the jackknife over matches; for several observers one more
        per pair, ``observer`` empty, with standard errors over observers. NaN for a single match or observer. Beside
        them the predicted columns, and the distance of the match from the predicted one and from the physical one.
    """
    import pandas as pd

    by_name = {stimulus.name: stimulus for stimulus in stimuli}
    predicted = {(p.stimulus, p.reference_condition, p.comparison_condition): p for p in predictions}
    rows = []
    for pair, its in named_observers(settings).groupby(PAIR, sort=False):
        stimulus, reference, comparison = (str(name) for name in pair)
        disc = disc_of(by_name[stimulus])
        known = {"stimulus": stimulus, "reference_condition": reference, "comparison_condition": comparison}
        beside = _predicted(disc, predicted.get((stimulus, reference, comparison)))
        means = []
        for observer, own in its.groupby("observer", sort=False):
            set_to = _coordinates(own["match"].to_numpy(), own["match_contrast"].to_numpy())
            means.append(set_to.mean(axis=0))
            rows.append({"observer": observer, **known, "matches": len(own), **_row(disc, set_to, beside)})
        if len(means) > 1:
            rows.append({"observer": "", **known, "matches": len(its), **_row(disc, np.array(means), beside)})
    return pd.DataFrame(rows)


def _row(disc: Disc, set_to: Floats, beside: dict[str, Any]) -> dict[str, Any]:
    """What is known of matches of one observer, or of the mean of each of several: shape (k, 2)."""
    mean = set_to.mean(axis=0)
    errors: dict[str, float] = {}
    if len(set_to) > 1:
        replicates = [dict(_estimates(disc, np.delete(set_to, i, axis=0).mean(axis=0))) for i in range(len(set_to))]
        errors = {name: float(jackknife_standard_error([each[name] for each in replicates])) for name in _ESTIMATES}
    estimates: dict[str, float] = {}
    for name, value in _estimates(disc, mean):
        estimates |= {name: value, f"{name}_standard_error": errors.get(name, np.nan)}
    shown = {key: value for key, value in beside.items() if key != "at"}
    return {
        "match": _hex(disc, mean),
        **estimates,
        **shown,
        "distance": float(np.linalg.norm(mean - beside["at"])),
        "distance_from_physical": float(np.linalg.norm(mean - _own(disc))),
        "s_scale": disc.space.cones.s_scale,
    }


def _estimates(disc: Disc, at: Floats) -> Iterator[tuple[str, float]]:
    own = _own(disc)
    delta = disc.space.dkl(at[None])[0] - disc.space.dkl(own[None])[0]
    _, contrast, azimuth = to_polar(disc.space.dkl(at[None]), disc.space.cones)[0]
    turn = (azimuth - disc.azimuth + 180) % 360 - 180
    is_grey = disc.contrast < 1e-3
    values = (delta[1], delta[2], np.nan if is_grey else turn, np.nan if is_grey else contrast / disc.contrast)
    yield from zip(_ESTIMATES, map(float, values), strict=True)


def _predicted(disc: Disc, found: ColourMatch | None) -> dict[str, Any]:
    names = ("match", *_ESTIMATES, "hue_shift_standard_error", "contrast_ratio_standard_error")
    if found is None:
        empty: dict[str, Any] = {f"predicted_{name}": "" if name == "match" else np.nan for name in names}
        return {**empty, "model": "", "temperature": np.nan, "at": np.full(2, np.nan)}
    said = {f"predicted_{name}": getattr(found, name) for name in names}
    at = np.array([found.match_l_m, found.match_s_lm / disc.space.cones.s_scale])
    return {**said, "model": found.model, "temperature": found.temperature, "at": at}


def _own(disc: Disc) -> Floats:
    return np.asarray(_coordinates([disc.azimuth], [disc.contrast])[0])


def _hex(disc: Disc, at: Floats) -> str:
    return "#{:02x}{:02x}{:02x}".format(*disc.space.colours(at[None])[0])


def _coordinates(azimuth: ArrayLike, contrast: ArrayLike) -> Floats:
    """Shape (n, 2): L−M and S−(L+M) ÷ scale."""
    turn, length = np.broadcast_arrays(np.asarray(azimuth, dtype=np.float64), np.asarray(contrast, dtype=np.float64))
    return np.asarray(from_polar(np.stack([np.zeros(turn.shape), length, turn], axis=-1))[..., 1:])
