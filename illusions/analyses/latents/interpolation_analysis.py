"""Interpolation through latent space against the straight blend of pixels, over many pairs of patches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import numpy as np
import pandas as pd
from pydantic import Field

from illusions.analyses.claims.analysis import Analysis, Claim, Finding, Models
from illusions.analyses.claims.verdicts import check_each, verdict
from illusions.analyses.latents.interpolation import LATENT, PIXELS, Interpolation, interpolate
from illusions.analyses.latents.interpolation_figure import MEASURES, pairs_figure
from illusions.analyses.patches.attributes import contrast
from illusions.analyses.patches.crops import Crops
from illusions.analyses.patches.photographs import PhotographsKey, how_few, photograph_crops
from illusions.analyses.wording import with_error
from illusions.errors import InputError
from illusions.estimates import jackknife_standard_error
from illusions.models.latents import dequantised

if TYPE_CHECKING:
    from illusions.arrays import Floats
    from illusions.models.model import Model

#: On each path, both ends included; odd, so that one is in the middle.
_STEPS = 9
#: Of bits per dimension, and of luma in [0, 1]: what is nearer by less is not worth mentioning.
_SMALLEST = 0.01
#: So many pairs of patches are shown.
_EXAMPLES = 3
#: Two photographs, and the way from a patch of one to a patch of the other.
_Between: TypeAlias = tuple[tuple[str, str], Interpolation]


class InterpolationAnalysis(Analysis):
    """Steps between patches of different photographs, on both paths.

    The claim is put to the test twice: for bits per dimension and for contrast, whether the middle of the path through
    latent space is nearer to what its two ends have on average than the middle of the blend is, by more than twice the
    standard error over photographs and by 0.01 or more, of bits per dimension and of the range of luma.
    """

    kind: Literal["interpolation"]
    photographs: PhotographsKey
    #: Of patches, for every two photographs.
    pairs: Annotated[int, Field(ge=1, le=100)]
    model: str = "natural16"
    claim: Claim

    def run(self, models: Models, *, seed: int) -> Finding:
        """Go from patch to patch."""
        model = models(self.model)
        crops = photograph_crops(self.photographs, self.pairs * (len(self.photographs) - 1), size=model.size, seed=seed)
        dequantised(model, crops.patches[:1])  # a model from which there is no way back says so here
        done, lost = self._interpolate(crops, model, seed)
        if not done:
            raise InputError("between none of the pairs of patches the flow decodes; expected others")
        means = _means(done)
        off = distances(done)
        examples = [one for _, one in done][:: max(1, len(done) // _EXAMPLES)][:_EXAMPLES]
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=" ".join([*_sentences(means, off), *_lost(lost, self._count())]),
            verdict=verdict(_checks(off)),
            caption=(
                f"From a patch of one photograph to a patch of another, {len(examples)} of {len(done)} pairs: along a "
                "straight line between their latents, and by blending their pixels; both begin and end with the same "
                "patches. Below: the mean over all pairs of the bits per dimension and of the contrast (standard "
                f"deviation of luma). Errors: {how_few(len(self.photographs))}. The claim is taken to hold where "
                "the middle of the way through latent space is nearer to what both ends have than the middle of the "
                f"blend is, in both by {_SMALLEST:g} or more and by more than twice the standard error. Model "
                f"{model.name}."
            ),
            table=means.assign(model=model.name),
            draw=lambda text: pairs_figure(examples, means, caption=text),
        )

    def _count(self) -> int:
        n = len(self.photographs)
        return self.pairs * n * (n - 1) // 2

    def _interpolate(self, crops: Crops, model: Model, seed: int) -> tuple[list[_Between], int]:
        """What decoded, with the names of both photographs, and how many pairs did not."""
        names = list(dict.fromkeys(crops.places["picture"]))
        left = {name: list(np.flatnonzero(crops.places["picture"] == name)) for name in names}
        done, lost = [], 0
        for first, second in combinations(names, 2):
            for _ in range(self.pairs):
                start, end = (crops.patches[left[name].pop(0)] for name in (first, second))
                try:
                    done.append(((first, second), interpolate(start, end, model, steps=_STEPS, draws=1, seed=seed)))
                except InputError:
                    lost += 1
        return done, lost


def _checks(off: pd.DataFrame) -> list[str]:
    """For every measure, whether the middle through latent space is nearer to the ends than that of the blend."""
    return check_each(off["gain"], off["standard_error"], least=_SMALLEST)


def distances(done: Sequence[_Between]) -> pd.DataFrame:
    """How far the middle of either path is from what both ends have on average, over all pairs.

    Returns:
        A row per measure: latent, pixels (the mean distances), gain (pixels − latent) and its standard_error, by the
        jackknife over photographs: a photograph is left out with all pairs that it is in.
    """
    rows = []
    for measure in MEASURES:
        off = {path: np.array([_off(one, path, measure) for _, one in done]) for path in (LATENT, PIXELS)}
        gain = off[PIXELS] - off[LATENT]
        photographs = dict.fromkeys(name for names, _ in done for name in names)
        without = [np.array([left_out not in names for names, _ in done]) for left_out in photographs]
        replicates = [gain[kept].mean() for kept in without if kept.any()]
        rows.append(
            {
                "measure": measure,
                "latent": off[LATENT].mean(),
                "pixels": off[PIXELS].mean(),
                "gain": gain.mean(),
                "standard_error": float(jackknife_standard_error(replicates)),
            }
        )
    return pd.DataFrame(rows)


def _off(one: Interpolation, path: str, measure: str) -> float:
    values = _values(one, path, measure)
    return float(abs(values[_STEPS // 2] - (values[0] + values[-1]) / 2))


def _values(one: Interpolation, path: str, measure: str) -> Floats:
    """Of every step on a path, shape (steps,)."""
    if measure == "contrast":
        return contrast(one.patches[path])
    return one.frame.loc[one.frame["path"] == path, measure].to_numpy()


def _means(done: Sequence[_Between]) -> pd.DataFrame:
    """The rows of the CSV: path, step, share, and the mean of every measure over all pairs."""
    frames = []
    for path in (LATENT, PIXELS):
        means = {name: np.mean([_values(one, path, name) for _, one in done], axis=0) for name in MEASURES}
        steps = {"step": np.arange(_STEPS), "share": np.linspace(0, 1, _STEPS), **means}
        frames.append(pd.DataFrame({"path": path, **steps, "pairs": len(done)}))
    return pd.concat(frames, ignore_index=True)


def _sentences(means: pd.DataFrame, off: pd.DataFrame) -> Iterator[str]:
    for _, row in off.iterrows():
        measure = str(row["measure"])
        values = {path: means.loc[means["path"] == path, measure].to_numpy() for path in (LATENT, PIXELS)}
        ends = (values[PIXELS][0] + values[PIXELS][-1]) / 2
        gain = with_error(row["gain"], row["standard_error"])
        yield (
            f"In {MEASURES[measure]} the ends have {ends:.3f} on average, the middle through latent space "
            f"{values[LATENT][_STEPS // 2]:.3f}, that of the blend {values[PIXELS][_STEPS // 2]:.3f}; pair by pair the "
            f"blend is off by {row['pixels']:.3f}, the way through latent space by {row['latent']:.3f}, a difference "
            f"of {gain}."
        )


def _lost(lost: int, pairs: int) -> Iterator[str]:
    if lost:
        yield f"Of {pairs} pairs {lost} overflowed on the way, and were left out."
