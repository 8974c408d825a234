"""Counting in photographs: the percentile rank of a target among those that photographs have in such a surround.

No model is asked. After Yang, Z. & Purves, D. (2004). The statistical structure of natural light patterns determines
perceived light intensity. PNAS, 101, 8745–8750: the surround of a stimulus is laid over photographs at every place,
the places where it fits best are kept, and the target of the stimulus is ranked among the targets found there.
Details are ours: surrounds are compared by their correlation in the quantity of the stimulus' axis, so up to their
mean and contrast, for which targets are normalised; photographs are sRGB, at their own resolution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from illusions.analyses.ranks.scales import MEAN, at_each
from illusions.analyses.ranks.wording import and_list
from illusions.errors import InputError
from illusions.estimates import jackknife_standard_error
from illusions.pictures import read_picture
from illusions.stimuli.scenes.scene import PATCH

if TYPE_CHECKING:
    from illusions.arrays import Bytes, Floats
    from illusions.stimuli.axes import Axis
    from illusions.stimuli.scenes.scene import Raster
    from illusions.stimuli.stimulus import Stimulus

#: How many places are counted: the best of all photographs; and which part of them one photograph may have at most, so
#: that a single fence is not taken for the world.
PLACES, LARGEST_SHARE = 2000, 0.05
#: Standard deviation of a surround, in parts of the range of the axis, from which on a place in a photograph counts.
#: In flatter ones a fit may be one to the quantisation of the file: in JPEG, to gratings.
LEAST_CONTRAST = 0.02
#: Positions of a photograph that are compared at once, about: they are held 4·size² bytes each.
_AT_ONCE = 2**16
_NO_PLACES = pd.DataFrame(
    {"picture": [], "left": np.array([], int), "top": np.array([], int), "correlation": [], "target": []}
)


@dataclass(frozen=True, eq=False)
class Sought:
    """What is looked for in photographs: the surround in one condition of a stimulus, as a model sees it.

    Pixels that target and surround share belong to neither.

    Attributes:
        stimulus: at its scale.
        condition: name of the condition.
        size: side of the patch, pixels.
    """

    stimulus: Stimulus
    condition: str
    size: int = PATCH

    @cached_property
    def target(self) -> NDArray[np.bool_]:
        """Shape (size, size): the pixels that show nothing but the target."""
        return self._raster.target

    @cached_property
    def surround(self) -> NDArray[np.bool_]:
        """Shape (size, size): the pixels that show nothing of the target."""
        return self._raster.untouched

    @cached_property
    def patch(self) -> Bytes:
        """Shape (size, size, 3), sRGB: the patch with its physical target."""
        return np.asarray(self.stimulus.patches(self.condition, [self.stimulus.value], size=self.size)[0])

    @cached_property
    def values(self) -> Floats:
        """Shape (size, size): the patch in the quantity of the axis."""
        return self.stimulus.axis.get(self.patch / 255)

    @cached_property
    def why_none(self) -> str:
        """Why nothing can be counted; empty where it can."""
        axis = self.stimulus.axis
        if axis.circular:
            return f"{axis.name} is an angle, which has no mean and no correlation"
        if not self.target.any():
            return f"no pixel of {self.size}×{self.size} shows nothing but the target"
        if not self.surround.any() or self.values[self.surround].std() < axis.step / 2:
            return f"a surround of one {axis.name} correlates with nothing"
        return ""

    def normalised(self, values: ArrayLike) -> Floats:
        """Values of the target, shape (...), as 8 bits show them, in standard deviations from the surround's mean."""
        surround = self.values[self.surround]
        colours = self.stimulus.axis.at(self.stimulus.target, values)
        return np.asarray((self.stimulus.axis.get(colours / 255) - surround.mean()) / surround.std())

    @cached_property
    def _raster(self) -> Raster:
        return self.stimulus.conditions[self.condition].patch(self.stimulus.scale, self.size)


@dataclass(frozen=True, eq=False)
class Count:
    """The places of photographs where a surround fits best, and where a target ranks among the targets there.

    Attributes:
        sought: what was looked for.
        places: a row per place, the best first: ``picture`` (its file), ``left`` and ``top`` (the patch's upper left
            pixel in it), ``correlation`` (of the surrounds), ``target`` (the mean of the target's pixels, in standard
            deviations of the surround there from its mean). Empty where nothing can be counted.
        why_none: why there is no rank; empty where there is one.
    """

    sought: Sought
    places: pd.DataFrame
    why_none: str = ""

    def percentile_ranks(self, values: ArrayLike) -> Floats:
        """Mid-rank of values of the target among those counted, shape (...); NaN where nothing is counted."""
        if self.why_none:
            return np.full(np.shape(values), np.nan)
        targets, own = np.sort(self.places["target"].to_numpy()), self.sought.normalised(values)
        below, not_above = (np.searchsorted(targets, own, side) for side in ("left", "right"))
        return np.asarray((below + not_above) / (2 * len(targets)))

    def replicates(self, pictures: Sequence[str]) -> Floats:
        """The percentile rank of the physical target: from all places, then without those of each of k photographs.

        Returns:
            Shape (1 + k,). NaN where nothing is counted, or nothing is left.
        """
        if self.why_none:
            return np.full(1 + len(pictures), np.nan)
        targets, own = self.places["target"].to_numpy(), self.sought.normalised(self.sought.stimulus.value)
        scores = (targets < own) + 0.5 * (targets == own)
        of = pd.Index(pictures).get_indexer(pd.Index(self.places["picture"]))
        sums = scores.sum() - np.bincount(of, scores, minlength=len(pictures))
        counts = len(scores) - np.bincount(of, minlength=len(pictures))
        left = np.divide(sums, counts, out=np.full(len(pictures), np.nan), where=counts > 0)
        return np.concatenate([[scores.mean()], left])


@dataclass(frozen=True, eq=False)
class Counting:
    """One stimulus, counted at one scale or several.

    Attributes:
        stimulus: what is shown.
        at_scales: by scale, one count per condition.
        name: what tables call where it was counted.
    """

    stimulus: Stimulus
    at_scales: Mapping[float, Mapping[str, Count]]
    name: str

    @property
    def counts(self) -> list[Count]:
        """Every scale, every condition."""
        return [count for counts in self.at_scales.values() for count in counts.values()]

    @cached_property
    def ranks(self) -> dict[float | str, dict[str, Estimate]]:
        """The percentile rank of the physical target, by scale (of several also ``MEAN``) and condition.

        The mean over scales of which one has no count has none.
        """
        pictures = sorted({picture for count in self.counts for picture in count.places["picture"]})
        at: dict[float | str, dict[str, Estimate]] = {
            scale: {name: Estimate(count.replicates(pictures)) for name, count in counts.items()}
            for scale, counts in self.at_scales.items()
        }
        if len(at) > 1:
            parts = list(at.values())
            at[MEAN] = {
                name: Estimate(np.mean([part[name].replicates for part in parts], axis=0))
                for name in self.stimulus.conditions
            }
        return at

    @property
    def whole(self) -> float | str:
        """What stands for all scales: the only one, or ``MEAN``."""
        return MEAN if len(self.at_scales) > 1 else next(iter(self.at_scales))

    def effects(self, scale: float | str) -> dict[str, Estimate]:
        """By condition: its rank minus the mean of those in all the others; NaN for a single condition."""
        ranks = self.ranks[scale]
        return {name: ranks[name].minus([ranks[other] for other in ranks if other != name]) for name in ranks}

    def why_none(self, scale: float | str) -> dict[str, str]:
        """By condition: why there is no rank at a scale, or in the mean; empty where there is one."""
        if scale != MEAN:
            return {name: count.why_none for name, count in self.at_scales[float(scale)].items()}
        return {name: self._why_no_mean(name) for name in self.stimulus.conditions}

    def _why_no_mean(self, condition: str) -> str:
        scales: dict[str, list[str]] = {}
        for scale, counts in self.at_scales.items():
            scales.setdefault(counts[condition].why_none, []).append(f"{scale:g}")
        return "; ".join(
            why if len(scales) == 1 else f"at scale{'s' * (len(at) > 1)} {and_list(at)} {why}"
            for why, at in scales.items()
            if why
        )


@dataclass(frozen=True, eq=False)
class Estimate:
    """An estimate and its replicates, each without one photograph.

    Attributes:
        replicates: shape (1 + k,): with all photographs, and without each of k.
    """

    replicates: Floats

    @property
    def value(self) -> float:
        """With all photographs."""
        return float(self.replicates[0])

    @property
    def standard_error(self) -> float:
        """By the jackknife over photographs; NaN where a photograph cannot be left out.

        The places of one photograph are no independent sample, so it is photographs that are left out: all places of
        one in all conditions and at all scales. What comes next in line elsewhere does not take their place.
        """
        return float(jackknife_standard_error(self.replicates[1:]))

    def minus(self, others: Sequence[Estimate]) -> Estimate:
        """The difference to the mean of others; NaN where there are none."""
        if not others:
            return Estimate(np.full_like(self.replicates, np.nan))
        return Estimate(self.replicates - np.mean([other.replicates for other in others], axis=0))


@dataclass(frozen=True, eq=False)
class Counted:
    """What `count` returns.

    Attributes:
        countings: one per stimulus.
        photographs: how many were searched.
        skipped: for every file that was passed over, why.
    """

    countings: list[Counting]
    photographs: int
    skipped: list[str]


def count(
    stimuli: Sequence[Stimulus],
    paths: Sequence[Path],
    scales: Sequence[float] = (),
    *,
    name: str = "counting in photographs",
    size: int = PATCH,
    places: int = PLACES,
    share: float = LARGEST_SHARE,
    apart: int = 0,
    least_contrast: float = LEAST_CONTRAST,
    advance: Callable[[int], object] = lambda n: None,
) -> Counted:
    """Rank targets among those that photographs have in such surrounds.

    Of every place in every photograph: the correlation of its surround with that of the stimulus, each without its
    mean and divided by its standard deviation. The best places of all photographs are kept, but not too many of one.
    All stimuli, conditions and scales are looked for in one pass, one photograph at a time in memory.

    Args:
        stimuli: what is shown.
        paths: picture files; one that cannot be used is skipped, with its reason.
        scales: side of the patch ÷ longer side of the target; none for the stimuli's own.
        name: what tables call where it was counted.
        size: side of the patch, pixels.
        places: how many are counted; fewer where there are not so many with a correlation above 0.
        share: at most this part of them, more than 0, is counted in one photograph; the best, too.
        apart: a place is passed over where a better one lies within so many pixels across and down in the same
            photograph. Neighbours resemble each other, but to pass over them makes room for places that fit worse.
        least_contrast: standard deviation of a surround, in parts of the range of the axis, below which a place in a
            photograph is passed over: more than 0.
        advance: told of every file that is done.

    Raises:
        InputError: none of the files can be used; or a stimulus is smaller than a patch of such a scale.
    """
    at_scales = [
        {
            scale: {condition: Sought(scaled, condition, size) for condition in scaled.conditions}
            for scale, scaled in at_each(stimulus, scales).items()
        }
        for stimulus in stimuli
    ]
    sought = [one for by_scale in at_scales for conditions in by_scale.values() for one in conditions.values()]
    axes = {one.stimulus.axis.name: one.stimulus.axis for one in sought if not one.why_none}
    searches = [
        _Search(
            axis,
            [one for one in sought if not one.why_none and one.stimulus.axis.name == name_of_axis],
            _Rules(places, max(1, round(share * places)), apart, least_contrast),
        )
        for name_of_axis, axis in axes.items()
    ]
    skipped: list[str] = []
    for path in paths:
        try:
            picture = read_picture(path, minimum_side=size)
        except InputError as error:
            skipped.append(str(error))
        else:
            for search in searches:
                search.add(str(path), picture)
        advance(1)
    if len(skipped) == len(paths):
        raise InputError(f"none of {len(paths)} files can be used as a photograph; the first: {skipped[0]}")
    found = {one: best.frame() for search in searches for one, best in search.best.items()}
    countings = [
        Counting(
            stimulus,
            {
                scale: {condition: _counted(one, found.get(one)) for condition, one in conditions.items()}
                for scale, conditions in by_scale.items()
            },
            name,
        )
        for stimulus, by_scale in zip(stimuli, at_scales, strict=True)
    ]
    return Counted(countings, len(paths) - len(skipped), skipped)


def summary(counting: Counting) -> pd.DataFrame:
    """The rows of ``summary.csv``: one per scale and condition of a stimulus, at the physical target.

    The columns of a model's ``summary.csv``, of which ``temperature`` is empty, and then: the standard errors of
    rank and effect over photographs, how many places were counted in how many photographs, their correlations, the
    target in standard deviations from its surround's mean, why there is no count, and the scale.
    """
    rows = []
    for scale, ranks in counting.ranks.items():
        effects, why = counting.effects(scale), counting.why_none(scale)
        for condition, rank in ranks.items():
            counts = (
                [by[condition] for by in counting.at_scales.values()]
                if scale == MEAN
                else [counting.at_scales[float(scale)][condition]]
            )
            places = pd.concat([count.places for count in counts])
            rows.append(
                {
                    **_head(counting, condition),
                    "value": counting.stimulus.value,
                    "percentile_rank": rank.value,
                    "effect": effects[condition].value,
                    "temperature": np.nan,
                    "model": counting.name,
                    "percentile_rank_standard_error": rank.standard_error,
                    "effect_standard_error": effects[condition].standard_error,
                    "places": len(places),
                    "photographs": places["picture"].nunique(),
                    "lowest_correlation": places["correlation"].min(),
                    "highest_correlation": places["correlation"].max(),
                    "why_no_count": why[condition],
                    "scale": scale,
                }
            )
    return pd.DataFrame(rows)


def ranks_frame(counting: Counting) -> pd.DataFrame:
    """The rows of ``ranks.csv``: every value of the sweep at every scale in every condition of a stimulus.

    The columns of a model's ``ranks.csv``, of which likelihood, its standard error, density and temperature are empty:
    a count has none.
    """
    values = counting.stimulus.values()
    ranks: dict[float | str, dict[str, Floats]] = {
        scale: {condition: count.percentile_ranks(values) for condition, count in counts.items()}
        for scale, counts in counting.at_scales.items()
    }
    if len(ranks) > 1:
        parts = list(ranks.values())
        ranks[MEAN] = {name: np.mean([part[name] for part in parts], axis=0) for name in counting.stimulus.conditions}
    return pd.concat(
        [
            pd.DataFrame(
                {
                    **_head(counting, condition),
                    "value": values,
                    "log_likelihood": np.nan,
                    "standard_error": np.nan,
                    "density": np.nan,
                    "percentile_rank": ranks_of_values,
                    "temperature": np.nan,
                    "model": counting.name,
                    "scale": scale,
                }
            )
            for scale, conditions in ranks.items()
            for condition, ranks_of_values in conditions.items()
        ],
        ignore_index=True,
    )


def places_frame(counting: Counting) -> pd.DataFrame:
    """The rows of ``places.csv``: every place that was counted, the best first, at every scale in every condition."""
    return pd.concat(
        [
            count.places.assign(**_head(counting, condition), scale=scale)[
                ["stimulus", "condition", "axis", *count.places.columns, "scale"]
            ]
            for scale, counts in counting.at_scales.items()
            for condition, count in counts.items()
        ],
        ignore_index=True,
    )


def _head(counting: Counting, condition: str) -> dict[str, str]:
    return {"stimulus": counting.stimulus.name, "condition": condition, "axis": counting.stimulus.axis.name}


def _counted(sought: Sought, places: pd.DataFrame | None) -> Count:
    if places is None:
        return Count(sought, _NO_PLACES, sought.why_none)
    return Count(sought, places, "" if len(places) else "no surround in the photographs correlates with it")


@dataclass(frozen=True)
class _Rules:
    """Which places are counted; see `count`."""

    most: int
    most_of_one: int
    apart: int
    least_contrast: float


@dataclass
class _Best:
    """The best places so far, and the correlation that another must exceed."""

    rules: _Rules
    parts: list[pd.DataFrame] = field(default_factory=list)
    threshold: float = 0.0

    def add(self, places: pd.DataFrame) -> None:
        self.parts.append(places)
        if sum(map(len, self.parts)) > 2 * self.rules.most:
            self.parts = [self.frame()]
            if len(self.parts[0]) == self.rules.most:
                self.threshold = float(self.parts[0]["correlation"].iloc[-1])

    def frame(self) -> pd.DataFrame:
        """The best first."""
        if not self.parts:
            return _NO_PLACES
        places = pd.concat(self.parts).sort_values("correlation", ascending=False, kind="stable")
        few = places[places.groupby("picture").cumcount() < self.rules.most_of_one]
        return few.head(self.rules.most).reset_index(drop=True)


class _Search:
    """The search for several surrounds that differ in the quantity of one axis."""

    def __init__(self, axis: Axis, sought: Sequence[Sought], rules: _Rules) -> None:
        self.axis, self.rules = axis, rules
        self.size = sought[0].size
        self.best = {one: _Best(rules) for one in sought}
        masks = {one.surround.tobytes(): one.surround.ravel() for one in sought}
        self._mask_of = [list(masks).index(one.surround.tobytes()) for one in sought]
        self._masks = np.stack(list(masks.values())).astype(np.float32)
        self._kernels = np.stack([_kernel(one) for one in sought]).astype(np.float32)

    def add(self, name: str, picture: Bytes) -> None:
        """Look for all surrounds in one more photograph, and keep what is among the best."""
        values = self.axis.get(picture / 255) / self.axis.high
        for first, correlations, inner in self._bands(values - values.mean()):
            for one, correlation in zip(self.best, correlations, strict=True):
                best = self.best[one]
                rows, columns = _peaks(correlation, inner, best.threshold, self.rules)
                if len(rows):
                    best.add(_measure(one, name, values, rows + first, columns))

    def _bands(self, values: Floats) -> Iterator[tuple[int, NDArray[np.float32], slice]]:
        """The correlations at every place, band by band of rows, with as many more rows as peaks need on both sides.

        Yields:
            The first row; the correlations, shape (k, rows, columns), −∞ where there is too little contrast; and which
            of the rows are not those of another band.
        """
        windows = sliding_window_view(values.astype(np.float32), (self.size, self.size))
        height, width = windows.shape[:2]
        step = max(self.rules.apart, _AT_ONCE // width, 1)
        for start in range(0, height, step):
            first, last = max(0, start - self.rules.apart), min(height, start + step + self.rules.apart)
            flat = windows[first:last].reshape(-1, self.size**2)
            correlations = self._correlations(flat).reshape(-1, last - first, width)
            yield first, correlations, slice(start - first, min(height, start + step) - first)

    def _correlations(self, flat: NDArray[np.float32]) -> NDArray[np.float32]:
        """Shape (k, n), of n patches."""
        counts = self._masks.sum(axis=1, keepdims=True)
        sums, squares = self._masks @ flat.T, self._masks @ (flat**2).T
        variation = squares - sums**2 / counts
        variation[variation < counts * self.rules.least_contrast**2] = np.nan
        factors = 1 / np.sqrt(variation)
        correlations = self._kernels @ flat.T
        for correlation, mask in zip(correlations, self._mask_of, strict=True):
            correlation *= factors[mask]
        correlations[np.isnan(correlations)] = -np.inf
        return np.asarray(correlations)


def _kernel(sought: Sought) -> Floats:
    """Shape (size²,): the surround without its mean and of length 1, and 0 elsewhere."""
    surround = sought.values[sought.surround]
    centred = surround - surround.mean()
    kernel = np.zeros(sought.values.shape)
    kernel[sought.surround] = centred / np.linalg.norm(centred)
    return kernel.ravel()


def _peaks(
    correlation: NDArray[np.float32], inner: slice, threshold: float, rules: _Rules
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns, within the inner rows, of the best that exceed a threshold and everything near them."""
    rows, columns = np.nonzero(correlation[inner] > threshold)
    rows = rows + inner.start
    if rules.apart:
        side = 2 * rules.apart + 1
        padded = np.pad(correlation, rules.apart, constant_values=-np.inf)
        near = sliding_window_view(padded, (side, side))[rows, columns]
        peak = correlation[rows, columns] >= near.max(axis=(1, 2), initial=-np.inf)
        rows, columns = rows[peak], columns[peak]
    best = np.argsort(-correlation[rows, columns], kind="stable")[: rules.most_of_one]
    return rows[best], columns[best]


def _measure(
    sought: Sought, name: str, values: Floats, tops: NDArray[np.intp], lefts: NDArray[np.intp]
) -> pd.DataFrame:
    """The places, with the correlation to the last digit and the normalised target."""
    patches = sliding_window_view(values, sought.values.shape)[tops, lefts].reshape(len(tops), -1)
    surrounds = patches[:, sought.surround.ravel()]
    mean, deviation = surrounds.mean(axis=1), surrounds.std(axis=1)
    norm = deviation * np.sqrt(surrounds.shape[1])
    return pd.DataFrame(
        {
            "picture": name,
            "left": lefts,
            "top": tops,
            "correlation": patches @ _kernel(sought) / norm,
            "target": (patches[:, sought.target.ravel()].mean(axis=1) - mean) / deviation,
        }
    )
