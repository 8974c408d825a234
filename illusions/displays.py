"""Displays: the light of an 8-bit colour, and its cone excitations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from illusions.arrays import Bytes, Floats
from illusions.errors import InputError, unknown_name

#: x and y of CIE 1931.
Chromaticity: TypeAlias = tuple[float, float]

#: From X', Y', Z' with Judd's and Vos' corrections to the cones L, M and S: Smith, V. C. & Pokorny, J. (1975). Spectral
#: sensitivity of the foveal cone photopigments between 400 and 500 nm. Vision Research, 15, 161–171. L + M is the
#: luminance; the unit of S means nothing here, as only its ratios are used.
_CONES = np.array([[0.15514, 0.54312, -0.03286], [-0.15514, 0.45684, 0.03286], [0.0, 0.0, 0.01608]])
_CHROMATICITIES = ("red", "green", "blue", "white_point")
_KEYS = (*_CHROMATICITIES, "gamma", "white", "black")


def _xyz(xy: Chromaticity, luminance: float) -> Floats:
    x, y = xy
    return luminance / y * np.array([x, y, 1 - x - y])


def _vos(x: float, y: float) -> Chromaticity:
    """From CIE 1931 to the chromaticity with Judd's and Vos' corrections (Vos 1978)."""
    share = 0.03845 * x + 0.01496 * y + 1
    return (1.0271 * x - 0.00008 * y - 0.00009) / share, (0.00376 * x + 1.0072 * y + 0.00764) / share


@dataclass(frozen=True)
class Display:
    """A display with three primaries, whose lights add up. Left out, all is as in sRGB (IEC 61966-2-1)."""

    red: Chromaticity = (0.64, 0.33)  #: chromaticity of the primary.
    green: Chromaticity = (0.30, 0.60)  #: chromaticity of the primary.
    blue: Chromaticity = (0.15, 0.06)  #: chromaticity of the primary.
    white_point: Chromaticity = (0.3127, 0.3290)  #: chromaticity of all three at their greatest.
    #: light is the value, in [0, 1], to this power, or to one for each primary; None for the curve of sRGB.
    gamma: float | tuple[float, float, float] | None = None
    #: luminance of the white, cd/m²; None if unknown.
    white: float | None = None
    #: luminance of the black, cd/m²: a grey of value v has black + (white − black) · v^gamma. The light of the black
    #: has the chromaticity of the white.
    black: float = 0.0

    def __post_init__(self) -> None:
        for name in _CHROMATICITIES:
            x, y = getattr(self, name)
            if not (0 <= x <= 1 and 0 < y <= 1 and x + y <= 1):
                raise InputError(f"{name} of the display is [{x:g}, {y:g}]; expected x and y of CIE 1931")
        for gamma in () if self.gamma is None else np.ravel(self.gamma).tolist():
            if not 0.5 <= gamma <= 5:
                raise InputError(f"gamma of the display is {gamma:g}; expected 0.5 to 5")
        if self.white is not None and not (self.white > 0 and math.isfinite(self.white)):
            raise InputError(f"white of the display is {self.white:g} cd/m²; expected a positive number")
        if self.black and self.white is None:
            raise InputError(f"black of the display is {self.black:g} cd/m²; expected the luminance of its white, too")
        if not 0 <= self.black < (self.white or math.inf):
            raise InputError(
                f"black of the display is {self.black:g} cd/m²; expected 0 or more, and less than its white"
                + ("" if self.white is None else f" ({self.white:g})")
            )
        primaries = np.array([_xyz(xy, 1.0) for xy in (self.red, self.green, self.blue)])
        if abs(np.linalg.det(primaries)) < 1e-9 or not (self._shares > 0).all():
            raise InputError("the white of the display does not lie between its primaries; expected it within them")

    def written(self) -> dict[str, Any]:
        """What `parse_display` makes this display of: the keys whose values are not those of sRGB."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) != each.default}

    def linear(self, rgb: ArrayLike) -> Floats:
        """Colours (..., 3) in [0, 1] as parts of the light of each primary, from black ÷ white to 1."""
        values = np.asarray(rgb, dtype=np.float64)
        if self.gamma is not None:
            curve = np.asarray(values ** np.asarray(self.gamma))
        else:
            curve = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        return self.darkest + (1 - self.darkest) * curve if self.black else curve

    def encoded(self, light: ArrayLike) -> Floats:
        """The inverse of `linear`; also for a little less or more light than there is."""
        values = np.asarray(light, dtype=np.float64)
        if self.black:
            values = (values - self.darkest) / (1 - self.darkest)
        if self.gamma is not None:
            return np.asarray(np.sign(values) * np.abs(values) ** (1 / np.asarray(self.gamma)))
        return np.where(values <= 0.0031308, 12.92 * values, 1.055 * np.maximum(values, 0) ** (1 / 2.4) - 0.055)

    def luminances(self, colours: Bytes) -> Floats:
        """The luminance, cd/m², of 8-bit colours (..., 3), of which the white must be known: shape (...)."""
        return np.asarray(self.white_luminance * (self.linear(colours / 255) @ self._shares))

    @property
    def white_luminance(self) -> float:
        """Luminance of the white, cd/m².

        Raises:
            InputError: it is unknown.
        """
        if self.white is None:
            raise InputError(
                "the luminance of the display's white is unknown; expected display = { white = 80 }, say, in cd/m²"
            )
        return self.white

    @property
    def darkest(self) -> float:
        """The light of the black as a part of that of the white."""
        return self.black / self.white if self.white else 0.0

    @cached_property
    def cones(self) -> Floats:
        """Shape (3, 3): what L, M and S make of each primary at its greatest, a primary a row; L + M of the white is 1.

        Chromaticities are corrected after Vos, J. J. (1978), Colorimetric and photometric properties of a 2°
        fundamental observer, Color Research & Application, 3, 125–128, and luminances stay, so that L + M is the
        luminance that a photometer measures.
        """
        lights = zip((self.red, self.green, self.blue), self._shares, strict=True)
        return np.asarray(np.array([_xyz(_vos(*xy), share) for xy, share in lights]) @ _CONES.T)

    @cached_property
    def _shares(self) -> Floats:
        """Shape (3,): the share that each primary has in the luminance of the white."""
        primaries = np.array([_xyz(xy, 1.0) for xy in (self.red, self.green, self.blue)])
        return np.asarray(np.linalg.lstsq(primaries.T, _xyz(self.white_point, 1.0), rcond=None)[0])


#: What pictures are made for.
SRGB = Display()


#: Red, green and blue of a display, each in [0, 1].
Rgb: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True)
class ConeSpace:
    """A cone-opponent (DKL) space: on which display, relative to which grey, with which scale of its S axis."""

    display: Display = SRGB  #: whose primaries the cones see.
    #: the colour that observers adapt to, to which contrasts are relative, as values of the display in [0, 1]. None for
    #: the grey of half the luminance of its white.
    adapt: Rgb | None = None
    #: azimuth and contrast in the isoluminant plane are those of L−M and of S−(L+M) divided by this number. It leaves
    #: the coordinates of ``dkl`` as they are.
    s_scale: float = 1.0

    def __post_init__(self) -> None:
        if not (self.s_scale > 0 and math.isfinite(self.s_scale)):
            raise InputError(f"s_scale is {self.s_scale:g}; expected a positive number, by which S−(L+M) is divided")
        if not (self.grey > 0).all():
            raise InputError("the colour to adapt to is black, and no contrast is relative to that; expected a grey")

    @cached_property
    def grey(self) -> Floats:
        """Shape (3,): L, M and S of the colour that observers adapt to, in units in which L + M of the white is 1."""
        if self.adapt is None:
            return np.asarray(self.display.cones.sum(axis=0) / 2)
        return np.asarray(self.display.linear(self.adapt) @ self.display.cones)

    @property
    def neutral(self) -> bool:
        """Whether observers adapt to a grey of the display, one of equal red, green and blue."""
        return self.adapt is None or len(set(self.adapt)) == 1


#: Of an sRGB display whose observers adapt to its mid-grey; S−(L+M) is not scaled.
SRGB_CONES = ConeSpace()


def to_dkl(rgb: ArrayLike, cones: ConeSpace = SRGB_CONES) -> Floats:
    """Colours (..., 3) in [0, 1] in the space of Derrington, Krauskopf and Lennie; shape (..., 3).

    The coordinates are contrasts to the grey that observers adapt to: ΔL+ΔM over L+M of that grey (on an sRGB display
    from −1, black, to 1, white); L−M: the contrast of the L cones minus that of the M cones; and S−(L+M): that of the
    S cones minus that of the luminance. Every grey has 0 for the last two. Along L−M neither luminance nor S changes,
    along S−(L+M) neither L nor M.

    Derrington, A. M., Krauskopf, J. & Lennie, P. (1984). Chromatic mechanisms in lateral geniculate nucleus of macaque.
    Journal of Physiology, 357, 241–265. As a matrix: Brainard, D. H. (1996). Cone contrast and opponent modulation
    color spaces. In P. K. Kaiser & R. M. Boynton, Human Color Vision (2nd ed.), pp. 563–579.
    """
    values = np.asarray(rgb, dtype=np.float64)
    excitations = cones.display.linear(values) @ cones.display.cones
    contrast = excitations / cones.grey - 1
    luminance = excitations[..., :2].sum(axis=-1) / cones.grey[:2].sum() - 1
    found = np.stack([luminance, contrast[..., 0] - contrast[..., 1], contrast[..., 2] - luminance], axis=-1)
    if cones.neutral:
        found[..., 1:][np.ptp(values, axis=-1) == 0] = 0  # but for the last digits
    return found


def from_dkl(dkl: ArrayLike, cones: ConeSpace = SRGB_CONES) -> Floats:
    """The inverse of `to_dkl`, (..., 3): below 0 or above 1 where the display has no such colour."""
    values = np.asarray(dkl, dtype=np.float64)
    rgb = cones.display.encoded(_light(values, cones))
    grey = (values[..., 1:] == 0).all(axis=-1, keepdims=True) & cones.neutral
    return np.where(grey, rgb.mean(axis=-1, keepdims=True), rgb)


def _light(dkl: Floats, cones: ConeSpace) -> Floats:
    """Coordinates (..., 3) as parts of the light of each primary; within black ÷ white and 1 in the gamut."""
    long, middle, short = cones.grey
    luminance, difference = dkl[..., 0], dkl[..., 1]
    # contrasts l and m with l − m = difference, and long·l + middle·m = (long + middle)·luminance
    of_middle = luminance - long / (long + middle) * difference
    excitations = np.stack(
        [
            (1 + of_middle + difference) * long,
            (1 + of_middle) * middle,
            (1 + dkl[..., 2] + luminance) * short,
        ],
        axis=-1,
    )
    return np.asarray(excitations @ np.linalg.inv(cones.display.cones))


def to_polar(dkl: ArrayLike, cones: ConeSpace = SRGB_CONES) -> Floats:
    """DKL coordinates (..., 3) as luminance, contrast and azimuth; shape (..., 3).

    Contrast is the distance from grey in the isoluminant plane, after S−(L+M) is divided by its scale. Azimuth is the
    angle in that plane in degrees, in [0, 360): 0 is +(L−M), 90 is +(S−(L+M)); that of a grey is 0.
    """
    luminance, x, y = np.moveaxis(np.asarray(dkl, dtype=np.float64), -1, 0)
    y = y / cones.s_scale
    return np.stack([luminance, np.hypot(x, y), np.degrees(np.arctan2(y, x)) % 360 % 360], axis=-1)


def from_polar(polar: ArrayLike, cones: ConeSpace = SRGB_CONES) -> Floats:
    """The inverse of `to_polar`."""
    luminance, contrast, azimuth = np.moveaxis(np.asarray(polar, dtype=np.float64), -1, 0)
    angle = np.radians(azimuth)
    return np.stack([luminance, contrast * np.cos(angle), contrast * np.sin(angle) * cones.s_scale], axis=-1)


def from_xyy(xyy: ArrayLike, display: Display) -> Floats:
    """Lights (..., 3) as values of a display: below 0 or above 1 where it has no such colour.

    Args:
        xyy: x and y of CIE 1931, and the luminance, cd/m².
        display: one whose white has a known luminance.

    Raises:
        InputError: the luminance of the white is not known, or y is 0.
    """
    white = display.white_luminance
    x, y, luminance = np.moveaxis(np.asarray(xyy, dtype=np.float64), -1, 0)
    if not (y > 0).all():
        raise InputError("y of xyY is 0; expected more than 0")
    xyz = (luminance / white / y)[..., None] * np.stack([x, y, 1 - x - y], axis=-1)
    primaries = np.array([_xyz(xy, 1.0) for xy in (display.red, display.green, display.blue)])
    return display.encoded(xyz @ np.linalg.inv(primaries) / display._shares)


def gamut_contrast(luminance: ArrayLike, azimuth: ArrayLike, cones: ConeSpace = SRGB_CONES) -> Floats:
    """The largest contrast of the isoluminant plane that a display has in a direction; see `to_polar`.

    Args:
        luminance: of the plane, as a contrast to the grey that observers adapt to; shape (...).
        azimuth: degrees; shape (...), broadcast against the luminance.
        cones: the space.

    Returns:
        Shape (...); 0 where the grey of the plane itself is none of the display's colours.
    """
    luminance, azimuth = np.broadcast_arrays(np.asarray(luminance, dtype=np.float64), azimuth)
    grey = _light(from_polar(np.stack([luminance, np.zeros(azimuth.shape), azimuth], axis=-1), cones), cones)
    unit = _light(from_polar(np.stack([luminance, np.ones(azimuth.shape), azimuth], axis=-1), cones), cones) - grey
    room = np.where(unit > 0, 1 - grey, grey - cones.display.darkest)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.clip((room / np.abs(unit)).min(axis=-1), 0, None))


def parse_display(written: Any) -> Display:
    """A display as it is written in files: ``{ gamma = 2.2, white = 100, black = 0.5, red = [x, y], … }``.

    Every key may be left out, and is then as in sRGB. ``white`` and ``black`` are luminances, cd/m²; ``red``,
    ``green``, ``blue`` and ``white_point`` are chromaticities, x and y of CIE 1931.

    Raises:
        InputError: there is another key, or a value is none.
    """
    if isinstance(written, Display):
        return written
    if not isinstance(written, Mapping):
        raise InputError(
            "a display is { gamma = 2.2, white = 100, black = 0.5 }, luminances in cd/m², and red, green, blue and "
            "white_point = [x, y]"
        )
    for key in written:
        if key not in _KEYS:
            raise unknown_name("key of a display", str(key), _KEYS)
    if isinstance(written.get("white"), Sequence):
        raise InputError("white of the display is its luminance, cd/m²; expected white_point = [x, y] beside it")
    read: dict[str, Any] = {
        key: _chromaticity(key, value) if key in _CHROMATICITIES else _number(key, value)
        for key, value in written.items()
    }
    return Display(**read)


def parse_luminances(written: str) -> Display:
    """A display of sRGB's primaries whose luminances are known, as on the command line: ``"gamma=2.2,white=100"``.

    Args:
        written: ``white``, the luminance of the white, cd/m²; ``black``, that of the black, or left out for 0; and
            ``gamma``, or left out for the curve of sRGB.

    Raises:
        InputError: it is not as above.
    """
    said = [part.partition("=") for part in written.split(",")]
    values = {key.strip(): value.strip() for key, _, value in said}
    try:
        numbers = {key: float(value) for key, value in values.items()}
    except ValueError:
        numbers = {}
    if len(numbers) < len(said) or not {"white"} <= set(numbers) <= {"white", "black", "gamma"}:
        raise InputError(
            "a display is gamma=2.2,white=100,black=0.5: its gamma (or left out for the curve of sRGB) and the cd/m² "
            f"of its white and its black (or left out for 0), or a monitor file of PsychoPy; not '{written}'"
        )
    return Display(gamma=numbers.get("gamma"), white=numbers["white"], black=numbers.get("black", 0.0))


def _chromaticity(key: str, written: Any) -> Chromaticity:
    if not isinstance(written, Sequence) or isinstance(written, str) or len(written) != 2:
        raise InputError(f"{key} of the display is {written!r}; expected [x, y] of CIE 1931")
    x, y = (_number(key, value) for value in written)
    return x, y


def _number(key: str, written: Any) -> float:
    if isinstance(written, bool) or not isinstance(written, Real) or not math.isfinite(written):
        raise InputError(f"{key} of the display: expected a number, not {written!r}")
    return float(written)
