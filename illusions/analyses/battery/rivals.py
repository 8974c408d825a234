"""Competitors without a flow: contrast with what touches a target, and the filter models of brightness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from scipy import fft, ndimage

from illusions.analyses.battery.predictors import NO_SETTING, Entry, Labels, Table, fingerprint
from illusions.arrays import Bytes, Floats
from illusions.errors import InputError
from illusions.models import filters
from illusions.stimuli.axes import Axis

#: How far from its border the surround of a target reaches that it is contrasted with, degrees; the simplest first:
#: where no pixel lies so near, it is the pixels that touch it.
REACHES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
#: Weights of red, green and blue in what models of brightness are given (ITU-R BT.709), applied to sRGB as it is: the
#: published stimuli have bytes for intensities, without a gamma.
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])


def rivals() -> list[Entry]:
    """All of them, the simplest first."""
    return [
        Entry(
            "contrast",
            "The mean of the target minus the mean of what lies within so many degrees of its border (at 0, of the "
            "pixels that touch it).",
            _contrasts,
            tuple(f"{reach:g}°" for reach in REACHES),
            answer_in_colour=_contrasts_in_colour,
        ),
        *_filter_entries(),
    ]


def intensities(picture: Bytes) -> Floats:
    """Shape (h, w), in [0, 1]: the weighted mean of red, green and blue of a picture (h, w, 3), sRGB."""
    return np.asarray((picture @ _WEIGHTS / 255).clip(0, 1))


def contrasts(seen: Floats, targets: Labels, pixels_per_degree: float, turn: float = 0.0) -> Floats:
    """The mean of each target minus the mean of what is near its border.

    Args:
        seen: shape (h, w): intensities, or values of a colour axis.
        targets: shape (h, w): 0 on the surround, k on the k-th target. To each, the others are surround.
        pixels_per_degree: of visual angle.
        turn: of a circular axis; 0 for a line.

    Returns:
        Shape (reaches, targets), differences in the unit of ``seen``: a row per reach of `REACHES`, degrees between
        the middles of two pixels. At least those pixels count that share an edge with the target.

    Raises:
        InputError: a target fills the picture.
    """
    columns = []
    for k in range(1, int(targets.max()) + 1):
        inside = targets == k
        if inside.all():
            raise InputError(f"target {k} fills the picture; expected a surround")
        distance = ndimage.distance_transform_edt(~inside)
        near = [(distance > 0) & (distance <= max(reach * pixels_per_degree, 1)) for reach in REACHES]
        own = float(np.median(seen[inside])) if turn else float(seen[inside].mean())
        columns.append([_mean_difference(own, seen[ring], turn) for ring in near])
    return np.array(columns).T


def _mean_difference(own: float, others: Floats, turn: float) -> float:
    """A value minus the mean of others; on a circle the mean of the differences of at most half a turn."""
    if not turn:
        return float(own - others.mean())
    return float(((own - others + turn / 2) % turn - turn / 2).mean())


def _contrasts(picture: Bytes, targets: Labels, pixels_per_degree: float) -> Table:
    return _by_reach(contrasts(intensities(picture), targets, pixels_per_degree))


def _contrasts_in_colour(picture: Bytes, targets: Labels, pixels_per_degree: float, axis: Axis) -> Table:
    turn = axis.high if axis.circular else 0.0
    return _by_reach(contrasts(axis.get(picture / 255), targets, pixels_per_degree, turn))


def _by_reach(rows: Floats) -> Table:
    return {f"{reach:g}°": list(row) for reach, row in zip(REACHES, rows, strict=True)}


#: Of the filter models with a bank of filters: name, description, and what they divide responses by.
_BANK: Mapping[str, tuple[str, filters.Normalisation]] = {
    "ODOG": (
        "Oriented differences of Gaussians; orientations weigh the same over the whole picture (Blakeslee & McCourt "
        "1999).",
        filters.by_rms(),
    ),
    "LODOG": ("ODOG, normalised in the neighbourhood (Robinson, Hammon & de Sa 2007).", filters.by_local_rms()),
    "LODOG 4°": (
        "LODOG with the window that the authors' code has (σ = 4°); above, that of multyscale 0.2 (2°).",
        filters.by_local_rms(4.0),
    ),
    "FLODOG": (
        "LODOG, normalised among neighbouring scales (Robinson, Hammon & de Sa 2007).",
        filters.by_local_rms_of_scales(),
    ),
    "FLODOG n=4": (
        "FLODOG with the window that the authors' code has (n = 4); above, that of multyscale 0.2 (n = 1).",
        filters.by_local_rms_of_scales(4.0),
    ),
}


class _Filters:
    """Models that see the same responses of filters, computed once about each picture."""

    def __init__(self) -> None:
        self._known: dict[bytes, dict[str, list[float]]] = {}

    def respond(self, name: str, seen: Floats, targets: Labels, pixels_per_degree: float) -> list[float]:
        """The mean response of a model over each target."""
        key = fingerprint(seen, targets, pixels_per_degree)
        if key not in self._known:
            with fft.set_workers(-1):  # all cores
                responses = filters.respond(seen, pixels_per_degree, [model for _, model in _BANK.values()])
            self._known[key] = {
                of: filters.mean_responses(response, targets).tolist()
                for of, response in zip(_BANK, responses, strict=True)
            }
        return self._known[key][name]


def _filter_entries() -> list[Entry]:
    """The difference of Gaussians, and the models that share a bank of filters."""
    shared = _Filters()

    def dog(seen: Floats, targets: Labels, pixels_per_degree: float) -> list[float]:
        response = filters.difference_of_gaussians(seen, pixels_per_degree)
        return list(filters.mean_responses(response, targets).tolist())

    words = "Difference of two round Gaussians with standard deviations of 0.27° and 0.53°: local contrast."
    bank = [_filter_entry(name, said, partial(shared.respond, name)) for name, (said, _) in _BANK.items()]
    return [_filter_entry("DoG", words, dog), *bank]


def _filter_entry(name: str, description: str, respond: Callable[[Floats, Labels, float], list[float]]) -> Entry:
    """A model of brightness; along a cone-opponent axis or those of CIELAB it sees the values on that axis."""

    def answer(picture: Bytes, targets: Labels, pixels_per_degree: float) -> Table:
        return {NO_SETTING: respond(intensities(picture), targets, pixels_per_degree)}

    def in_colour(picture: Bytes, targets: Labels, pixels_per_degree: float, axis: Axis) -> Table:
        if axis.circular:
            return {NO_SETTING: f"says nothing about {axis.name}, which is an angle"}
        seen = (axis.get(picture / 255) - axis.low) / axis.span
        return {NO_SETTING: respond(seen, targets, pixels_per_degree)}

    return Entry(name, description, answer, answer_in_colour=in_colour)
