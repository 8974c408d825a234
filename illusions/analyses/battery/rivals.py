"""Competitors without a flow: contrast with what touches a target, and the filter models of brightness."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from scipy import fft, ndimage

from illusions.analyses.battery.predictors import Entry, Labels, Table, single
from illusions.arrays import Bytes, Floats
from illusions.errors import InputError
from illusions.models import filters

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
        ),
        _filter_entry(
            "DoG",
            "Difference of two round Gaussians with standard deviations of 0.27° and 0.53°: local contrast.",
            filters.difference_of_gaussians,
        ),
        _filter_entry(
            "ODOG",
            "Oriented differences of Gaussians; orientations weigh the same over the whole picture (Blakeslee & "
            "McCourt 1999).",
            filters.odog,
        ),
        _filter_entry(
            "LODOG",
            "ODOG, normalised in the neighbourhood (Robinson, Hammon & de Sa 2007).",
            filters.lodog,
        ),
        _filter_entry(
            "LODOG 4°",
            "LODOG with the window that the authors' code has (σ = 4°); above, that of multyscale 0.2 (2°).",
            partial(filters.lodog, window=4.0),
        ),
        _filter_entry(
            "FLODOG",
            "LODOG, normalised among neighbouring scales (Robinson, Hammon & de Sa 2007).",
            filters.flodog,
        ),
        _filter_entry(
            "FLODOG n=4",
            "FLODOG with the window that the authors' code has (n = 4); above, that of multyscale 0.2 (n = 1).",
            partial(filters.flodog, n=4.0),
        ),
    ]


def intensities(picture: Bytes) -> Floats:
    """Shape (h, w), in [0, 1]: the weighted mean of red, green and blue of a picture (h, w, 3), sRGB."""
    return np.asarray((picture @ _WEIGHTS / 255).clip(0, 1))


def contrasts(picture: Bytes, targets: Labels, pixels_per_degree: float) -> Floats:
    """The mean of each target minus the mean of what is near its border.

    Args:
        picture: shape (h, w, 3), sRGB.
        targets: shape (h, w): 0 on the surround, k on the k-th target. To each, the others are surround.
        pixels_per_degree: of visual angle.

    Returns:
        Shape (reaches, targets), differences of intensities in [0, 1]: a row per reach of `REACHES`, degrees between
        the middles of two pixels. At least those pixels count that share an edge with the target.

    Raises:
        InputError: a target fills the picture.
    """
    seen, columns = intensities(picture), []
    for k in range(1, int(targets.max()) + 1):
        inside = targets == k
        if inside.all():
            raise InputError(f"target {k} fills the picture; expected a surround")
        distance = ndimage.distance_transform_edt(~inside)
        near = [(distance > 0) & (distance <= max(reach * pixels_per_degree, 1)) for reach in REACHES]
        columns.append([seen[inside].mean() - seen[ring].mean() for ring in near])
    return np.array(columns).T


def _contrasts(picture: Bytes, targets: Labels, pixels_per_degree: float) -> Table:
    rows = contrasts(picture, targets, pixels_per_degree)
    return {f"{reach:g}°": list(row) for reach, row in zip(REACHES, rows, strict=True)}


def _filter_entry(name: str, description: str, model: Callable[[Floats, float], Floats]) -> Entry:
    def predict(picture: Bytes, targets: Labels, pixels_per_degree: float) -> Sequence[float]:
        with fft.set_workers(-1):  # all cores
            response = model(intensities(picture), pixels_per_degree)
        return [float(mean) for mean in filters.mean_responses(response, targets)]

    return single(name, description, predict)
