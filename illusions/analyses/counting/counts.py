"""Counting in photographs: the percentile rank of a target among those that photographs have in such a surround.

No model is asked. The surround of a stimulus is laid over photographs at every place, the places where it fits best are
kept, and the target of the stimulus is ranked among the targets found there; see `illusions.analyses.counting.search`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from illusions import progress
from illusions.analyses.counting.search import NO_PLACES, Found, Rules, Search, Template, TemplateBank
from illusions.analyses.predictions import MEAN, At, Prediction, with_mean
from illusions.analyses.readings.scales import at_each
from illusions.arrays import Bytes, Floats
from illusions.decoding import one_warning
from illusions.errors import InputError
from illusions.estimates import Replicated, mean_of
from illusions.parallel import each
from illusions.pictures import as_picture
from illusions.stimuli.scenes.scene import PATCH

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

#: How many places are counted: the best of all photographs; and which part of them one photograph may have at most, so
#: that a single fence is not taken for the world.
PLACES, LARGEST_SHARE = 2000, 0.05
#: Of places in fewer photographs is said how many they are.
FEW = 20
#: Standard deviation of a surround, in parts of the range of the axis, from which on a place in a photograph counts.
#: In flatter ones a fit may be one to the quantisation of the file: in JPEG, to gratings.
LEAST_CONTRAST = 0.02


@dataclass(frozen=True, eq=False)
class Count:
    """The places of photographs where a surround fits best, and where a target ranks among the targets there."""

    template: Template  #: what was looked for.
    #: a row per place, the best first: ``picture`` (its file), ``left`` and ``top`` (the patch's upper left pixel in
    #: it), ``correlation`` (of the surrounds), ``target`` (the mean of the target's pixels, in standard deviations of
    #: the surround there from its mean). Empty where nothing can be counted.
    places: pd.DataFrame
    why_none: str = ""  #: why there is no rank; empty where there is one.

    def percentile_ranks(self, values: ArrayLike) -> Floats:
        """Mid-rank of values of the target among those counted, shape (...); NaN where nothing is counted."""
        if self.why_none:
            return np.full(np.shape(values), np.nan)
        targets, own = np.sort(self.places["target"].to_numpy()), self.template.normalised(values)
        below, not_above = (np.searchsorted(targets, own, side) for side in ("left", "right"))
        return np.asarray((below + not_above) / (2 * len(targets)))

    def replicates(self, pictures: Sequence[str]) -> Floats:
        """The percentile rank of the physical target: from all places, then without those of each of k photographs.

        Returns:
            Shape (1 + k,). NaN where nothing is counted, or nothing is left.
        """
        if self.why_none:
            return np.full(1 + len(pictures), np.nan)
        targets, own = self.places["target"].to_numpy(), self.template.normalised(self.template.stimulus.value)
        scores = (targets < own) + 0.5 * (targets == own)
        of = pd.Index(pictures).get_indexer(pd.Index(self.places["picture"]))
        sums = scores.sum() - np.bincount(of, scores, minlength=len(pictures))
        counts = len(scores) - np.bincount(of, minlength=len(pictures))
        left = np.divide(sums, counts, out=np.full(len(pictures), np.nan), where=counts > 0)
        return np.concatenate([[scores.mean()], left])


@dataclass(frozen=True, eq=False)
class Counting:
    """One stimulus, counted at one scale or several."""

    stimulus: Stimulus  #: the stimulus.
    at_scales: Mapping[float, Mapping[str, Count]]  #: by scale, one count per condition.
    name: str  #: what tables call where it was counted.
    #: of the photographs those that were given as arrays, shape (h, w, 3), sRGB, by what ``places`` call them.
    arrays: Mapping[str, ArrayLike] = field(default_factory=dict)

    @property
    def counts(self) -> list[Count]:
        """Every scale, every condition."""
        return [count for counts in self.at_scales.values() for count in counts.values()]

    def counts_at(self, at: At, condition: str) -> list[Count]:
        """The counts behind the rank in a condition, at one scale or at all."""
        scales = self.at_scales.values() if at == MEAN else [self.at_scales[float(at)]]
        return [counts[condition] for counts in scales]

    @cached_property
    def prediction(self) -> Prediction:
        """Percentile ranks of the physical target. A mean is missing if one of its scales has no count.

        The places of one photograph are no independent sample, so it is photographs that are left out for the standard
        errors: all places of one in all conditions and at all scales. What comes next in line elsewhere does not take
        their place.
        """
        pictures = sorted({picture for count in self.counts for picture in count.places["picture"]})
        ranks = with_mean(
            {
                scale: {name: Replicated(count.replicates(pictures)) for name, count in counts.items()}
                for scale, counts in self.at_scales.items()
            },
            mean_of,
        )
        why = {at: {name: self._why_none(at, name) for name in self.stimulus.conditions} for at in ranks}
        return Prediction(
            stimulus=self.stimulus,
            ranks=ranks,
            predictor=self.name,
            subject="The count",
            reasons={at: {name: reason for name, reason in of.items() if reason} for at, of in why.items()},
            noted=_how_few(len(pictures)),
        )

    def _why_none(self, at: At, condition: str) -> str:
        if at != MEAN:
            return self.at_scales[float(at)][condition].why_none
        scales: dict[str, list[str]] = {}
        for scale, counts in self.at_scales.items():
            scales.setdefault(counts[condition].why_none, []).append(f"{scale:g}")
        return "; ".join(
            why if len(scales) == 1 else f"at scale{'s' * (len(which) > 1)} {', '.join(which)} {why}"
            for why, which in scales.items()
            if why
        )


def _how_few(photographs: int) -> tuple[str, ...]:
    """A warning about counts in few photographs; empty without a rank."""
    if not 0 < photographs < FEW:
        return ()
    return (
        f"The places lie in {photographs} photograph{'s' if photographs > 1 else ''}, which is few: other photographs "
        "may say something else.",
    )


@dataclass(frozen=True, eq=False)
class Counted:
    """Result of `count`."""

    countings: list[Counting]  #: one per stimulus.
    photographs: int  #: how many were searched.
    skipped: list[str]  #: for every file that was passed over, why.


@one_warning()
def count(
    stimuli: Sequence[Stimulus],
    photographs: Sequence[str | Path | Bytes],
    scales: Sequence[float] = (),
    *,
    name: str = "counting in photographs",
    size: int = PATCH,
    places: int = PLACES,
    share: float = LARGEST_SHARE,
    apart: int = 0,
    least_contrast: float = LEAST_CONTRAST,
) -> Counted:
    """Rank targets among those that photographs have in such surrounds.

    Of every place in every photograph: the correlation of its surround with that of the stimulus, each without its
    mean and divided by its standard deviation. The best places of all photographs are kept, but not too many of one.
    All stimuli, conditions and scales are looked for in one pass, one photograph at a time in memory. Within
    `joblib.parallel_config` other processes take part (see `illusions.parallel`), with the same numbers.

    Args:
        stimuli: what is shown.
        photographs: picture files, or arrays of shape (h, w, 3), sRGB, which are called ``photograph 1`` and so on by
            their place among all; one that cannot be used is skipped, with its reason.
        scales: side of the patch ÷ longer side of the target; none for the stimuli's own.
        name: what tables call where it was counted.
        size: side of the patch, pixels.
        places: how many are counted; fewer if fewer have a correlation above 0.
        share: at most this part of them, more than 0, is counted in one photograph; the best, too.
        apart: a place is skipped if a better one lies within this many pixels across and down in the same
            photograph. Neighbours resemble each other, but to pass over them makes room for places that fit worse.
        least_contrast: standard deviation of a surround, in parts of the range of the axis, below which a place in a
            photograph is passed over: more than 0.

    Raises:
        InputError: none of the files can be used; or a stimulus is smaller than a patch of such a scale.
    """
    at_scales = [
        {
            scale: {condition: Template(scaled, condition, size) for condition in scaled.conditions}
            for scale, scaled in at_each(stimulus, scales).items()
        }
        for stimulus in stimuli
    ]
    templates = [one for by_scale in at_scales for conditions in by_scale.values() for one in conditions.values()]
    axes = {one.stimulus.axis.name: one.stimulus.axis for one in templates if not one.why_none}
    searches = [
        Search(
            axis,
            [one for one in templates if not one.why_none and one.stimulus.axis.name == name_of_axis],
            Rules(places, max(1, round(share * places)), apart, least_contrast),
        )
        for name_of_axis, axis in axes.items()
    ]
    skipped: list[str] = []
    arrays: dict[str, ArrayLike] = {}
    named = [
        (str(given) if isinstance(given, str | Path) else f"photograph {number}", given)
        for number, given in enumerate(photographs, start=1)
    ]
    search_one = _PhotographSearch(
        size, [search.bank for search in searches], [search.thresholds for search in searches]
    )
    for (called, given), outcome in zip(named, each(search_one, named, name=itemgetter(0)), strict=True):
        if isinstance(outcome, InputError):
            skipped.append(str(outcome))
        else:
            if not isinstance(given, str | Path):
                arrays[called] = given
            for search, one in zip(searches, outcome, strict=True):
                search.add(one)
            search_one.thresholds[:] = [search.thresholds for search in searches]
        progress.report(1)
    if len(skipped) == len(photographs):
        raise InputError(
            f"none of {len(photographs)} files can be used as a photograph; the first: {skipped[0]}"
            if skipped
            else "there are no photographs to count in; expected files or arrays"
        )
    found = {one: best.frame() for search in searches for one, best in search.best.items()}
    countings = [
        Counting(
            stimulus,
            {
                scale: {condition: _counted(one, found.get(one)) for condition, one in conditions.items()}
                for scale, conditions in by_scale.items()
            },
            name,
            arrays,
        )
        for stimulus, by_scale in zip(stimuli, at_scales, strict=True)
    ]
    return Counted(countings, len(photographs) - len(skipped), skipped)


@dataclass
class _PhotographSearch:
    """The search of one photograph for all templates, in any process."""

    size: int
    banks: Sequence[TemplateBank]
    thresholds: list[list[float]]

    def __call__(self, named: tuple[str, str | Path | Bytes]) -> list[Found]:
        called, given = named
        picture = as_picture(given, name=called, minimum_side=self.size)
        return [
            one.find(called, picture, thresholds) for one, thresholds in zip(self.banks, self.thresholds, strict=True)
        ]


def _counted(template: Template, places: pd.DataFrame | None) -> Count:
    if places is None:
        return Count(template, NO_PLACES, template.why_none)
    return Count(template, places, "" if len(places) else "no surround in the photographs correlates with it")
