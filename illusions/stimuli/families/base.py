"""The keys and checks that all kinds of stimulus files share."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from numbers import Real
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo

from illusions.arrays import Bytes
from illusions.content import FOLDER
from illusions.errors import InputError, unknown_name
from illusions.pictures import as_picture, read_picture
from illusions.stimuli.axes import REFERENCE, Axis, parse_axis
from illusions.stimuli.colours import Colour, parse_colour
from illusions.stimuli.masks import read_mask
from illusions.stimuli.scenes.scene import PATCH, Scene
from illusions.stimuli.scenes.shapes import Outline, Polygon, Ring, Silhouette
from illusions.stimuli.stimulus import Stimulus

#: In the context of a validation: the surround of the reference condition, and the axis of the file.
_REFERENCE, _AXIS = "reference", "axis"


def colour_context(tables: Mapping[str, Any]) -> dict[str, Any]:
    """What the colours of a stimulus file and its axis refer to, as the context of their validation.

    Colours in xyY are those of the display of the axis, colours in DKL those of its cone-opponent space; an axis can
    take the grey to adapt to from the reference condition. What is wrong with them is said where they are validated.

    Args:
        tables: what stands in the file.
    """
    with suppress(InputError, KeyError, TypeError, AttributeError):
        axis = tables["axis"]
        reference = None
        if isinstance(axis, Mapping) and axis.get("adapt") == REFERENCE:
            display = parse_axis({"name": axis["name"], "display": axis.get("display", {})})
            reference = parse_colour(tables["conditions"][tables["reference"]]["surround"], display.cones)
        return {_REFERENCE: reference, _AXIS: parse_axis(axis, reference)}
    return {}


def _parse_colour_key(written: Any, info: ValidationInfo) -> Colour:
    axis = (info.context or {}).get(_AXIS)
    return parse_colour(written) if axis is None else parse_colour(written, axis.cones)


def _parse_axis_key(written: Any, info: ValidationInfo) -> Axis:
    return parse_axis(written, (info.context or {}).get(_REFERENCE))


#: A colour and an axis, as they are written in TOML.
ColourKey = Annotated[Colour, PlainValidator(_parse_colour_key)]
AxisKey = Annotated[Axis, PlainValidator(_parse_axis_key)]


def parse_size(size: Any) -> float:
    """The extent of a target, in pixels of a patch of 16×16.

    Raises:
        InputError: it is no number, smaller than a pixel, or leaves nothing of the surround in the patch.
    """
    if isinstance(size, bool) or not isinstance(size, Real):
        raise InputError(f"a size is a number of pixels of the {PATCH}×{PATCH} patch")
    pixels = float(size)
    if pixels >= PATCH:
        raise InputError(
            f"a target of {pixels:g} pixels is too large for the {PATCH}×{PATCH} patch; expected 1 to {PATCH - 1}"
        )
    if not pixels >= 1:
        raise InputError(f"a target has 1 to {PATCH - 1} pixels of the {PATCH}×{PATCH} patch")
    return pixels


def parse_condition(name: str) -> str:
    """The name of a condition, which is also the name of a file.

    Raises:
        InputError: there is something other than letters, digits, ``-`` and ``_`` in it.
    """
    if not re.fullmatch(r"[\w-]+", name):
        raise InputError(f"the name of a condition is made of letters, digits, - and _; not '{name}'")
    return name


def parse_shape(written: Any, folder: Path = Path()) -> Outline:
    """The shape of a target.

    Args:
        written: ``"square"``; ``"disc"``; ``{"ring": r}``, a disc with a hole of r times its diameter;
            ``{"polygon": [[x, y], …]}``, corners in any unit, y downwards; ``{"mask": "file.png"}``, what a mask marks.
        folder: from which the file of a mask is seen.

    Raises:
        InputError: it is none of these, or the mask cannot be used.
    """
    if written in ("square", "disc") or isinstance(written, Ring | Polygon | Silhouette):
        return written  # type: ignore[no-any-return]
    if isinstance(written, Mapping) and len(written) == 1:
        ((kind, value),) = written.items()
        if kind == "ring":
            if not (_is_number(value) and 0 < value < 1):
                raise InputError(f"a ring has a hole of 0 to 1 times its diameter, both excluded; not {value!r}")
            return Ring(float(value))
        if kind == "polygon":
            return _parse_polygon(value)
        if kind == "mask" and isinstance(value, str):
            return silhouette(folder / value)
    raise InputError(
        "a shape is 'square' or 'disc', { ring = 0.5 }, { polygon = [[x, y], …] } or { mask = \"file.png\" }"
    )


def _parse_polygon(written: Any) -> Polygon:
    corners = list(written) if isinstance(written, Sequence) and not isinstance(written, str) else []
    if not 3 <= len(corners) <= 999 or not all(_is_point(corner) for corner in corners):
        raise InputError("a polygon has 3 to 999 corners [x, y], two numbers each")
    polygon = Polygon(tuple((float(x), float(y)) for x, y in corners))
    longest, across = np.linalg.svd(np.array(polygon.corners) - np.mean(polygon.corners, axis=0), compute_uv=False)
    if across <= 1e-6 * longest:
        raise InputError("the corners of the polygon lie on a line, and nothing lies within; expected others")
    return polygon


def _is_point(written: Any) -> bool:
    return isinstance(written, Sequence) and len(written) == 2 and all(_is_number(value) for value in written)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def silhouette(file: Path) -> Silhouette:
    """The shape of the one target that a mask marks, see `read_mask`.

    Raises:
        InputError: the file cannot be used, or marks several targets.
    """
    labels = read_mask(file, *read_picture(file).shape[:2])
    if labels.max() > 1:
        raise InputError(f"{file}: marks {len(np.unique(labels)) - 1} targets; expected one, whose shape it gives")
    rows, columns = np.nonzero(labels)
    return Silhouette(labels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] > 0, file)


def _parse_shape_key(written: Any, info: ValidationInfo) -> Outline:
    return parse_shape(written, (info.context or {}).get(FOLDER, Path()))


#: The shape of a target; a mask is seen from the file that names it.
ShapeKey = Annotated[Outline, PlainValidator(_parse_shape_key)]


def parse_picture(written: Any) -> str | Bytes:
    """A picture: the name of a file, seen from the folder of the stimulus, or in Python an array; see `as_picture`.

    Raises:
        InputError: it is neither.
    """
    if isinstance(written, str) and written:
        return written
    if not isinstance(written, np.ndarray):
        raise InputError("a picture is the name of a file, or in Python an array of shape (h, w, 3)")
    return as_picture(written)


def picture_beside(path: Path, key: str, written: str | Bytes) -> Bytes:
    """The pixels of a picture that a stimulus file names, shape (h, w, 3), sRGB.

    Args:
        path: of the stimulus file, beside which the picture is looked for.
        key: that names it.
        written: what stands there; see `parse_picture`.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return as_picture(path.parent / written if isinstance(written, str) else written)
    except InputError as error:
        raise InputError(f"{path}: key '{key}': {error}") from None


SizeKey = Annotated[float, PlainValidator(parse_size)]
ConditionKey = Annotated[str, AfterValidator(parse_condition)]
#: Marks the keys that name a picture, so that a stimulus that is saved elsewhere finds it again.
PICTURE = "picture"
PictureKey = Annotated[str | Bytes, PlainValidator(parse_picture), PICTURE]


class Table(BaseModel):
    """A table of a stimulus file: nothing may stand in it that has no meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class TargetTable(Table):
    """The table ``[target]``: keys of every target."""

    colour: ColourKey
    size: SizeKey
    #: The longer side, degrees of visual angle. Left out, only readings by scale are possible.
    degrees: Annotated[float, Field(gt=0, le=180, allow_inf_nan=False)] | None = None


#: The schema of a table ``[conditions.NAME]``.
Condition = TypeVar("Condition", bound=Table)

#: One of two colours.
Which: TypeAlias = Literal["first", "second"]


class TwoColours(Table):
    """The keys of every pattern that is made of two colours."""

    first: ColourKey
    second: ColourKey

    def own_and_other(self, which: Which) -> tuple[Bytes, Bytes]:
        """One of the colours, and the other one, shape (3,) each, sRGB."""
        first, second = self.first.bytes, self.second.bytes
        return (first, second) if which == "first" else (second, first)


class StimulusFile(Table, ABC):
    """The keys that every kind has.

    ``people_see_higher`` names the condition whose target people see as higher on the axis: as brighter, lighter, more
    saturated, more colourful, of a hue shifted towards higher hue angles, redder, yellower, more violet. It is left out
    if unpublished. ``reference`` names the condition in which all matches are set, if there is one; see
    `Stimulus`. ``source`` says where the stimulus was published; one of one's own needs none.
    """

    kind: str
    title: str = Field(min_length=1)
    description: str
    source: str = ""
    axis: AxisKey
    people_see_higher: str | None = None
    reference: str | None = None

    @abstractmethod
    def stimulus(self, path: Path) -> Stimulus:
        """The stimulus that the file describes.

        Args:
            path: where the file lies; the stimulus is called as it is, and other files are looked for beside it.

        Raises:
            InputError: the target cannot be varied along the axis, ``people_see_higher`` is none of the conditions,
                or another file cannot be used.
        """

    def check_conditions(self, path: Path, conditions: Iterable[str]) -> None:
        """Make sure that ``people_see_higher`` and ``reference`` are conditions.

        Raises:
            InputError: one is none of them.
        """
        names = list(conditions)
        for key in ("people_see_higher", "reference"):
            if getattr(self, key) not in (None, *names):
                raise InputError(f"{path}: key '{key}': {unknown_name('condition', str(getattr(self, key)), names)}")


class TargetFile(StimulusFile):
    """A stimulus file that describes its target: all kinds except pictures with masks."""

    target: TargetTable

    @abstractmethod
    def scenes(self, path: Path) -> dict[str, Scene]:
        """The scene of each condition.

        Args:
            path: where the file lies; other files are looked for beside it.

        Raises:
            InputError: such a file cannot be used.
        """

    def stimulus(self, path: Path) -> Stimulus:
        """The stimulus that the file describes; see `StimulusFile`."""
        try:
            self.axis.check(self.target.colour)
        except InputError as error:
            raise InputError(f"{path}: key 'target.colour': {error}") from None
        conditions = self.scenes(path)
        self.check_conditions(path, conditions)
        return Stimulus(
            name=path.stem,
            title=self.title,
            axis=self.axis,
            target=self.target.colour,
            conditions=conditions,
            scale=PATCH / self.target.size,
            description=self.description,
            source=self.source,
            people_see_higher=self.people_see_higher,
            reference=self.reference,
            units_per_degree=self._units_per_degree(conditions),
        )

    def _units_per_degree(self, conditions: dict[str, Scene]) -> float | None:
        """From the size of the target in degrees: it is the same in all conditions."""
        if self.target.degrees is None:
            return None
        return float(next(iter(conditions.values())).target.extent / self.target.degrees)


class DrawnFile(TargetFile, Generic[Condition]):
    """A stimulus file that says itself all there is to draw, and has no other file beside it."""

    conditions: dict[ConditionKey, Condition] = Field(min_length=2)

    @abstractmethod
    def scene(self, condition: Condition) -> Scene:
        """The scene of a condition."""

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The scene of each condition."""
        return {name: self.scene(condition) for name, condition in self.conditions.items()}
