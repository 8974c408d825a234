"""Exact likelihood against bounds: what a flow says of photographs and illusions, and what an autoencoder says."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pydantic import Field
from scipy.stats import spearmanr

from illusions.analyses.claims.analysis import BITS_PER_DIM, Analysis, Claim, Finding, Models
from illusions.analyses.claims.verdicts import check, verdict
from illusions.analyses.densities.matching import match
from illusions.analyses.drawing.canvas import canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, STYLES
from illusions.analyses.patches.crops import Crops
from illusions.analyses.patches.photographs import EachKey, PhotographsKey, how_few, photograph_crops
from illusions.analyses.readings.fields import rank_by_field
from illusions.analyses.readings.ranking import rank, thinned
from illusions.analyses.wording import with_error
from illusions.errors import InputError
from illusions.models.evaluation import bits_per_dimension, mean_over_photographs
from illusions.models.model import Model
from illusions.models.vae import Bound, Vae
from illusions.stimuli.loading import load_stimulus
from illusions.stimuli.settings import load_settings

if TYPE_CHECKING:
    from illusions.analyses.densities.curve import LikelihoodCurve
    from illusions.arrays import Floats
    from illusions.stimuli.stimulus import Stimulus

#: Every n-th value of a sweep is scored.
_EVERY = 15
#: Samples of the latents: of the bound that all is read by, and of a tighter one.
FEW, MANY = 64, 1024
#: Other seeds of the latents, for the spread of the bound.
_SEEDS = 6
EXACT, ELBO, WEIGHTED = "exact", f"ELBO, {FEW} samples", "importance-weighted, {:,} samples"
_NO_GAN = "a GAN maps noise to pictures and gives no density, nor a bound of one: there is no rank to read"
_COLUMNS = (
    *("likelihood", "model", "bits_per_dimension", "standard_error", "rank_correlation", "largest_rank_difference"),
    *("directions_as_people", "directions_as_exact", "stimuli", "hue_error", "hue_from_exact", "settings"),
    "seconds_ratio",
)
Curves = Mapping[str, "LikelihoodCurve"]


class BoundsAnalysis(Analysis):
    """The exact likelihood of a flow and lower bounds of that of a variational autoencoder, on the same patches.

    The claim is put to the test by what the bound does with more samples of the latents: a likelihood would stay. It
    is taken to hold where the importance-weighted bound rises from the ELBO to `FEW` samples and from there to `MANY`,
    each by more than twice the standard error over photographs. How much that matters is measured beside it.
    """

    kind: Literal["bounds"]
    photographs: PhotographsKey
    each: EachKey
    #: Stimuli of two conditions whose direction is known.
    stimuli: Annotated[tuple[str, ...], Field(min_length=2)]
    #: Settings of hues, the field by which they are read in degrees, and T in nats per pixel of the target.
    settings: str
    field: Annotated[float, Field(gt=0, le=180)]
    hue_temperature: Annotated[float, Field(gt=0)]
    model: str = "natural16"
    autoencoder: str = "vae16"
    claim: Claim

    def run(self, models: Models, *, seed: int) -> Finding:
        """Score photographs, sweeps and hues by the flow and by the bounds."""
        flow, vae = models(self.model), models(self.autoencoder)
        scorers = {EXACT: flow} | {
            name: bounded(vae, bound)
            for name, bound in (
                (ELBO, Bound(FEW, seed, importance_weighted=False)),
                (WEIGHTED.format(FEW), Bound(FEW, seed)),
                (WEIGHTED.format(MANY), Bound(MANY, seed)),
            )
        }
        crops = photograph_crops(self.photographs, self.each, size=flow.size, seed=seed)
        bits = {name: _bits(model, crops, seed) for name, model in scorers.items()}
        first, *others = [thinned(load_stimulus(name), _EVERY) for name in self.stimuli]
        sweeps: dict[str, list[Curves]] = {}
        seconds: dict[str, float] = {}
        for name, model in scorers.items():
            start = time.perf_counter()
            sweeps[name] = [rank(first, model, BITS_PER_DIM, draws=1, seed=seed)]
            seconds[name] = time.perf_counter() - start
        seeds: list[Curves] = [
            rank(first, bounded(vae, Bound(FEW, seed + 1 + i)), BITS_PER_DIM, draws=1, seed=seed) for i in range(_SEEDS)
        ]
        for name in (EXACT, ELBO, WEIGHTED.format(FEW)):
            sweeps[name] += [rank(other, scorers[name], BITS_PER_DIM, draws=1, seed=seed) for other in others]
        hues = {name: self._hue_shifts(scorers[name], seed) for name in (EXACT, WEIGHTED.format(FEW))}
        found = _Found(crops, bits, [first, *others], sweeps, seconds, seeds, hues, self._people())
        table = found.table(scorers)
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=" ".join(_sentences(found, table)),
            verdict=verdict(_checks(found)),
            caption=(
                f"Left: bits per dimension of {len(crops.patches)} patches, {how_few(len(self.photographs))}. Middle: "
                f"log-likelihood of {first.name} along the sweep, less its largest value; bounds by {FEW} and {MANY:,} "
                f"samples, dashed: {_SEEDS} other seeds. Right: ranks of the targets of {len(self.stimuli)} stimuli. "
                f"Model {flow.name}, autoencoder {vae.name}, T = {BITS_PER_DIM.nats(flow):.4g} nats; bytes are "
                "dequantised alike for both."
            ),
            table=table,
            draw=lambda text: _figure(found, text),
            overview=_overview(table),
        )

    def _hue_shifts(self, model: Model, seed: int) -> Floats:
        """Predicted shifts of the settings, shape (n,), degrees."""
        people = load_settings(self.settings)
        shifts: list[Floats] = []
        curves: dict[str, Curves] = {}
        for setting in people.settings:
            if setting.group not in curves:
                curves[setting.group] = rank_by_field(
                    setting.stimulus, model, [self.field], self.hue_temperature, placements=1, seed=seed
                ).curves
            there, on_reference = (curves[setting.group][name] for name in (setting.test, setting.reference))
            shifts.append(people.shifts(setting.value, match(there, setting.value, on_reference).pse))
        return np.array(shifts)

    def _people(self) -> Floats:
        return np.array([setting.shift for setting in load_settings(self.settings).settings])


def bounded(model: Model, bound: Bound) -> Model:
    """The same autoencoder, scored by another bound.

    Raises:
        InputError: it is none.
    """
    if not isinstance(model.network, Vae):
        raise InputError(f"model '{model.name}' is a flow, whose likelihood is exact; expected an autoencoder")
    return Model(model.name, model.network.bounded_by(bound), model.recipe)


def _bits(model: Model, crops: Crops, seed: int) -> Floats:
    nats = model.log_likelihood_draws(crops.patches, draws=1, seed=seed, common_noise=False)[0]
    return bits_per_dimension(nats, model.dimensions)


@dataclass(frozen=True, eq=False)
class _Found:
    """What was measured, by way to score."""

    crops: Crops  #: patches of photographs.
    bits: dict[str, Floats]  #: bits per dimension of each patch.
    stimuli: list[Stimulus]  #: those that were swept.
    sweeps: dict[str, list[Curves]]  #: curves of each stimulus; by `MANY` samples of the first one alone.
    seconds: dict[str, float]  #: that the sweep of the first stimulus took.
    seeds: list[Curves]  #: curves of the first stimulus by `FEW` samples of other seeds.
    hues: dict[str, Floats]  #: predicted hue shifts, degrees.
    people: Floats  #: hue shifts that people set, degrees.

    def difference(self, one: str, other: str) -> tuple[float, float]:
        """Bits per dimension of one way more than of another, and the standard error over photographs."""
        _, photographs = np.unique(self.crops.places["picture"], return_inverse=True)
        found = mean_over_photographs(self.bits[one] - self.bits[other], photographs)
        return found.mean, found.standard_error

    def ranks(self, name: str) -> Floats:
        """Percentile ranks of the targets, by stimulus and condition."""
        return np.array([_rank(curve) for curves in self.sweeps[name] for curve in curves.values()])

    def effects(self, name: str) -> Floats:
        """Rank where people see the target higher minus elsewhere, by stimulus."""
        return np.array([_effect(*pair) for pair in zip(self.stimuli, self.sweeps[name], strict=False)])

    def table(self, scorers: Mapping[str, Model]) -> pd.DataFrame:
        """A row per way to score; what cannot be had is empty."""
        _, photographs = np.unique(self.crops.places["picture"], return_inverse=True)
        rows: list[dict[str, object]] = []
        for name, model in scorers.items():
            bits = mean_over_photographs(self.bits[name], photographs)
            row: dict[str, object] = {
                "likelihood": name,
                "model": model.name,
                "bits_per_dimension": bits.mean,
                "standard_error": bits.standard_error,
                "seconds_ratio": self.seconds[name] / self.seconds[EXACT],
            }
            if len(self.sweeps[name]) == len(self.stimuli):
                row |= {
                    "rank_correlation": float(spearmanr(self.ranks(name), self.ranks(EXACT)).statistic),
                    "largest_rank_difference": float(np.abs(self.ranks(name) - self.ranks(EXACT)).max()),
                    "directions_as_people": int((self.effects(name) > 0).sum()),
                    "directions_as_exact": int((self.effects(name) * self.effects(EXACT) > 0).sum()),
                    "stimuli": len(self.stimuli),
                }
            if name in self.hues:
                row |= {
                    "hue_error": float(np.sqrt(np.mean((self.hues[name] - self.people) ** 2))),
                    "hue_from_exact": float(np.sqrt(np.mean((self.hues[name] - self.hues[EXACT]) ** 2))),
                    "settings": len(self.people),
                }
            rows.append(row)
        return pd.DataFrame([*rows, {"likelihood": f"none: {_NO_GAN}", "model": "any GAN"}])[list(_COLUMNS)]


def _rank(curve: LikelihoodCurve) -> float:
    return curve.percentile_rank(curve.value)


def _effect(stimulus: Stimulus, curves: Curves) -> float:
    higher = _rank(curves[str(stimulus.people_see_higher)])
    return higher - float(
        np.mean([_rank(curve) for name, curve in curves.items() if name != stimulus.people_see_higher])
    )


def _checks(found: _Found) -> list[str]:
    """Whether the bound rises from the ELBO to few samples, and from few to many."""
    few, many = WEIGHTED.format(FEW), WEIGHTED.format(MANY)
    return [check(*found.difference(*pair)) for pair in ((ELBO, few), (few, many))]


def _sentences(found: _Found, table: pd.DataFrame) -> Iterator[str]:
    few, many = WEIGHTED.format(FEW), WEIGHTED.format(MANY)
    by_name: dict[Any, dict[Any, Any]] = table.set_index("likelihood").to_dict("index")
    bits = {
        name: with_error(by_name[name]["bits_per_dimension"], by_name[name]["standard_error"])
        for name in (EXACT, ELBO, few, many)
    }
    yield (
        f"Patches of photographs have {bits[EXACT]} bits per dimension by the exact likelihood of the flow; by the "
        f"autoencoder at most {bits[ELBO]} (ELBO), {bits[few]} ({FEW} samples) and {bits[many]} ({MANY:,}): the bound "
        f"falls by {with_error(*found.difference(ELBO, few))} with {FEW} samples and by another "
        f"{with_error(*found.difference(few, many))} with {MANY:,}."
    )
    row, elbo = by_name[few], by_name[ELBO]
    yield (
        f"Ranks of {len(found.ranks(few))} targets by the bound ({FEW} samples) and by the flow have a Spearman "
        f"correlation of {row['rank_correlation']:.2f} and differ by {row['largest_rank_difference']:.2f} at most; "
        f"{row['directions_as_exact']:.0f} of {len(found.stimuli)} effects have the same direction, and "
        f"{row['directions_as_people']:.0f} that which people see (flow: "
        f"{by_name[EXACT]['directions_as_people']:.0f}, ELBO: {elbo['directions_as_people']:.0f})."
    )
    own = float(np.abs(found.ranks(ELBO) - found.ranks(few)).max())
    spread = np.std([_effect(found.stimuli[0], curves) for curves in found.seeds], ddof=1)
    tighter = abs(found.effects(many)[0] - found.effects(few)[0])
    yield (
        f"Within the autoencoder ELBO and {FEW} samples differ by {own:.2f} at most; {MANY:,} samples move the effect "
        f"of {found.stimuli[0].name} by {tighter:.3f}, another seed by {spread:.3f} (standard deviation of "
        f"{len(found.seeds)})."
    )
    yield (
        f"Hue shifts that people set are missed by {by_name[EXACT]['hue_error']:.1f}° (flow) and "
        f"{row['hue_error']:.1f}° (bound; no shift: {np.sqrt(np.mean(found.people**2)):.1f}°), root mean square of "
        f"{len(found.people)}; bound and flow differ by {row['hue_from_exact']:.1f}°."
    )
    yield (
        f"Here a sweep takes {row['seconds_ratio']:.0f} times as long by {FEW} samples as by the flow, and "
        f"{by_name[many]['seconds_ratio']:.0f} times by {MANY:,}. A GAN has no row: {_NO_GAN}."
    )


def _overview(table: pd.DataFrame) -> pd.DataFrame:
    return table.round(3).astype(object).where(table.notna(), "")


def _figure(found: _Found, caption: str) -> Figure:
    with mpl.rc_context(RC):
        figure, (place,) = canvas([2.7], caption)
        panels = place.subgridspec(1, 3, width_ratios=[1.3, 1.2, 1])
        _draw_bits(figure.add_subplot(panels[0]), found)
        _draw_sweep(figure.add_subplot(panels[1]), found)
        _draw_ranks(figure.add_subplot(panels[2]), found)
    return figure


def _draw_bits(axes: Axes, found: _Found) -> None:
    _, photographs = np.unique(found.crops.places["picture"], return_inverse=True)
    names = ["flow", "ELBO", f"{FEW}", f"{MANY:,}", "GAN:\nnone"]
    for i, bits in enumerate(found.bits.values()):
        estimate = mean_over_photographs(bits, photographs)
        axes.errorbar(i, estimate.mean, estimate.standard_error, fmt="o", color=STYLES[min(i, 1)][0])
    axes.set_xticks(range(len(names)), names, fontsize=7)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_xlabel("exact; bounds of the autoencoder")
    axes.set_ylabel("bits per dimension")


def _draw_sweep(axes: Axes, found: _Found) -> None:
    condition = str(found.stimuli[0].people_see_higher)
    few, many = WEIGHTED.format(FEW), WEIGHTED.format(MANY)
    for curves in found.seeds:
        _draw_curve(axes, curves[condition], color=STYLES[1][0], linewidth=0.6, linestyle="--", alpha=0.6)
    for name, label, style in ((EXACT, "exact", 0), (few, f"bound, {FEW}", 1), (many, f"bound, {MANY:,}", 2)):
        _draw_curve(axes, found.sweeps[name][0][condition], color=STYLES[style][0], label=label)
    axes.set_xlabel(f"{found.stimuli[0].axis.name}, target on “{condition}”")
    axes.set_ylabel("log-likelihood, nats\n(largest = 0)")
    axes.legend(fontsize=7)


def _draw_curve(axes: Axes, curve: LikelihoodCurve, **style: Any) -> None:
    axes.plot(curve.values, curve.log_likelihood - curve.log_likelihood.max(), **style)


def _draw_ranks(axes: Axes, found: _Found) -> None:
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.6, linestyle=":")
    axes.scatter(found.ranks(EXACT), found.ranks(WEIGHTED.format(FEW)), s=14, color=STYLES[0][0])
    axes.set_xlabel("rank, flow")
    axes.set_ylabel(f"rank, bound ({FEW})")
    axes.set_aspect("equal")
