"""Flows as competitors: a picture is read by field of view, at several fields and temperatures from one scoring.

Three readings of the same ranks, placement by placement (`illusions.analyses.readings.fields`):

- *rank*: the mean rank of a target over placements and fields. Its differences are the effects of ``illusions rank``;
- *consistency*: how steadily it ranks higher than the other targets, placement by placement;
- *share of placements*: in how many placements it ranks higher, which is on the scale of people's forced choices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import cast

import numpy as np
from scipy import ndimage

from illusions.analyses.battery.predictors import Entry, Labels, Table, fingerprint
from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.readings.fields import PLACEMENTS, FieldCurve, mean_over_rms, rank_by_field
from illusions.analyses.readings.ranking import rank, thinned
from illusions.arrays import Bytes, Floats
from illusions.errors import InputError
from illusions.models.stacks import PatchModel
from illusions.stimuli.axes import Axis
from illusions.stimuli.families.masked import labelled_picture
from illusions.stimuli.stimulus import Stimulus

#: Fields of view that are tried, degrees: alone, and in every run of neighbours.
FIELDS = (8.0, 10.0, 12.0, 14.0, 16.0)
#: Every run of neighbouring fields, the shortest first.
RUNS = tuple(sorted((FIELDS[i:j] for i, j in combinations(range(len(FIELDS) + 1), 2)), key=len))
#: By scale, patch ÷ longer side of the target, as the paper reads it.
SCALES = (1.5, 2.0, 3.0, 4.0, 6.0)
#: By scale: step of the sweep, and number of noise samples.
_EVERY, _DRAWS = 5, 2


@dataclass(frozen=True)
class ScaledTemperature:
    """A temperature of one reading."""

    nats: float  #: T.
    per_pixel: bool = False  #: whether it is multiplied by the pixels that the target covers in a placement.

    def __str__(self) -> str:
        return f"T = {self.nats:g} nats{' per pixel of the target' if self.per_pixel else ''}"


#: Temperatures that are tried.
FIXED = tuple(ScaledTemperature(nats) for nats in (30.0, 100.0, 300.0))
PER_PIXEL = tuple(ScaledTemperature(nats, per_pixel=True) for nats in (10.0, 30.0, 100.0))
#: What is read off the curve of one look, higher where its target looks lighter.
Quantity = Callable[[LikelihoodCurve], float]
#: From such quantities, shape (fields, targets, placements), to a value per target, shape (targets,).
Read = Callable[[Floats], Floats]


def mean_rank(ranks: Floats) -> Floats:
    """The mean over placements and fields."""
    return np.asarray(ranks.mean(axis=(0, 2)))


def mean_consistency(ranks: Floats) -> Floats:
    """How steadily each target ranks higher than the mean of all, in [−1, 1]; the mean over fields."""
    apart = ranks - ranks.mean(axis=1, keepdims=True)
    return np.array([np.mean([mean_over_rms(placements) for placements in target]) for target in apart.swapaxes(0, 1)])


def share_of_placements(ranks: Floats) -> Floats:
    """In which share of placements, over all fields, each target ranks above the mean of all; ties count half."""
    apart = ranks - ranks.mean(axis=1, keepdims=True)
    return np.asarray((0.5 + np.sign(apart) / 2).mean(axis=(0, 2)))


def own_rank(curve: LikelihoodCurve) -> float:
    """The percentile rank of the physical target."""
    return curve.percentile_rank(curve.value)


class ReadFlow:
    """A flow that is asked once about a picture, whatever is read from its answer.

    Args:
        model: the flow.
        placements: at each target.
        seed: of placements and noise.
    """

    def __init__(self, model: PatchModel, *, placements: int = PLACEMENTS, seed: int = 0) -> None:
        self.model = model
        self._placements, self._seed = placements, seed
        self._curves: dict[tuple[bytes, float], list[FieldCurve] | str] = {}
        self._read: dict[tuple[bytes, Quantity], Mapping[tuple[float, ScaledTemperature], Floats | str]] = {}

    def quantities(
        self,
        picture: Bytes,
        targets: Labels,
        pixels_per_degree: float,
        quantity: Quantity = own_rank,
        axis: str | Axis = "brightness",
    ) -> Mapping[tuple[float, ScaledTemperature], Floats | str]:
        """A quantity by field and temperature, shape (targets, placements), or why there is none."""
        key = fingerprint(picture, targets, pixels_per_degree, str(axis))
        if (key, quantity) not in self._read:
            stimulus = labelled_picture(picture, targets, axis, pixels_per_degree=pixels_per_degree)
            self._read[key, quantity] = {
                (field, t): _of_looks(self._at(key, stimulus, field), t, quantity)
                for field in FIELDS
                for t in (*FIXED, *PER_PIXEL)
            }
        return self._read[key, quantity]

    def _at(self, key: bytes, stimulus: Stimulus, field: float) -> list[FieldCurve] | str:
        if (key, field) not in self._curves:
            try:
                ranking = rank_by_field(
                    stimulus, self.model, [field], 1.0, placements=self._placements, seed=self._seed
                )
            except InputError as error:
                self._curves[key, field] = str(error)
            else:
                self._curves[key, field] = [cast(FieldCurve, curve) for curve in ranking.curves.values()]
        return self._curves[key, field]


def by_field(
    flow: ReadFlow,
    name: str,
    description: str,
    read: Read,
    temperatures: Sequence[ScaledTemperature] = (*FIXED, *PER_PIXEL),
    *,
    fields: Sequence[tuple[float, ...]] = RUNS,
    connected: bool = False,
    quantity: Quantity = own_rank,
) -> Entry:
    """A flow read by field of view; its settings are the temperature and the fields that are averaged.

    Args:
        flow: who is asked; may be shared by several entries.
        name: what tables call it.
        description: what it does.
        read: from the quantities of placements to values.
        temperatures: that are tried.
        fields: that are tried: those of one setting are averaged.
        connected: whether a target that touches pixels of its own colour is taken together with them.
        quantity: of a placement's curve, higher where the target looks lighter.
    """
    settings = {f"{in_words(together)}, {t}": (together, t) for together in fields for t in temperatures}

    def answer(picture: Bytes, targets: Labels, pixels_per_degree: float, axis: str | Axis = "brightness") -> Table:
        asked = whole_regions(picture, targets) if connected else targets
        of = flow.quantities(picture, asked, pixels_per_degree, quantity, axis)
        return {
            setting: _read(read, [of[field, t] for field in together]) for setting, (together, t) in settings.items()
        }

    return Entry(
        name, description, answer, tuple(settings), answer_in_colour=answer if sees_colour(flow.model) else None
    )


def sees_colour(model: PatchModel) -> bool:
    """Whether a model sees more of a patch than its luminance."""
    return model.dimensions != model.size**2


def by_scale(model: PatchModel, name: str, description: str, temperatures: Sequence[float], *, seed: int = 0) -> Entry:
    """A flow read by scale, as the paper does: the width of the patch is a multiple of the target's."""
    settings = [(scale, nats) for scale in SCALES for nats in temperatures]

    def answer(picture: Bytes, targets: Labels, pixels_per_degree: float) -> Table:
        stimulus = labelled_picture(picture, targets, "brightness", pixels_per_degree=pixels_per_degree)
        curves = {scale: _curves_at_scale(stimulus, model, scale, seed) for scale in SCALES}
        return {_scalein_words(*setting): _ranks_at(curves[setting[0]], setting[1]) for setting in settings}

    return Entry(name, description, answer, tuple(_scalein_words(*setting) for setting in settings))


def whole_regions(picture: Bytes, targets: Labels) -> Labels:
    """The labels, each grown over the pixels of its own colour that it touches.

    Where two targets would grow into each other, as in a closed ring, both keep what they are: nothing would be left
    to tell them apart.
    """
    grown = np.zeros_like(targets)
    for k in range(1, int(targets.max()) + 1):
        colour = np.median(picture[targets == k], axis=0)
        regions, _ = ndimage.label((np.abs(picture - colour) <= 1).all(axis=2))
        own = np.isin(regions, np.unique(regions[targets == k]))
        if ((grown > 0) & own).any() or ((targets > 0) & (targets != k) & own).any():
            return targets
        grown[own] = k
    return grown


def _read(read: Read, fields: Sequence[Floats | str]) -> Sequence[float] | str:
    ranks = []
    for of_field in fields:
        if isinstance(of_field, str):
            return of_field
        ranks.append(of_field)
    values: list[float] = read(np.array(ranks)).tolist()
    return values


def _of_looks(curves: Sequence[FieldCurve] | str, t: ScaledTemperature, quantity: Quantity) -> Floats | str:
    """Shape (targets, placements)."""
    if isinstance(curves, str):
        return curves
    return np.array([[quantity(part) for part in _at_temperature(curve, t)] for curve in curves])


def _at_temperature(curve: FieldCurve, t: ScaledTemperature) -> Sequence[LikelihoodCurve]:
    return curve.at_temperature(t.nats).parts if t.per_pixel else [part.at_temperature(t.nats) for part in curve.parts]


def _curves_at_scale(stimulus: Stimulus, model: PatchModel, scale: float, seed: int) -> list[LikelihoodCurve] | str:
    try:
        scaled = replace(thinned(stimulus, _EVERY), scale=scale)
        return list(rank(scaled, model, 1.0, draws=_DRAWS, seed=seed).values())
    except InputError as error:
        return str(error)


def _ranks_at(curves: list[LikelihoodCurve] | str, nats: float) -> Sequence[float] | str:
    if isinstance(curves, str):
        return curves
    return [curve.at_temperature(nats).percentile_rank(curve.value) for curve in curves]


def in_words(fields: Sequence[float]) -> str:
    """``"12°"``, ``"10 to 14°"``."""
    return f"{fields[0]:g}°" if len(fields) == 1 else f"{fields[0]:g} to {fields[-1]:g}°"


def _scalein_words(scale: float, nats: float) -> str:
    return f"scale {scale:g}, T = {nats:.4g} nats"
