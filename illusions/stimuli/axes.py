"""Axes: the quantity of a target that is varied, and its possible values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike

from illusions.arrays import Bytes, Floats
from illusions.displays import SRGB_CONES, ConeSpace, Display, Rgb, gamut_contrast, parse_display
from illusions.errors import InputError, unknown_name
from illusions.stimuli.colours import (
    DKL,
    Colour,
    Space,
    from_rgb,
    in_gamut,
    outside_gamut,
    parse_colour,
    to_bytes,
    to_rgb,
)

#: A sweep goes on over colours that are no farther outside of sRGB (CIE 1976 ΔE), and shows the nearest that sRGB has:
#: the line from #ffff00 to grey leaves it by up to 1.4, three levels of red, and comes back.
_GRAZES = 1.5

#: Of a sweep of fewer values is warned.
FEW = 32


@dataclass(frozen=True)
class Axis:
    """One coordinate of a colour space, along which a target is varied while the other two are constant.

    Attributes:
        name: ``"brightness"``, ``"saturation"``, ``"hue"``, ``"lightness"`` or ``"chroma"``; of the signed axes, on
            which a grey is 0, ``"a"``, ``"b"``, ``"l-m"`` or ``"s-lm"``; in the isoluminant plane ``"dkl-hue"``, the
            azimuth in degrees (0 is +(L−M), 90 is +(S−(L+M))), or ``"dkl-contrast"``, the distance from grey.
        label: name and unit for figures.
        space: the colour space.
        channel: index of the coordinate.
        high: the largest value. On a circular axis, a full turn.
        low: the smallest value, below 0 on a signed axis.
        count: how many values a sweep has, if all of them are sRGB colours.
        circular: whether ``high`` is the same as 0.
        cones: the display, and of DKL the grey that contrasts are relative to and the scale of the S axis.
    """

    name: str
    label: str
    space: Literal["hsv", "lch", "lab", "dkl", "dkl-polar"]
    channel: int
    high: float = 1.0
    low: float = 0.0
    count: int = 256
    circular: bool = False
    cones: ConeSpace = SRGB_CONES

    @property
    def span(self) -> float:
        """From the smallest value to the largest."""
        return self.high - self.low

    @property
    def short(self) -> str:
        """Its name in sentences: ``"a*"``, ``"azimuth"``."""
        return self.label.partition(" (")[0]

    @property
    def unit(self) -> str:
        """What a density is per: ``"unit of brightness"``; of angles ``"turn"`` or ``"degree"``."""
        return {"hue": "turn", "dkl-hue": "degree"}.get(self.name, f"unit of {self.short}")

    @property
    def step(self) -> float:
        """Distance between neighbouring values of a sweep."""
        return self.span / (self.count if self.circular else self.count - 1)

    def end(self, sweep: Floats, value: float) -> Literal["", "lowest", "highest"]:
        """``"lowest"`` or ``"highest"`` if a value is at this end of a sweep (n,), else empty; never on a circle."""
        if self.circular or sweep[0] + self.step / 2 < value < sweep[-1] - self.step / 2:
            return ""
        return "lowest" if value < sweep[0] + self.step / 2 else "highest"

    @property
    def signed(self) -> bool:
        """Whether 0 is a grey in the middle, and values lie on both sides of it."""
        return self.low < 0

    @property
    def ends_at_gamut(self) -> bool:
        """Whether its sweeps end where a display has no stronger colours: signed axes, chroma and contrast."""
        return self.signed or self.name in ("chroma", "dkl-contrast")

    def get(self, rgb: ArrayLike) -> Floats:
        """The value of each colour.

        Args:
            rgb: shape (..., 3), sRGB in [0, 1].

        Returns:
            Shape (...). A grey has hue and saturation 0, and 0 on a signed axis.
        """
        return np.asarray(from_rgb(self.space, rgb, self.cones)[..., self.channel])

    def set(self, rgb: ArrayLike, values: ArrayLike) -> Floats:
        """The colours with another value, the other two coordinates kept.

        Args:
            rgb: shape (..., 3), sRGB in [0, 1].
            values: shape (...), clipped to the range of the axis; on a circular axis wrapped.

        Returns:
            Shape (..., 3), sRGB in [0, 1], clipped to the gamut.
        """
        coordinates = from_rgb(self.space, rgb, self.cones)
        values = np.asarray(values, dtype=np.float64)
        coordinates[..., self.channel] = values % self.high if self.circular else np.clip(values, self.low, self.high)
        return to_rgb(self.space, coordinates, self.cones)

    def value(self, colour: Colour) -> float:
        """The value of a colour, exact if it was given in the space of the axis.

        In a cone-opponent space of one's own it is computed from red, green and blue, and has nine decimals.
        """
        value = float(self._own(colour)[self.channel])
        return round(value, 9) if self._of_another_space else value

    def at(self, base: Colour, values: ArrayLike) -> Bytes:
        """The base colour at other values, its other two coordinates kept as floats and rounded only once.

        Args:
            base: where the other two coordinates are taken from.
            values: shape (...).

        Returns:
            Shape (..., 3), 8-bit sRGB.

        Raises:
            InputError: a value is out of range, or the colour is outside the sRGB gamut and not within the sweep.
        """
        coordinates = self._coordinates(base, self._in_range(values))
        inside = in_gamut(self.space, coordinates, self.cones)
        if not inside.all() and self.circular:
            raise InputError(self._no_circle(base))
        if not inside.all():
            low, high = self.sweep(base)[[0, -1]]
            inside |= (coordinates[..., self.channel] > low) & (coordinates[..., self.channel] < high)
        if not inside.all():
            first = coordinates[~inside][0, self.channel]
            raise InputError(
                f"{self.name} {first:g} of {base.hex} lies outside the sRGB gamut; expected {low:.4g} to {high:.4g}"
            )
        return to_bytes(to_rgb(self.space, coordinates, self.cones))

    def steps(self, base: Colour, values: Floats) -> Floats:
        """Positions of the 8-bit colours of a sweep, in steps: the k-th is near k, apart from rounding.

        Two values that are rounded to one colour lie at one place. What rounding does across the path of the sweep in
        RGB, where it moves the three values differently, is left out.

        Args:
            base: where the other two coordinates are taken from.
            values: shape (n,), evenly spaced and ascending.

        Returns:
            Shape (n,).
        """
        exact = 255 * to_rgb(self.space, self._coordinates(base, values), self.cones)
        along = np.gradient(exact, axis=0)
        squared = (along**2).sum(axis=1)
        moved = ((self.at(base, values) - exact) * along).sum(axis=1)
        beside = np.divide(moved, squared, out=np.zeros_like(moved), where=squared > 1e-9)
        return np.asarray(np.arange(len(values)) + np.clip(beside, -1.5, 1.5))

    def colour(self, base: Colour, value: float) -> Colour:
        """The base colour at another value, as floats.

        Raises:
            InputError: as `at`.
        """
        self.at(base, value)
        coordinates, space = self._coordinates(base, self._in_range(value)), cast(Space, self.space)
        if self._of_another_space:  # a colour of DKL is one of sRGB
            coordinates, space = to_rgb(space, coordinates, self.cones), "srgb"
        first, second, third = (float(x) for x in coordinates)
        return Colour(space, (first, second, third))

    def sweep(self, base: Colour) -> Floats:
        """The values that the base colour can take, 8-bit resolution, ascending, all within the sRGB gamut.

        For brightness and saturation k/255, k = 0 … 255; for hue k/255, k = 0 … 254; for the azimuth of DKL every
        degree, the base colour's own among them; on the axes of CIELAB steps of 0.39 (100/255), on those of DKL, which
        are lines of light, of about a level, and of more where a channel is nearly dark, up and down from the base
        colour's own value, as far as the gamut goes. Where it is only grazed in between, by a ΔE of less than 1.5, the
        sweep goes on.
        """
        grid = np.linspace(self.low, self.high, self.count, endpoint=not self.circular)
        if self.space == "hsv":
            return grid
        if self.circular:
            return np.sort((grid + self.value(base)) % self.high)
        own = self.value(base)
        grid = grid + (own - self.low) % self.step
        if self.signed:  # a grey is 0, to the last digit
            grid = own + self.step * np.rint((grid - own) / self.step)
        grid = grid[grid <= self.high]
        coordinates = self._coordinates(base, grid)
        outside = grid[outside_gamut(self.space, coordinates, self.cones) >= _GRAZES]
        low, high = outside[outside < own].max(initial=-np.inf), outside[outside > own].min(initial=np.inf)
        ends = grid[in_gamut(self.space, coordinates, self.cones) & (grid > low) & (grid < high)]
        low, high = ends.min(initial=own), ends.max(initial=own)
        return np.asarray(grid[(grid > low - self.step / 2) & (grid < high + self.step / 2)])

    def ends(self, base: Colour) -> tuple[float, float]:
        """The lowest and the highest value that the base colour can take; of hue, which has none, half a turn."""
        if self.circular:
            return 0.0, self.high / 2
        values = self.sweep(base)
        extremes = self._coordinates(base, np.array([self.low, self.high]))
        inside = in_gamut(self.space, extremes, self.cones)
        low = self.low if inside[0] and values[0] < self.low + self.step else float(values[0])
        high = self.high if inside[1] and values[-1] > self.high - self.step else float(values[-1])
        return low, high

    def shortness(self, base: Colour) -> str:
        """A warning about a sweep of few values; empty if it has enough."""
        values = self.sweep(base)
        if len(values) >= FEW:
            return ""
        return (
            f"of {base.hex} sRGB has only {len(values)} values of {self.name}, {values[0]:.4g} to {values[-1]:.4g}: "
            "ranks among so few say little"
        )

    def check(self, base: Colour) -> None:
        """Make sure that a colour can be varied along the axis.

        Raises:
            InputError: it is a grey (of bytes: within a level of one) and the axis needs its hue, or it stays the same
                at every value.
        """
        if self.name in _NEED_HUE and not self._has_hue(base):
            example = _NEED_HUE[self.name]
            raise InputError(
                f"the target {base.hex} is grey, to the precision of 8 bits, so its {self.name} needs a hue; expected "
                f"a coloured one, a hue beside a mask (--hue), or in a file one that is written as {example}"
            )
        if self.circular and not self._has_hue(base):
            raise InputError(
                f"the target {base.hex} is grey, to the precision of 8 bits, and has no hue to vary; expected another"
            )
        if self.name == "dkl-hue" and not self._turns(base):
            raise InputError(self._no_circle(base))
        if len(np.unique(self.at(base, self.sweep(base)), axis=0)) < 2:
            raise InputError(
                f"the target {base.hex} is the same colour at every {self.name} within sRGB; expected another"
            )

    def _has_hue(self, base: Colour) -> bool:
        if self._of_another_space:
            return bool(self._own(base)[1] > _LEAST_CONTRAST)
        return base.has_hue(self.space)

    @property
    def _of_another_space(self) -> bool:
        """Whether its coordinates are not those that colours of DKL are written in."""
        return self.space in DKL and self.cones != SRGB_CONES

    def _turns(self, base: Colour) -> bool:
        """Whether a colour can take every azimuth."""
        circle = self._coordinates(base, np.arange(0, self.high))
        return bool(in_gamut(self.space, circle, self.cones).all())

    def _no_circle(self, base: Colour) -> str:
        luminance, contrast, _ = self._own(base)
        azimuths = np.arange(0, self.high)
        largest = gamut_contrast(luminance, azimuths, self.cones)
        narrowest = int(largest.argmin())
        return (
            f"the target {base.hex} has a contrast of {contrast:.4g} in the isoluminant plane, and the gamut does not "
            f"have that at azimuth {azimuths[narrowest]:g}°; expected at most {np.floor(1e4 * largest.min()) / 1e4:g}, "
            "the largest that fits at every azimuth"
        )

    def _coordinates(self, base: Colour, values: Floats) -> Floats:
        coordinates = np.broadcast_to(self._own(base), (*values.shape, 3)).copy()
        coordinates[..., self.channel] = values
        return coordinates

    def _own(self, base: Colour) -> Floats:
        """Shape (3,): all coordinates of a colour."""
        return from_rgb(self.space, base.rgb, self.cones) if self._of_another_space else base.coordinates(self.space)

    def _in_range(self, values: ArrayLike) -> Floats:
        values = np.asarray(values, dtype=np.float64)
        if self.circular:
            wrong = ~np.isfinite(values)
        else:
            wrong = ~((values > self.low - self.step / 2) & (values < self.high + self.step / 2))
        if wrong.any():
            raise InputError(
                f"{self.name} {values[wrong].flat[0]:g} is out of range; expected {self.low:g} to {self.high:g}"
            )
        return np.asarray(values % self.high if self.circular else np.clip(values, self.low, self.high))


#: Contrast of DKL between neighbouring values of a sweep, about a level of 8 bits.
_STEP_OF_CONTRAST = 0.0016
#: Below this contrast a colour has no azimuth to speak of.
_LEAST_CONTRAST = 1e-3
#: The axes whose target must have a hue, and a colour that has one.
_NEED_HUE = {
    "saturation": "{ hsv = [0.6, 0, 0.5] }",
    "chroma": "{ lab = [60, 20, 0] }",
    "dkl-contrast": "{ dkl-polar = [0, 0.1, 45] }",
}

#: Every axis, by name.
AXES = {
    axis.name: axis
    for axis in (
        Axis("brightness", "brightness (HSV V)", "hsv", 2),
        Axis("saturation", "saturation (HSV S)", "hsv", 1),
        Axis("hue", "hue (HSV H, turns)", "hsv", 0, count=255, circular=True),
        Axis("lightness", "lightness (CIELAB L*)", "lch", 0, high=100.0),
        Axis("chroma", "chroma (CIELAB C*)", "lch", 1, high=134.0, count=343),  # no sRGB colour has more
        Axis("a", "a* (CIELAB, green to red)", "lab", 1, high=99.0, low=-87.0, count=475),  # as above, and so on
        Axis("b", "b* (CIELAB, blue to yellow)", "lab", 2, high=95.0, low=-108.0, count=519),
        Axis("l-m", "L−M (DKL, difference of cone contrasts)", "dkl", 1, high=0.344, low=-0.344, count=431),
        Axis("s-lm", "S−(L+M) (DKL, difference of contrasts)", "dkl", 2, high=1.576, low=-1.576, count=479),
        Axis("dkl-hue", "azimuth (DKL, degrees)", "dkl-polar", 2, high=360.0, count=360, circular=True),
        Axis("dkl-contrast", "contrast (DKL, distance from grey)", "dkl-polar", 1, high=1.577, count=987),
    )
}


#: What may stand in the table of an axis of DKL beside its name.
_OF_CONES = ("display", "adapt", "s_scale")
#: The word for the surround of the reference condition, as what observers adapt to.
REFERENCE = "reference"


def parse_axis(written: Any, reference: Colour | None = None) -> Axis:
    """The axis of a name; an `Axis` is returned as it is.

    Args:
        written: ``"brightness"``, or a table, ``{"name": "dkl-hue", "display": {"white": 80}, "adapt": "#808080",
            "s_scale": 2.6}``, of which all but the name may be left out: see `parse_display` and `ConeSpace`. ``adapt``
            is a colour, or ``"reference"`` for the surround of the reference condition.
        reference: that surround.

    Raises:
        InputError: no axis has that name, the display is none, or the axis is none of DKL and has more than a display.
    """
    if isinstance(written, Axis):
        return written
    if isinstance(written, Mapping) and "name" in written:
        return _of_cones(parse_axis(written["name"]), written, reference)
    if not isinstance(written, str) or written not in AXES:
        raise unknown_name("axis", str(written), AXES)
    return AXES[written]


def _of_cones(axis: Axis, written: Mapping[str, Any], reference: Colour | None) -> Axis:
    for key in written:
        if key not in ("name", *_OF_CONES):
            raise unknown_name("key of an axis", str(key), ("name", *_OF_CONES))
    display = parse_display(written.get("display", {}))
    if axis.space not in DKL:
        if axis.space != "hsv" or set(written) & {"adapt", "s_scale"}:
            raise InputError(
                f"the axis {axis.name} is one of sRGB, whatever the display; expected l-m, s-lm, dkl-hue or "
                "dkl-contrast beside it"
            )
        return replace(axis, cones=ConeSpace(display))
    scale = written.get("s_scale", 1.0)
    if isinstance(scale, bool) or not isinstance(scale, Real):
        raise InputError(f"s_scale is {scale!r}; expected a number, by which S−(L+M) is divided")
    adapt = _adapting(written["adapt"], display, reference) if "adapt" in written else None
    return on_cones(axis, ConeSpace(display, adapt, float(scale)))


def _adapting(written: Any, display: Display, reference: Colour | None) -> Rgb:
    if written == REFERENCE:
        if reference is None:
            raise InputError(
                "adapt is 'reference', and there is no reference condition with a uniform surround; expected the key "
                "'reference', or a colour"
            )
        colour = reference
    else:
        colour = parse_colour(written, ConeSpace(display))
    red, green, blue = (float(value) for value in colour.rgb)
    return red, green, blue


def on_cones(axis: Axis, cones: ConeSpace) -> Axis:
    """An axis of DKL in another cone-opponent space, as long as its display has colours along it.

    Args:
        axis: one of DKL.
        cones: the space.
    """
    if axis.circular:
        return replace(axis, cones=cones, label=_label(axis, cones))
    corners = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    far = 1.001 * float(np.abs(from_rgb(axis.space, corners, cones)[:, axis.channel]).max())
    if axis.signed:
        return replace(axis, cones=cones, low=-far, high=far)
    count = round(far / _STEP_OF_CONTRAST) + 1
    return replace(axis, cones=cones, high=far, count=count, label=_label(axis, cones))


def _label(axis: Axis, cones: ConeSpace) -> str:
    """The label of an axis of the isoluminant plane, which says how S−(L+M) is scaled."""
    return axis.label if cones.s_scale == 1 else f"{axis.label[:-1]}, S ÷ {cones.s_scale:g})"
