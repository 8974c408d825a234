"""The search in photographs: the places whose surround is most like that of a stimulus, and the targets there.

After Yang, Z. & Purves, D. (2004). The statistical structure of natural light patterns determines perceived light
intensity. PNAS, 101, 8745–8750. Details are ours: surrounds are compared by their correlation in the quantity of the
stimulus' axis, so up to their mean and contrast, for which targets are normalised; photographs are sRGB, at their own
resolution.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from illusions.arrays import Bytes, Floats
from illusions.stimuli.scenes.scene import PATCH

if TYPE_CHECKING:
    from illusions.stimuli.axes import Axis
    from illusions.stimuli.scenes.scene import Raster
    from illusions.stimuli.stimulus import Stimulus

#: Positions of a photograph that are compared at once, about: they are held 4·size² bytes each.
_AT_ONCE = 2**16
#: By how much a correlation in float32 may be off.
_ROUNDING = 1e-4
#: A table of places without any.
NO_PLACES = pd.DataFrame(
    {"picture": [], "left": np.array([], int), "top": np.array([], int), "correlation": [], "target": []}
)


@dataclass(frozen=True, eq=False)
class Template:
    """The surround in one condition of a stimulus, as a model sees it: what photographs are searched for.

    Pixels with a mixture of target and surround belong to neither.
    """

    stimulus: Stimulus  #: at its scale.
    condition: str  #: name of the condition.
    size: int = PATCH  #: side of the patch, pixels.

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


@dataclass(frozen=True)
class Rules:
    """Which places are counted; see `illusions.analyses.counting.counts.count`."""

    most: int
    most_of_one: int
    apart: int
    least_contrast: float


@dataclass
class BestPlaces:
    """The best places so far, and the correlation that another must exceed."""

    rules: Rules
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
            return NO_PLACES
        places = pd.concat(self.parts).sort_values("correlation", ascending=False, kind="stable")
        few = places[places.groupby("picture").cumcount() < self.rules.most_of_one]
        return few.head(self.rules.most).reset_index(drop=True)


#: Tables of the places found in one photograph, by template.
Found: TypeAlias = list[list[pd.DataFrame]]


class Search:
    """A search for the places that fit each of several templates of one axis best."""

    def __init__(self, axis: Axis, templates: Sequence[Template], rules: Rules) -> None:
        self.bank = TemplateBank(axis, templates, rules)
        self.best = {one: BestPlaces(rules) for one in templates}

    @property
    def thresholds(self) -> list[float]:
        """The correlation that another place must exceed, for every surround."""
        return [best.threshold for best in self.best.values()]

    def add(self, found: Found) -> None:
        """Keep those places of one more photograph that are among the best."""
        for best, parts in zip(self.best.values(), found, strict=True):
            for part in parts:
                best.add(part)


class TemplateBank:
    """The templates of a search, as arrays that are compared with a photograph at once."""

    def __init__(self, axis: Axis, templates: Sequence[Template], rules: Rules) -> None:
        self.axis, self.rules, self.templates = axis, rules, list(templates)
        self.size = templates[0].size
        masks = {one.surround.tobytes(): one.surround.ravel() for one in templates}
        self._mask_of = [list(masks).index(one.surround.tobytes()) for one in templates]
        self._masks = np.stack(list(masks.values())).astype(np.float32)
        self._kernels = np.stack([_kernel(one) for one in templates]).astype(np.float32)

    def find(self, name: str, picture: Bytes, thresholds: Sequence[float]) -> Found:
        """Find the places of one photograph whose surround correlates with each template.

        Args:
            name: of the photograph.
            picture: shape (h, w, 3), sRGB.
            thresholds: least correlation, for every template. Places that miss it by rounding alone may be
                returned, too.
        """
        values = self.axis.get(picture / 255) / self.axis.span
        found: Found = [[] for _ in self.templates]
        for first, correlations, inner in self._bands(values - values.mean()):
            for one, correlation, threshold, parts in zip(self.templates, correlations, thresholds, found, strict=True):
                rows, columns = _peaks(correlation, inner, max(0.0, threshold - _ROUNDING), self.rules)
                if len(rows):
                    parts.append(_measure(one, name, values, rows + first, columns))
        return found

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


def _kernel(template: Template) -> Floats:
    """Shape (size²,): the surround without its mean and of length 1, and 0 elsewhere."""
    surround = template.values[template.surround]
    centred = surround - surround.mean()
    kernel = np.zeros(template.values.shape)
    kernel[template.surround] = centred / np.linalg.norm(centred)
    return kernel.ravel()


def _peaks(
    correlation: NDArray[np.float32], inner: slice, threshold: float, rules: Rules
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
    template: Template, name: str, values: Floats, tops: NDArray[np.intp], lefts: NDArray[np.intp]
) -> pd.DataFrame:
    """The places, with the correlation to the last digit and the normalised target; of each the same among others."""
    patches = sliding_window_view(values, template.values.shape)[tops, lefts].reshape(len(tops), -1)
    surrounds = np.ascontiguousarray(patches[:, template.surround.ravel()])
    mean, deviation = surrounds.mean(axis=1), surrounds.std(axis=1)
    norm = deviation * np.sqrt(surrounds.shape[1])
    return pd.DataFrame(
        {
            "picture": name,
            "left": lefts,
            "top": tops,
            "correlation": (patches * _kernel(template)).sum(axis=1) / norm,  # a product's last digit depends on n
            "target": (np.ascontiguousarray(patches[:, template.target.ravel()]).mean(axis=1) - mean) / deviation,
        }
    )
