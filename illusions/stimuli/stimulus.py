"""Stimuli: a target that is physically the same in two or more surrounds, and the axis along which it is varied."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from math import isfinite
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from illusions import notebook
from illusions.arrays import Bytes, Floats
from illusions.errors import InputError, unknown_name
from illusions.stimuli.axes import Axis
from illusions.stimuli.colours import Colour, parse_colour
from illusions.stimuli.placements import placements
from illusions.stimuli.saving import save_pictured
from illusions.stimuli.scenes.scene import PATCH, Box, Raster, Scene, check_scale

#: What lies between the pictures of a pair, and around the cut-out targets of a proof: a light grey.
_GAP = np.array([232, 232, 232], dtype=np.uint8)


class Words(Protocol):
    """The keys and values of a stimulus file; ``illusions.stimuli.written.Written``."""

    def value(self, path: str) -> Any:
        """Value of a key, given by its dotted path."""

    def keys(self, path: str) -> list[str]:
        """The keys of a table, given by its dotted path."""

    def stimulus(self) -> Stimulus:
        """The stimulus with these keys and values."""

    def changed(self, changes: Mapping[str, Any]) -> Stimulus:
        """The stimulus with other values of some keys, by dotted path."""

    def save(self, path: Path) -> None:
        """Write the keys and values as a TOML file."""


@dataclass(frozen=True, eq=False)
class Stimulus:
    """Conditions that share a target, and the axis along which the target is varied.

    The target has the same 8-bit colour in every condition, because it gets its colour only when it is drawn.

    Attributes:
        name: its name in tables and files.
        title: one line.
        axis: the quantity of the target that is varied.
        target: the physical colour of the target.
        conditions: one scene each, by name, in the order in which they are shown.
        scale: side of the patch that a model sees ÷ extent of the target: more than 1, at most 16.
        description: what to see, in a few sentences.
        source: the publication.
        people_see_higher: the condition whose target people see as higher on the axis than in the others: as
            brighter, lighter, more saturated, more colourful, of a hue shifted towards higher hue angles, redder,
            yellower, more violet. None if unpublished.
        reference: the condition in which all matches are set, a neutral surround: the target of every other condition
            is matched there, and no other pair is asked about. None if every condition is matched in every other.
        units_per_degree: units of its scenes (of a picture: pixels) per degree of visual angle. None if the
            viewing distance is unknown.
        resolution: pixels per degree of visual angle of its pictures, for the screen of an experiment. By default
            pictures are about 400 pixels wide, and a picture from a file keeps its own size.
        outlined: whether figures draw a line around its target, as in a picture of one's own.
        written: the words that it was made from, in a file or in Python. None where it was made from pictures.
    """

    name: str
    title: str
    axis: Axis
    target: Colour
    conditions: Mapping[str, Scene]
    scale: float
    description: str = ""
    source: str = ""
    people_see_higher: str | None = None
    reference: str | None = None
    units_per_degree: float | None = None
    resolution: float | None = None
    outlined: bool = False
    written: Words | None = None

    def __post_init__(self) -> None:
        try:
            check_scale(self.scale)
        except InputError as error:
            raise InputError(f"{self.name}: {error}") from None
        if self.units_per_degree is not None and not (isfinite(self.units_per_degree) and self.units_per_degree > 0):
            raise InputError(
                f"{self.name}: {self.units_per_degree:g} units per degree of visual angle; expected more than 0"
            )
        if self.resolution is not None:
            self.units(1 / self.resolution)
        self.axis.check(self.target)
        for condition in (self.people_see_higher, self.reference):
            if condition is not None:
                self._scene(condition)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.name!r}: {self.axis.name} {self.value:.4g} ({self.target.hex}) on "
            f"{', '.join(self.conditions)})"
        )

    def _repr_html_(self) -> str:
        shown = {condition: self.picture(condition) for condition in self.conditions}
        degrees = "" if self.target_degrees is None else f", {self.target_degrees:.4g}° long"
        return notebook.block(
            self.title,
            notebook.pictures(shown),
            notebook.sentence(self.description),
            note=f"{self.name}: the target is {self.axis.name} {self.value:.4g} ({self.target.hex}) in all{degrees}; "
            f"the patch that a model sees is {self.scale:.3g} times as wide",
        )

    @property
    def value(self) -> float:
        """The physical value of the target on the axis, before rounding to 8 bits."""
        return self.axis.value(self.target)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Pairs of conditions for matches: the one with the physical target, and the one in which it is matched.

        All ordered pairs of conditions, or with a `reference` only those that are matched in the reference.
        """
        return [
            (test, matched) for test, matched in permutations(self.conditions, 2) if self.reference in (None, matched)
        ]

    @property
    def ground(self) -> Bytes:
        """The colour that lies between its pictures, shape (3,), sRGB: a light grey.

        Of a stimulus with a `reference` it is the most frequent colour at the edge of that picture, so that nothing but
        the surrounds is seen beside the targets.
        """
        if self.reference is None:
            return _GAP
        picture = self.picture(self.reference)
        edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        colours, counts = np.unique(edge, axis=0, return_counts=True)
        return np.asarray(colours[counts.argmax()])

    def values(self) -> Floats:
        """The sweep, shape (n,): all values of the target at 8-bit resolution in the sRGB gamut, ascending."""
        return self.axis.sweep(self.target)

    def colour(self, value: float) -> Bytes:
        """The colour of the target at a value of the axis, shape (3,), sRGB.

        Raises:
            InputError: the value is out of range, or the colour outside the sRGB gamut.
        """
        return self.axis.at(self.target, value)

    def patches(self, condition: str, values: ArrayLike | None = None, *, size: int = PATCH) -> Bytes:
        """Patches that a model sees: the square around the target, for each value of the target.

        Args:
            condition: name of a condition.
            values: shape (n,), on the axis; by default the whole sweep.
            size: side of the patch in pixels; the target takes up the same share of every size.

        Returns:
            Shape (n, size, size, 3), sRGB.

        Raises:
            InputError: there is no such condition, a value is out of range, or the picture is smaller than the patch.
        """
        colours = self.axis.at(self.target, self.values() if values is None else np.atleast_1d(values))
        return self.view(condition, size=size).paint(colours)

    def view(self, condition: str, box: Box | None = None, *, size: int = PATCH) -> Raster:
        """All of a patch but the colour of its target: what to paint it from, the surround, the coverage of pixels.

        Args:
            condition: name of a condition.
            box: a square, in units of the scene; by default the one around the target, as in `patches`.
            size: side of the patch in pixels.

        Raises:
            InputError: there is no such condition, or the picture is smaller than the patch.
        """
        scene = self._scene(condition)
        return scene.patch(self.scale, size) if box is None else scene.square(box, size)

    def views(self, condition: str, field: float, count: int, *, size: int = PATCH, seed: int = 0) -> list[Raster]:
        """Patches of a field of view at several placements on the target; see `illusions.stimuli.placements`.

        Args:
            condition: name of a condition.
            field: side of the patches, degrees of visual angle.
            count: number of placements.
            size: side of the patches in pixels.
            seed: of the placements.

        Raises:
            InputError: there is no such condition, the stimulus has no size in degrees, or the target fills a patch.
        """
        boxes = placements(self._scene(condition), self.units(field), size, count, seed=seed)
        found = [self.view(condition, box, size=size) for box in boxes]
        if not all(view.untouched.any() for view in found):
            raise InputError(
                f"{self.name}, condition {condition}: the target fills the field of {field:g}° and leaves nothing "
                "of its surround; expected a wider field"
            )
        return found

    def units(self, degrees: float) -> float:
        """A length in degrees of visual angle, in units of its scenes.

        Raises:
            InputError: the stimulus has no size in degrees.
        """
        if self.units_per_degree is None:
            raise InputError(
                f"{self.name}: has no size in degrees of visual angle, so a field or a resolution in degrees means "
                "nothing; expected the key 'degrees' in the table [target] of its file"
            )
        return degrees * self.units_per_degree

    @property
    def target_degrees(self) -> float | None:
        """Longer side of the largest target, in degrees of visual angle, or None if the size is unknown."""
        if self.units_per_degree is None:
            return None
        return max(scene.target.extent for scene in self.conditions.values()) / self.units_per_degree

    @property
    def pixels_per_degree(self) -> float | None:
        """Pixels per degree of its pictures, or None if unknown or different."""
        if self.resolution is not None or self.units_per_degree is None:
            return self.resolution
        densities = {scene.density for scene in self.conditions.values()}
        return densities.pop() * self.units_per_degree if len(densities) == 1 else None

    def with_keys(self, changes: Mapping[str, Any]) -> Stimulus:
        """Return the stimulus with other values of some keys of its file.

        Args:
            changes: new values by dotted path: ``{"conditions.light.surround": 0.9, "target.size": 4}``. A number
                for a colour is its value on the axis, with the other two coordinates unchanged.

        Raises:
            InputError: it was made from pictures, there is no such key, or a value is invalid.
        """
        changed = self._words("its keys cannot be changed").changed(changes)
        return replace(changed, name=self.name, resolution=self.resolution)

    def with_surround(self, condition: str, surround: Any = None, /, **keys: Any) -> Stimulus:
        """Return the stimulus with another surround in one condition.

        The surround of a condition is described by the keys of its table in the file: ``surround`` of a uniform one,
        ``interrupts`` of a grating, ``background`` and ``cells`` of a dungeon, ``gain`` of a photograph.

        Args:
            condition: its name.
            surround: the new value, if the table has one key. A number for a colour is its value on the axis.
            keys: new values by key, if it has several.

        Raises:
            InputError: it was made from pictures, there is no such condition or key, or a value is invalid.

        Example:
            >>> from illusions.stimuli.loading import load_stimulus
            >>> stimulus = load_stimulus("brightness-contrast").with_surround("light", 0.9)
            >>> stimulus.picture("light")[0, 0]
            array([230, 230, 230], dtype=uint8)
        """
        self._scene(condition)
        words = self._words("its surround is what the picture shows")
        known = words.keys(f"conditions.{condition}")
        if surround is not None:
            if len(known) != 1:
                raise InputError(
                    f"{self.name}: a surround has the keys {', '.join(known)}; expected with_surround('{condition}', "
                    f"{known[0]}=…)"
                )
            keys = {known[0]: surround, **keys}
        return self.with_keys({f"conditions.{condition}.{key}": value for key, value in keys.items()})

    def with_target(self, colour: Any = None, /, **keys: Any) -> Stimulus:
        """Return the stimulus with another target, the same in all conditions.

        Args:
            colour: as in files, a `Colour`, or a number, its value on the axis.
            keys: new values of other keys of the table ``[target]``: ``size``, ``degrees``, ``shape`` and so on. Of a
                stimulus made from pictures only the colour can change.

        Raises:
            InputError: there is no such key, or a value is invalid.

        Example:
            >>> from illusions.stimuli.loading import load_stimulus
            >>> load_stimulus("brightness-contrast").with_target(0.4, degrees=2).value
            0.4
        """
        if self.written is None and not keys:
            new = self.axis.colour(self.target, colour) if isinstance(colour, int | float) else parse_colour(colour)
            return replace(self, target=new)
        given = {} if colour is None else {"colour": colour}
        return self.with_keys({f"target.{key}": value for key, value in {**given, **keys}.items()})

    def with_scale(self, scale: float) -> Stimulus:
        """Return the stimulus at another scale, so that a model sees more or less of the surround.

        The target takes up another share of the patch (key ``size``). Its size in degrees stays the same. The picture
        for people changes only if the surround is uniform: it shows as much of the surround as the patch.

        Args:
            scale: side of the patch ÷ longer side of the target, more than 1, at most 16.

        Raises:
            InputError: it is out of range, or the patch would leave the picture.

        Example:
            >>> from illusions.stimuli.loading import load_stimulus
            >>> load_stimulus("white").with_scale(8).scale
            8.0
        """
        if not 1 < scale <= PATCH:
            raise InputError(
                f"{self.name}: scale {scale:g}: a patch is more than 1 and at most {PATCH} times as wide as its target"
            )
        if self.written is None:
            return replace(self, scale=float(scale))
        return self.with_keys({"target.size": PATCH / scale})

    def save(self, path: str | Path) -> None:
        """Write the stimulus as a TOML file for `illusions.load_stimulus`.

        Pictures that were given as arrays, and masks of targets, are written beside it as PNG files.

        Args:
            path: the file, which is replaced if it exists. Its stem is the name of the stimulus.

        Raises:
            InputError: no file describes it (`uniform_contrast`; a picture with a single target), the path does not end
                in .toml, or it cannot be written.
        """
        path = Path(path)
        if path.suffix != ".toml":
            raise InputError(f"{path}: a stimulus is saved as a .toml file; expected, say, {path.with_suffix('.toml')}")
        if self.written is None:
            save_pictured(self.name, self.conditions, self._pictured_words(), path)
        else:
            self._words("no stimulus file describes it").save(path)

    def _pictured_words(self) -> dict[str, Any]:
        """The keys of a file of the kind ``"pictures"``, but for its pictures and masks."""
        return {
            "title": self.title,
            # What masks mark is described anew when it is loaded: with_target makes the old words untrue.
            "description": "" if self.outlined else self.description,
            "source": self.source,
            "axis": self.axis,
            "people_see_higher": self.people_see_higher,
            "reference": self.reference,
            "pixels_per_degree": self.units_per_degree,
            "target": {"colour": self.target, "size": PATCH / self.scale},
        }

    def _words(self, why: str) -> Words:
        """Its definition, which must describe its present state."""
        if self.written is None:
            raise InputError(f"{self.name}: is not made from a file or in its words, so {why}")
        described = self.written.stimulus()
        for what in ("scale", "target", "people_see_higher", "reference", "units_per_degree"):
            if getattr(described, what) != getattr(self, what):
                raise InputError(
                    f"{self.name}: its {what} was replaced, so that the words it was made from describe something "
                    "else; expected with_target, with_scale or with_keys in place of dataclasses.replace"
                )
        return self.written

    def picture(self, condition: str, value: float | None = None) -> Bytes:
        """The picture that people see, shape (h, w, 3), sRGB.

        Args:
            condition: name of a condition.
            value: of the target; by default the physical one.

        Raises:
            InputError: there is no such condition, the value is out of range, or it cannot be drawn at the resolution.
        """
        colour = self.colour(self.value if value is None else value)
        return np.asarray(self._raster(condition).paint(colour[None])[0])

    def target_mask(self, condition: str) -> NDArray[np.bool_]:
        """Mask of the pixels of ``picture(condition)`` that the target fills, shape (h, w).

        Raises:
            InputError: there is no such condition, or no such pixel, as the target is too small.
        """
        mask = self._raster(condition).target
        if not mask.any():
            raise InputError(
                f"{self.name}: the target on “{condition}” fills no pixel of the picture; expected a larger one"
            )
        return mask

    def picture_surround(self, condition: str) -> NDArray[np.bool_]:
        """Mask of the pixels of ``picture(condition)`` without any target, shape (h, w).

        Raises:
            InputError: there is no such condition.
        """
        return self._raster(condition).untouched

    def pair(self, values: Mapping[str, float] | None = None) -> Bytes:
        """All conditions side by side, shape (h, w, 3), sRGB.

        Args:
            values: of the targets, by condition; by default the physical one.

        Raises:
            InputError: there is no such condition, or a value is out of range.
        """
        return _pair(self._pictures(values or {}), self.ground)

    def proof(self, values: Mapping[str, float] | None = None) -> Bytes:
        """The pair, and below it the targets cut out and put together, so that their edges touch.

        From a target that does not fill its bounding box the largest rectangle of the same shape is cut. Small targets
        are enlarged by a whole factor, pixel by pixel.

        Args:
            values: of the targets, by condition; by default the physical one.

        Returns:
            Shape (h, w, 3), sRGB.

        Raises:
            InputError: there is no such condition, or a value is out of range.
        """
        pictures = self._pictures(values or {})
        cuts = [
            _cut_out(picture, self.target_mask(name), self.ground)
            for name, picture in zip(self.conditions, pictures, strict=True)
        ]
        factor = max(1, len(pictures[0]) // (3 * len(cuts[0])))
        together = _beside([cut.repeat(factor, axis=0).repeat(factor, axis=1) for cut in cuts], 0, self.ground)
        return _beneath(_pair(pictures, self.ground), together, _gap(pictures), self.ground)

    def _pictures(self, values: Mapping[str, float]) -> list[Bytes]:
        for condition in values:
            self._scene(condition)
        return [self.picture(condition, values.get(condition)) for condition in self.conditions]

    def _raster(self, condition: str) -> Raster:
        """The picture of a condition, but for the colour of its target."""
        scene = self._scene(condition)
        if self.resolution is None:
            return scene.picture()
        try:
            return scene.picture(self.resolution / self.units(1.0))
        except InputError as error:
            raise InputError(f"{self.name}, at {self.resolution:.4g} pixels per degree: {error}") from None

    def _scene(self, condition: str) -> Scene:
        if condition not in self.conditions:
            raise unknown_name(f"condition of {self.name}", condition, self.conditions)
        return self.conditions[condition]


def _cut_out(picture: Bytes, target: NDArray[np.bool_], ground: Bytes) -> Bytes:
    """The largest rectangle, of the shape of a target's bounding box, that is all target; the most central of equals.

    If there is none, it is the bounding box, with the ground around the target.
    """
    rows, columns = np.flatnonzero(target.any(axis=1)), np.flatnonzero(target.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = target[box].shape
    shorter = min(height, width)
    sums = np.pad(target[box].cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    sizes = [(height * step // shorter, width * step // shorter) for step in range(1, shorter + 1)]
    fitting = bisect_left(sizes, True, key=lambda size: not len(_corners(sums, *size)))
    if not fitting:
        return np.where(target[box][..., None], picture[box], ground).astype(np.uint8)
    h, w = sizes[fitting - 1]
    corners = _corners(sums, h, w)
    top, left = corners[np.abs(2 * corners + (h - height, w - width)).sum(axis=1).argmin()]
    return picture[box][top : top + h, left : left + w]


def _corners(sums: NDArray[np.integer], height: int, width: int) -> NDArray[np.integer]:
    """Shape (n, 2): where the upper left corner of a rectangle of a size can lie, so that all of it is target.

    Args:
        sums: shape (h + 1, w + 1): how many pixels above and to the left of each corner of a pixel are target.
        height: of the rectangle, pixels.
        width: of the rectangle, pixels.
    """
    inside = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    return np.argwhere(inside == height * width)


def _pair(pictures: list[Bytes], ground: Bytes) -> Bytes:
    return _beside(pictures, _gap(pictures), ground)


def _gap(pictures: list[Bytes]) -> int:
    return max(1, int(pictures[0].shape[1]) // 20)


def _beside(pictures: list[Bytes], gap: int, ground: Bytes) -> Bytes:
    height = max(len(picture) for picture in pictures)
    width = sum(picture.shape[1] for picture in pictures) + gap * (len(pictures) - 1)
    page = np.full((height, width, 3), ground, dtype=np.uint8)
    left = 0
    for picture in pictures:
        top = (height - len(picture)) // 2
        page[top : top + len(picture), left : left + picture.shape[1]] = picture
        left += picture.shape[1] + gap
    return page


def _beneath(upper: Bytes, lower: Bytes, gap: int, ground: Bytes) -> Bytes:
    """One picture, and a gap below it another with a margin as wide as the gap; both centred."""
    height, width = len(upper) + gap + len(lower) + gap, max(upper.shape[1], lower.shape[1])
    page = np.full((height, width, 3), ground, dtype=np.uint8)
    for picture, top in ((upper, 0), (lower, len(upper) + gap)):
        left = (width - picture.shape[1]) // 2
        page[top : top + len(picture), left : left + picture.shape[1]] = picture
    return page
