"""The power of the target's pixels with which T grows: fitted to hue over fields, and to strengths of brightness.

    python tests/benchmarks/temperature_exponent.py natural16 > tests/benchmarks/temperature-exponent.csv

T in nats is τ × pixels^γ, where pixels are those of the patch that the target covers (γ = 0: nats, 1: nats per pixel).
Every stack is scored once, at four placements; τ and γ are read off the same curves. τ is stated as T in nats of a
target of 10 pixels.

- *hue*: klauke2015, at each of six fields from 4 to 14°, so that a target of 2° covers 5 to 64 pixels. Each surround at
  each field is predicted with τ (and the fitted γ) of the other surrounds at the other fields.
- *strengths*: the 15 strengths of rhs2007, as per cent of the range (`illusions calibrate --published rhs2007`), at the
  fields of 10 to 14° together. Each family is predicted with τ (and γ) of the others.
- *the other set*: hue with τ (and γ) of the strengths, and the strengths with those of hue.
- *sizes*: the mean shift away from the surround of targets of 0.5 to 4° at ±45°, at 10 to 14°, with τ of hue.
- *directions*: all sets with directions, at 10 to 14°, with τ of hue at these fields.

The rule by which the default reading of colour changes, written before any of this was computed: to the fitted exponent
if the cross-validated error of hue falls by more than its standard error (jackknife over surrounds), and no sourced
direction of brightness or colour is lost; else it stays per pixel.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from scipy.interpolate import CubicSpline

sys.path.insert(0, str(Path(__file__).parents[2]))

from illusions.analyses.battery.entries import FLOOR
from illusions.analyses.battery.flows import Remembering
from illusions.analyses.battery.matches import Group, carried, groups_of
from illusions.analyses.battery.people import is_scored, sign
from illusions.analyses.battery.scores import TIE, rank_correlation
from illusions.analyses.battery.strengths import as_stimuli, measured_strengths, with_strengths
from illusions.analyses.densities.temperature import at_target
from illusions.analyses.densities.transport import line_map
from illusions.analyses.readings.fields import FieldCurve, rank_by_field
from illusions.analyses.readings.reading import COLOUR
from illusions.arrays import Floats
from illusions.errors import InputError
from illusions.models.model import load_model
from illusions.models.stacks import PatchModel
from illusions.stimuli.families.masked import labelled_picture
from illusions.stimuli.published import load_published
from illusions.stimuli.settings import load_settings
from illusions.stimuli.stimulus import Stimulus

FIELDS, DEFAULT, PLACEMENTS = (4.0, 6.0, 8.0, 10.0, 12.0, 14.0), COLOUR.sides, 4
GAMMAS = np.round(np.arange(0, 1.01, 0.05), 2)
SHOWN = (0.0, 0.25, 0.5, 1.0)
#: T of a target of `PIXELS` pixels, nats.
TAUS, PIXELS = np.geomspace(60, 30000, 51), 10.0
SETS = ("chromatic", "canham2021", "rhs2007", "murray2020", "bindman2004", "betz2015")
DEGREES = (0.5, 1.0, 2.0, 4.0)
RESAMPLES = 2000
Row = dict[str, object]


@dataclass(frozen=True)
class Seen:
    """Log-likelihoods of one condition, shape (placements, n), and the pixels of the target."""

    nats: Floats
    pixels: Floats

    @classmethod
    def of(cls, curves: Sequence[FieldCurve], step: int = 1) -> Seen:
        parts = [part for curve in curves for part in curve.parts]
        return cls(
            np.array([part.log_likelihood[::step] for part in parts]),
            np.concatenate([curve.pixels for curve in curves]),
        )

    def density(self, tau: float, gamma: float) -> Floats:
        """Shape (n,): the mean over placements and fields."""
        exponents = self.nats / at_target(tau / PIXELS**gamma, self.pixels, gamma)[:, None]
        mass = np.exp(exponents - exponents.max(axis=1, keepdims=True))
        return np.asarray((mass / mass.sum(axis=1, keepdims=True)).mean(axis=0))


def ranked(stimulus: Stimulus, model: PatchModel, fields: Sequence[float]) -> dict[float, dict[str, FieldCurve]]:
    at = rank_by_field(stimulus, model, fields, 1.0, placements=PLACEMENTS).at_scales
    return {field: {name: cast(FieldCurve, curve) for name, curve in of.items()} for field, of in at.items()}


class Hue:
    """klauke2015 at some fields, and at other sizes of the target."""

    def __init__(self, model: PatchModel, fields: Sequence[float], degrees: float = 2.0, every: int = 1) -> None:
        self.groups = groups_of(load_settings("klauke2015"))[::every]
        self.seen: dict[tuple[str, float], tuple[Seen, Seen]] = {}
        self.pixels: dict[float, float] = {}
        for group in self.groups:
            assert group.stimulus.units_per_degree is not None
            stimulus = replace(group.stimulus, units_per_degree=group.stimulus.units_per_degree * 2 / degrees)
            for field, of in ranked(stimulus, model, fields).items():
                both = Seen.of([of[group.test]], 3), Seen.of([of[group.reference]], 3)
                self.seen[group.name, field] = both
                self.pixels[field] = float(both[0].pixels.mean())
            self.values = of[group.test].values[::3]

    def shifts(self, group: Group, fields: Sequence[float], tau: float, gamma: float) -> Floats:
        """Shape (n,): predicted by the mean density over fields."""
        test, reference = (
            np.mean([self.seen[group.name, field][i].density(tau, gamma) for field in fields], axis=0) for i in (0, 1)
        )
        images = carried(group.stimulus.axis, self.values, test, reference, group.values)
        return group.people.shifts(group.values, images)

    def off(self, fields: Sequence[float], tau: float, gamma: float) -> Floats:
        """Shape (surrounds, n): predicted shifts minus people's."""
        return np.array([self.shifts(group, fields, tau, gamma) - group.shifts for group in self.groups])

    def at_each_field(self) -> Floats:
        """Shape (γ, τ, fields, surrounds, n). At one field all targets cover as many pixels, so T in nats will do."""
        found = []
        for field, pixels in self.pixels.items():
            alone = np.array([self.off([field], tau, 0.0) for tau in TAUS])
            flat = alone.reshape(len(TAUS), -1)
            nats = [np.log(at_target(1 / PIXELS**gamma, pixels, gamma) * TAUS) for gamma in GAMMAS]
            rows = [[np.interp(wanted, np.log(TAUS), column) for column in flat.T] for wanted in nats]
            found.append(np.array(rows).transpose(0, 2, 1).reshape(len(GAMMAS), *alone.shape))
        return np.moveaxis(np.array(found), 0, 2)

    def away(self, tau: float, gamma: float) -> float:
        """The mean shift away from the surround of targets at ±45°, degrees."""
        chosen = [np.isclose(np.abs(group.x), 45) for group in self.groups]
        shifts = [
            self.shifts(group, DEFAULT, tau, gamma)[at] * np.sign(group.x[at])
            for group, at in zip(self.groups, chosen, strict=True)
        ]
        return float(np.mean(shifts))


class Strengths:
    """Matches of rhs2007, as shares of the range: predictions (γ, τ, n), what was measured, the physical values."""

    def __init__(self, model: PatchModel) -> None:
        published = with_strengths(load_published("rhs2007"))
        stimuli = as_stimuli(published)
        measured = measured_strengths(published, stimuli)
        self.families = np.repeat([each.family for each in published], 2)
        self.measured = np.array([each.value for each in measured])
        self.values = np.repeat([stimulus.value for stimulus in stimuli], 2)
        self.predicted = np.empty((len(GAMMAS), len(TAUS), len(measured)))
        for k, stimulus in enumerate(stimuli):
            of = ranked(stimulus, model, DEFAULT).values()
            seen = [Seen.of([each[name] for each in of]) for name in ("1", "2")]
            sweep = stimulus.values()
            for i, gamma in enumerate(GAMMAS):
                for j, tau in enumerate(TAUS):
                    one, two = (each.density(tau, gamma) for each in seen)
                    for m, pair in enumerate(((one, two), (two, one))):
                        self.predicted[i, j, 2 * k + m] = np.interp(stimulus.value, sweep, line_map(sweep, *pair))

    @property
    def off(self) -> Floats:
        """Shape (γ, τ, n)."""
        return self.predicted - self.measured

    def cross_validated(self, rows: Sequence[int]) -> Floats:
        """Shape (n,): predictions with the setting of the other families."""
        out = np.empty(len(self.measured))
        for family in dict.fromkeys(self.families):
            mine = self.families == family
            out[mine] = self.predicted[best((self.off[:, :, ~mine] ** 2).mean(axis=2), rows)][mine]
        return out

    def correlation(self, predicted: Floats) -> float:
        """Of half the difference of both matches of each stimulus: signed by what people see."""
        theirs = (self.measured - self.values)[::2]
        ours = (predicted - self.values).reshape(-1, 2) @ np.array([0.5, -0.5])
        return float(rank_correlation(np.abs(theirs), np.where(theirs == 0, np.abs(ours), np.sign(theirs) * ours)))


def best(squares: Floats, rows: Sequence[int]) -> tuple[int, int]:
    """The γ, of those with these indices, and the τ with the least error, from mean squares (γ, τ)."""
    i, j = np.unravel_index(int(squares[list(rows)].argmin()), (len(rows), squares.shape[1]))
    return rows[int(i)], int(j)


def held_out(off: Floats, rows: Sequence[int]) -> Floats:
    """Shape (fields, surrounds, n): errors with the setting of the other surrounds at the other fields."""
    squares, out = (off**2).mean(axis=-1), np.empty(off.shape[2:])
    for f, s in np.ndindex(off.shape[2:4]):
        others = np.delete(np.delete(squares, f, axis=2), s, axis=3).mean(axis=(2, 3))
        out[f, s] = off[(*best(others, rows), f, s)]
    return out


def rms(off: Floats) -> float:
    return float(np.sqrt(np.mean(off**2)))


def jackknife(numbers: Floats) -> float:
    return float(np.sqrt((len(numbers) - 1) / len(numbers) * ((numbers - numbers.mean()) ** 2).sum()))


def interval(squares: Floats) -> tuple[float, float]:
    """95 % of the fitted γ over resamples of the last axis, from squared errors (γ, τ, n)."""
    drawn = np.random.default_rng(0).integers(squares.shape[2], size=(RESAMPLES, squares.shape[2]))
    found = [GAMMAS[best(squares[:, :, rows].mean(axis=2), range(len(GAMMAS)))[0]] for rows in drawn]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def between_taus(hue: Hue, gamma: float) -> tuple[float, float, float]:
    """T of a target of 10 pixels that is best for hue at the default fields, and its 95 % interval over surrounds."""
    squares = np.array([(hue.off(DEFAULT, tau, gamma) ** 2).mean(axis=1) for tau in TAUS])
    fine = np.geomspace(TAUS[0], TAUS[-1], 1001)
    spline = CubicSpline(np.log(TAUS), squares)(np.log(fine))
    drawn = np.random.default_rng(0).integers(squares.shape[1], size=(RESAMPLES, squares.shape[1]))
    low, high = np.quantile([fine[spline[:, rows].mean(axis=1).argmin()] for rows in drawn], [0.025, 0.975])
    return float(fine[spline.mean(axis=1).argmin()]), float(low), float(high)


def fitted(name: str, squares: Floats, of_each: Floats | None = None) -> Iterator[Row]:
    i, j = best(squares, range(len(GAMMAS)))
    low, high = ("", "") if of_each is None else interval(of_each)
    yield {"exponent": "fitted", "score": f"exponent, {name}", "value": GAMMAS[i], "low": low, "high": high}
    yield {"exponent": "fitted", "score": f"T of 10 pixels, {name}", "value": TAUS[j]}


def table(model: PatchModel) -> Iterator[Row]:
    """All rows, as soon as they are known."""
    all_rows = list(range(len(GAMMAS)))
    hue = Hue(model, FIELDS)
    off = hue.at_each_field()
    human = np.array([group.shifts for group in hue.groups])
    of_hue = (off**2).mean(axis=(2, 4))
    yield from fitted("hue", of_hue.mean(axis=2), of_hue)
    fixed = {f"{gamma:g}": [int(np.argmin(np.abs(GAMMAS - gamma)))] for gamma in SHOWN}
    ways = {**fixed, "fitted": all_rows}
    errors = {words: held_out(off, rows) for words, rows in ways.items()}
    for words, found in errors.items():
        without = [[rms(np.delete(each, s, axis=1)) for s in range(len(human))] for each in (errors["1"], found)]
        predicted = found + human
        yield {"exponent": words, "score": "hue, error", "value": rms(found)}
        yield {
            "exponent": words,
            "score": "hue, error less than per pixel",
            "value": rms(errors["1"]) - rms(found),
            "standard_error": jackknife(np.subtract(*without)),
        }
        r = np.corrcoef(predicted.ravel(), np.broadcast_to(human, predicted.shape).ravel())[0, 1]
        yield {"exponent": words, "score": "hue, r", "value": r}
    own = {}
    for words, rows in ways.items():
        gamma = float(GAMMAS[best(of_hue.mean(axis=2), rows)[0]])
        at_default = [rms(hue.off(DEFAULT, tau, gamma)) for tau in TAUS]
        own[words] = float(TAUS[int(np.argmin(at_default))]), gamma
        yield {"exponent": words, "score": "hue at 10 to 14°, error in sample", "value": min(at_default)}
        yield {"exponent": words, "score": "hue at 10 to 14°, T of 10 pixels", "value": own[words][0]}
        if words in fixed:
            tau, low, high = between_taus(hue, gamma)
            score = "hue at 10 to 14°, T of 10 pixels, between those tried"
            yield {"exponent": words, "score": score, "value": tau, "low": low, "high": high}
    strengths = Strengths(model)
    of_light = (strengths.off**2).mean(axis=2)
    families = [
        (strengths.off**2)[:, :, strengths.families == f].mean(axis=2) for f in dict.fromkeys(strengths.families)
    ]
    yield from fitted("strengths", of_light, np.stack(families, axis=2))
    nothing = (human**2).mean(), ((strengths.values - strengths.measured) ** 2).mean()
    yield from fitted("both", of_hue.mean(axis=2) / nothing[0] + of_light / nothing[1])
    for words, rows in ways.items():
        predicted = strengths.cross_validated(rows)
        at, of = best(of_hue.mean(axis=2), rows), best(of_light, rows)
        yield {"exponent": words, "score": "strengths, error (%)", "value": 100 * rms(predicted - strengths.measured)}
        yield {"exponent": words, "score": "strengths, rank correlation", "value": strengths.correlation(predicted)}
        yield {"exponent": words, "score": "strengths, T of 10 pixels", "value": TAUS[of[1]]}
        yield {"exponent": words, "score": "hue with T of strengths, error", "value": rms(off[of])}
        yield {
            "exponent": words,
            "score": "strengths with T of hue, error (%)",
            "value": 100 * rms(strengths.off[at]),
        }
    yield {"exponent": "", "score": "strengths, error of no illusion (%)", "value": 100 * np.sqrt(nothing[1])}
    for degrees in DEGREES:
        sized = Hue(model, DEFAULT, degrees, every=2)
        for words, (tau, gamma) in own.items():
            yield {"exponent": words, "score": f"mean shift, target of {degrees:g}°", "value": sized.away(tau, gamma)}
    for name in SETS:
        yield from directions(model, name, own)


def directions(model: PatchModel, name: str, settings: dict[str, tuple[float, float]]) -> Iterator[Row]:
    """How many sourced directions of a set are right, and which are not."""
    missed: dict[str, list[str]] = {words: [] for words in settings}
    stimuli = [each for each in load_published(name) if is_scored(each)]
    for each in stimuli:
        labels = np.where(each.targets <= 2, each.targets, 0)
        stimulus = labelled_picture(each.picture, labels, each.axis, pixels_per_degree=each.pixels_per_degree)
        try:
            pairs = [tuple(of.values()) for of in ranked(stimulus, model, DEFAULT).values()]
        except InputError as error:
            print(f"{each.name}: {error}", file=sys.stderr)
            pairs = []
        for words, (tau, gamma) in settings.items():
            ranks = [
                [curve.at_temperature(tau / PIXELS**gamma, gamma).percentile_rank(curve.value) for curve in pair]
                for pair in pairs
            ]
            if not ranks or not sign(each) * np.subtract(*np.mean(ranks, axis=0)) > TIE:
                missed[words].append(each.name)
    for words, names in missed.items():
        right = len(stimuli) - len(names)
        score = f"directions of {name}"
        yield {"exponent": words, "score": score, "value": right, "n": len(stimuli), "missed": " ".join(names)}


if __name__ == "__main__":
    columns = ["model", "exponent", "score", "value", "low", "high", "standard_error", "n", "missed"]
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    for each in sys.argv[1:]:
        for row in table(Remembering(load_model(each, device="cpu").with_floor(FLOOR))):
            rounded = {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()}
            writer.writerow({"model": Path(each).name, **rounded})
            sys.stdout.flush()
