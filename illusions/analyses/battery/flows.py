"""Flows as competitors: a picture is read by field of view, at several fields and temperatures from one scoring.

Three readings of the same ranks, placement by placement (`illusions.analyses.readings.fields`):

- *rank*: the mean rank of a target over placements and fields. Its differences are the effects of ``illusions rank``;
- *consistency*: how steadily it ranks higher than the other targets, placement by placement;
- *share of placements*: in how many placements it ranks higher, which is on the scale of people's forced choices.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import cast

import numpy as np

from illusions.analyses.battery.predictors import Entry, Labels, Table, fingerprint
from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.densities.temperature import at_target, unit_of_exponent
from illusions.analyses.readings.fields import PLACEMENTS, FieldCurve, rank_by_field
from illusions.analyses.readings.ranking import rank, thinned
from illusions.arrays import Bytes, Floats
from illusions.errors import InputError
from illusions.models.stacks import PatchModel, Stack, WrappedModel, score_stacks, sees_colour
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

    nats: float  #: τ, in nats for a target of one pixel of the patch.
    exponent: float = 0.0  #: the power of the target's pixels by which it is multiplied: 1 for nats per pixel.

    def __str__(self) -> str:
        return f"T = {self.nats:.4g} {unit_of_exponent(self.exponent)}"

    def at(self, pixels: Floats) -> Floats:
        """T in nats for targets of some number of pixels."""
        return at_target(self.nats, pixels, self.exponent)


#: Temperatures that are tried.
FIXED = tuple(ScaledTemperature(nats) for nats in (30.0, 100.0, 300.0))
PER_PIXEL = tuple(ScaledTemperature(nats, 1.0) for nats in (10.0, 30.0, 100.0))
#: What is read off the curve of one placement, higher where its target looks lighter.
Quantity = Callable[[LikelihoodCurve], float]
#: From such quantities, shape (fields, targets, placements), to a value per target, shape (targets,).
Read = Callable[[Floats], Floats]


def mean_rank(ranks: Floats) -> Floats:
    """The mean over placements and fields."""
    return np.asarray(ranks.mean(axis=(0, 2)))


def mean_consistency(ranks: Floats) -> Floats:
    """How steadily each target ranks higher than the mean of all, in [−1, 1]; the mean over fields."""
    apart = ranks - ranks.mean(axis=1, keepdims=True)
    spread = np.sqrt((apart**2).mean(axis=2))
    steady = np.divide(apart.mean(axis=2), spread, out=np.zeros(spread.shape), where=spread > 0)
    return np.asarray(steady.mean(axis=0))


def share_of_placements(ranks: Floats) -> Floats:
    """In which share of placements, over all fields, each target ranks above the mean of all; ties count half."""
    apart = ranks - ranks.mean(axis=1, keepdims=True)
    return np.asarray((0.5 + np.sign(apart) / 2).mean(axis=(0, 2)))


def own_rank(curve: LikelihoodCurve) -> float:
    """The percentile rank of the physical target."""
    return curve.percentile_rank(curve.value)


class Remembering(WrappedModel):
    """A model that scores every stack once.

    Args:
        model: that is asked about stacks it has not seen.
    """

    def __init__(self, model: PatchModel) -> None:
        super().__init__(model)
        self._known: dict[bytes, Floats] = {}

    def log_likelihood_of_stacks(self, stacks: Sequence[Stack]) -> list[Floats]:
        """As of the model, which is asked about new stacks only."""
        keys = [_fingerprint(stack) for stack in stacks]
        new = {key: stack for key, stack in zip(keys, stacks, strict=True) if key not in self._known}
        if new:
            self._known.update(zip(new, score_stacks(self._model, list(new.values())), strict=True))
        return [self._known[key] for key in keys]

    def __getattr__(self, name: str) -> object:
        return getattr(self._model, name)


def _fingerprint(stack: Stack) -> bytes:
    surround = b"" if stack.surround is None else stack.surround.tobytes()
    how = f"{stack.patches.shape} {stack.draws} {stack.seed} {stack.first}".encode()
    return hashlib.sha256(b"".join([how, surround, stack.patches.tobytes()])).digest()


class FlowByField:
    """A flow that scores each stimulus once per field of view, whatever is read from its curves.

    Args:
        model: the flow.
        placements: at each target.
        seed: of placements and noise.
    """

    def __init__(self, model: PatchModel, *, placements: int = PLACEMENTS, seed: int = 0) -> None:
        self.model = model
        self._placements, self._seed = placements, seed
        self._curves: dict[tuple[Hashable, float], Mapping[str, FieldCurve] | InputError] = {}

    def curves(self, key: Hashable, stimulus: Stimulus, field: float) -> Mapping[str, FieldCurve]:
        """The curves by condition.

        Args:
            key: of the stimulus, another one for every other stimulus.
            stimulus: the stimulus.
            field: side of the patch, degrees.

        Raises:
            InputError: as `rank_by_field`.
        """
        if (key, field) not in self._curves:
            try:
                found = rank_by_field(stimulus, self.model, [field], 1.0, placements=self._placements, seed=self._seed)
                self._curves[key, field] = cast(Mapping[str, FieldCurve], found.curves)
            except InputError as error:
                self._curves[key, field] = error
        curves = self._curves[key, field]
        if isinstance(curves, InputError):
            raise curves
        return curves


class ReadFlow(FlowByField):
    """A flow that gives a quantity per target and placement; arguments as of `FlowByField`."""

    def __init__(self, model: PatchModel, *, placements: int = PLACEMENTS, seed: int = 0) -> None:
        super().__init__(model, placements=placements, seed=seed)
        self._read: dict[tuple[bytes, Quantity, float, ScaledTemperature], Floats | str] = {}

    def quantities(
        self,
        picture: Bytes,
        targets: Labels,
        pixels_per_degree: float,
        wanted: Iterable[tuple[float, ScaledTemperature]],
        quantity: Quantity = own_rank,
        axis: str | Axis = "brightness",
    ) -> Mapping[tuple[float, ScaledTemperature], Floats | str]:
        """A quantity by field and temperature, shape (targets, placements), or why there is none."""
        key = fingerprint(picture, targets, pixels_per_degree, str(axis))
        stimulus = labelled_picture(picture, targets, axis, pixels_per_degree=pixels_per_degree)
        found = {}
        for field, t in wanted:
            if (key, quantity, field, t) not in self._read:
                self._read[key, quantity, field, t] = self._quantity(key, stimulus, field, t, quantity)
            found[field, t] = self._read[key, quantity, field, t]
        return found

    def _quantity(
        self, key: bytes, stimulus: Stimulus, field: float, t: ScaledTemperature, quantity: Quantity
    ) -> Floats | str:
        try:
            curves = [curve.at_temperature(t.nats, t.exponent) for curve in self.curves(key, stimulus, field).values()]
        except InputError as error:
            return str(error)
        return np.array([[quantity(part) for part in curve.parts] for curve in curves])


def by_field(
    flow: ReadFlow,
    name: str,
    description: str,
    read: Read,
    temperatures: Sequence[ScaledTemperature] = (*FIXED, *PER_PIXEL),
    *,
    fields: Sequence[tuple[float, ...]] = RUNS,
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
        quantity: of a placement's curve, higher where the target looks lighter.
    """
    settings = {f"{in_words(together)}, {t}": (together, t) for together in fields for t in temperatures}
    wanted = [
        (field, t) for field in sorted({field for together in fields for field in together}) for t in temperatures
    ]

    def answer(picture: Bytes, targets: Labels, pixels_per_degree: float, axis: str | Axis = "brightness") -> Table:
        of = flow.quantities(picture, targets, pixels_per_degree, wanted, quantity, axis)
        return {
            setting: _read(read, [of[field, t] for field in together]) for setting, (together, t) in settings.items()
        }

    return Entry(
        name, description, answer, tuple(settings), answer_in_colour=answer if sees_colour(flow.model) else None
    )


def by_scale(model: PatchModel, name: str, description: str, temperatures: Sequence[float], *, seed: int = 0) -> Entry:
    """A flow read by scale, as the paper does: the width of the patch is a multiple of the target's."""
    settings = [(scale, nats) for scale in SCALES for nats in temperatures]

    def answer(picture: Bytes, targets: Labels, pixels_per_degree: float) -> Table:
        stimulus = labelled_picture(picture, targets, "brightness", pixels_per_degree=pixels_per_degree)
        curves = {scale: _curves_at_scale(stimulus, model, scale, seed) for scale in SCALES}
        return {_scale_in_words(*setting): _ranks_at(curves[setting[0]], setting[1]) for setting in settings}

    return Entry(name, description, answer, tuple(_scale_in_words(*setting) for setting in settings))


def _read(read: Read, fields: Sequence[Floats | str]) -> Sequence[float] | str:
    ranks = []
    for of_field in fields:
        if isinstance(of_field, str):
            return of_field
        ranks.append(of_field)
    values: list[float] = read(np.array(ranks)).tolist()
    return values


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


def _scale_in_words(scale: float, nats: float) -> str:
    return f"scale {scale:g}, T = {nats:.4g} nats"
