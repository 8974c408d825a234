"""Filter models of brightness, the rivals of likelihood: a difference of Gaussians, ODOG, LODOG and FLODOG.

A bank of 6 × 7 filters looks at the picture: in each of six orientations o and at each of seven scales s, a round
Gaussian centre minus a surround that is twice as long in one direction (oriented difference of Gaussians). With
r(o, s) the response of one filter, weighted by its scale, the models differ in what they divide it by::

    ODOG     Σₒ Σₛ r(o, s) / rms Σₜ r(o, t)                   rms over the whole picture
    LODOG    Σₒ Σₛ r(o, s) / rms_σ Σₜ r(o, t)                 rms under a Gaussian window about each point
    FLODOG   Σₒ Σₛ r(o, s) / rms_nσₛ Σₜ g(s − t) r(o, t)      that of neighbouring scales, under a window of its scale

Sources:
    Blakeslee, B. & McCourt, M. E. (1999). A multiscale spatial filtering account of the White effect, simultaneous
    brightness contrast and grating induction. Vision Research, 39, 4361–4377: ODOG.
    Robinson, A. E., Hammon, P. S. & de Sa, V. R. (2007). Explaining brightness illusions using spatial filtering and
    local response normalization. Vision Research, 47, 1631–1644: LODOG and FLODOG.
    "The published code" is the Matlab code of the latter (in the repository of Betz et al. 2015,
    computational-psychology/betz2015_noise, code/f_l_odog_models); "multyscale" is the package of that name, 0.2.0, of
    the Technical University of Berlin. Numbers agree with multyscale's within 1 % (tests/models/filters-reference.csv).

The picture lies in the middle of a *frame* of mid grey, 32° × 32°, as the stimuli of Robinson et al. do (1024 pixels at
32 per degree); beyond the frame the world is mid grey. A picture that is larger than the frame in one direction is its
own frame in that direction. So a picture means the same with and without its grey margin, and filters reach 16° to
every side whatever the size of the picture.

The finest centre has a standard deviation of 0.033°. A picture with fewer than 16 pixels per degree is therefore
filtered with every pixel as a square of n × n samples, n the least number that makes 16 samples per degree, and the
response is averaged over each square. Centres that are smaller than a pixel (four of the seven scales at 2 pixels per
degree) so see the borders of pixels, as an eye would that is near enough.

Filters have an even number of samples, as in the published code: their middle lies between samples, and the response
belongs to the lower right corner of a pixel. Windows are displaced by half a sample the other way. Samples of both lie
from −16° to 16°, ends included, so a filter is narrower by one part in its number of samples (0.2 % at 16 per degree).
Both are as in multyscale: without the latter, small responses differ from its own by up to 8 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft, ndimage

from illusions.errors import InputError

_Floats = NDArray[np.float64]
_Complex = NDArray[np.complex128]
#: From the responses of an orientation to their sum over scales, each divided by a contrast, at the samples of the
#: picture, (rows, columns).
Normalisation: TypeAlias = "Callable[[Orientation], _Floats]"

#: Degrees from one another: six orientations. Published code (BM_model_params), after Blakeslee & McCourt 1999.
ORIENTATIONS = (0.0, 30.0, 60.0, 90.0, 120.0, 150.0)
#: Standard deviations of the centres in degrees, finest first: space constants of 0.047 to 3° in octaves, over √2.
#: Blakeslee & McCourt 1999, Table 1, as the published code cites it.
SIGMAS = tuple(3 / 2**octaves / math.sqrt(2) for octaves in (6, 5, 4, 3, 2, 1, 0))
#: The surround is this much longer than the centre, in one direction (published code).
SURROUND_RATIO = 2.0
#: Scales are weighted by (their frequency)^0.1: the low-frequency fall-off of contrast sensitivity (published code,
#: "almost" the points of Fig. 10 of Blakeslee & McCourt 1997). The middle one has the weight 1 (multyscale).
WEIGHTS = tuple((SIGMAS[3] / sigma) ** 0.1 for sigma in SIGMAS)
#: Added to a local mean square before its root (published code; it adds 1e-6 to the root as well, multyscale does not).
MEAN_SQUARE_OFFSET = 1e-6

#: Side of the frame in degrees, and the grey of the frame and of all beyond it (published code: model_pad_patch).
FRAME, GREY = 32.0, 0.5
#: Samples per degree that a picture is brought to at least: that of the reference, half that of the published code.
LEAST_DENSITY = 16.0
#: Samples that a frame may have: 128 per degree at 32°. Some 5 GB are needed then.
MAXIMUM_SAMPLES = 4096**2
#: A transfer function exp(−2π² σ² f²) is nothing, below 1e-16, from the frequency 1.4 / σ on. (That of the coarsest
#: filters, which are cut off at 16°, is not quite: responses change by 1e-6 of the largest.)
_NOTHING_FROM = 1.4
#: A Gaussian is nothing, below 1e-16 of its middle, beyond this many standard deviations.
_NOTHING_BEYOND = 8.6
#: A root mean square of rounding errors: responses to a picture without contrast are 0.
_NO_CONTRAST = 1e-12


def respond(picture: ArrayLike, pixels_per_degree: float, models: Sequence[Normalisation]) -> list[_Floats]:
    """Brightness by several models, from one filtering of the picture. Every orientation has the same weight.

    Args:
        picture: shape (h, w), intensities in [0, 1].
        pixels_per_degree: of visual angle.
        models: what each divides the responses of an orientation by: `by_rms` for ODOG, `by_local_rms` for LODOG,
            `by_local_rms_of_scales` for FLODOG.

    Returns:
        Shape (h, w) each, in standard deviations of the response; higher where it is brighter. ODOG of a frame that is
        grey all over is 0.

    Raises:
        InputError: the picture has another shape, is empty, has NaN or values outside [0, 1]; the pixels per degree
            are not positive; or the frame would have more than 4096 × 4096 samples.
    """
    view = _View.of(picture, pixels_per_degree)
    totals = [np.zeros([place.stop - place.start for place in view.place]) for _ in models]
    for filters in _bank(view.frame):
        seen = Orientation(view, filters)
        for total, normalised in zip(totals, models, strict=True):
            total += normalised(seen)
    return [view.pixels(total) for total in totals]


def by_rms() -> Normalisation:
    """ODOG: divide by the contrast of the whole frame (Blakeslee & McCourt 1999)."""

    def normalised(seen: Orientation) -> _Floats:
        contrast, total = math.sqrt(np.mean(seen.total**2)), seen.total[seen.view.place]
        return total / contrast if contrast > _NO_CONTRAST else np.zeros_like(total)

    return normalised


def by_local_rms(window: float = 2.0) -> Normalisation:
    """LODOG: divide by the contrast of the neighbourhood (Robinson et al. 2007, model 1).

    Args:
        window: standard deviation of the round Gaussian window in degrees. 2 is what multyscale 0.2.0 has; the
            example of the published code has 4 (128 pixels).

    Raises:
        InputError: the window is not positive.
    """
    _check_positive("window", window)

    def normalised(seen: Orientation) -> _Floats:
        view = seen.view
        return seen.total[view.place] / view.local_rms(seen.total[view.around(window)], window)

    return normalised


def by_local_rms_of_scales(n: float = 1.0, m: float = 0.5) -> Normalisation:
    """FLODOG: as LODOG, for every scale and its neighbours by themselves (Robinson et al. 2007, model 2).

    Args:
        n: standard deviation of the window ÷ that of the centre of the filter. 1 is what multyscale 0.2.0 has in
            effect (it sets 2, and does not use it); the example of the published code has 4.
        m: standard deviation, in octaves, of the Gaussian weights g of the scales that a scale is divided by. As in
            multyscale 0.2.0 they are a density and add up to 0.91 at both ends of the scales and to 1.01 between
            (m = 0.5); the published code divides them by their sum.

    Raises:
        InputError: n or m is not positive.
    """
    _check_positive("n", n)
    _check_positive("m", m)
    octaves = np.arange(len(SIGMAS))
    mixing = np.exp(-((octaves[:, None] - octaves) ** 2) / (2 * m**2)) / (m * math.sqrt(2 * math.pi))

    def normalised(seen: Orientation) -> _Floats:
        view, at_scales = seen.view, seen.at_scales
        total: _Floats = np.zeros_like(at_scales[0][view.place])
        for response, weights, sigma in zip(at_scales, mixing, SIGMAS, strict=True):
            around = at_scales[(slice(None), *view.around(n * sigma))]
            total += response[view.place] / view.local_rms(np.tensordot(weights, around, axes=1), n * sigma)
        return total

    return normalised


def difference_of_gaussians(picture: ArrayLike, pixels_per_degree: float) -> _Floats:
    """Brightness by one round filter, a Gaussian centre minus a surround twice as wide: local contrast, no more.

    The centre is that of the middle one of the seven scales, a standard deviation of 0.27°; which of them it is, is
    our choice. A surround of twice the width is that of Blakeslee & McCourt (as `SURROUND_RATIO`), here in all
    directions.

    Args:
        picture: shape (h, w), intensities in [0, 1].
        pixels_per_degree: of visual angle.

    Returns:
        Shape (h, w), in the unit of the picture; higher where it is brighter than around.

    Raises:
        InputError: as of `respond`.
    """
    view = _View.of(picture, pixels_per_degree)
    sigma, frame = SIGMAS[3], view.frame
    filters = [_round(frame, sigma, sigma) - _round(frame, SURROUND_RATIO * sigma, sigma)]
    return view.pixels(view.respond(filters)[view.place])


def mean_responses(response: _Floats, targets: NDArray[np.integer]) -> _Floats:
    """The mean response over each target.

    Args:
        response: shape (h, w).
        targets: shape (h, w), integers: 0 in the surround, 1 … n in the targets.

    Returns:
        Shape (n,), target 1 first.

    Raises:
        InputError: the shapes differ, the labels are no integers, one is negative, there is no target or one of
            1 … n has no pixel.
    """
    targets = np.asarray(targets)
    if targets.shape != response.shape:
        raise InputError(f"targets: are of shape {targets.shape}; expected {response.shape}, that of the response")
    if not np.issubdtype(targets.dtype, np.integer):
        raise InputError(f"targets: are {targets.dtype}; expected integers, 0 in the surround and 1, 2, … in targets")
    labels = range(1, int(targets.max(initial=0)) + 1)
    lacking = sorted(set(labels) - set(np.unique(targets).tolist()))
    if not labels or lacking or targets.min() < 0:
        what = f"target {lacking[0]} has no pixel" if lacking else "there is no target" if not labels else "one is < 0"
        raise InputError(f"targets: {what}; expected 0 in the surround and every number of 1 … n in a target")
    means: _Floats = np.asarray(ndimage.mean(response, targets, labels), np.float64)
    return means


@dataclass(frozen=True)
class _Frame:
    """What is filtered: where samples lie, and how responses are averaged."""

    shape: tuple[int, int]  #: rows and columns of samples.
    density: float  #: samples per degree.

    @property
    def reach(self) -> int:
        """Samples that a filter or a window reaches to each side."""
        return _reach(self.density)

    @property
    def sides(self) -> tuple[int, int]:
        """Sides of the transforms: a filter that leaves the frame reaches nothing but the grey beyond."""
        height, width = (int(fft.next_fast_len(side + self.reach, real=True)) for side in self.shape)
        return height, width

    def columns(self, sigma: float) -> int:
        """How many columns of a spectrum a Gaussian of this standard deviation (degrees) lets through."""
        width = self.sides[1]
        return min(width // 2 + 1, math.ceil(_NOTHING_FROM / (sigma * self.density) * width))

    def offsets(self) -> _Floats:
        """Where a filter is sampled, degrees from its middle, both ends included, as in multyscale."""
        return np.linspace(-FRAME / 2, FRAME / 2, 2 * self.reach)

    def inverse(self, spectrum: _Complex) -> _Floats:
        """Back from the first columns of a spectrum to the samples of the frame."""
        rows = fft.ifft(spectrum, axis=0)[: self.shape[0]]
        return fft.irfft(rows, self.sides[1], axis=1)[:, : self.shape[1]]


@dataclass(frozen=True, eq=False)
class _View:
    """A picture in its frame."""

    frame: _Frame  #: around the picture.
    spectrum: _Complex  #: of the frame, grey as 0, displaced by half a sample.
    shape: tuple[int, int]  #: rows and columns of the picture.
    square: int  #: rows and columns of samples that show one pixel.
    place: tuple[slice, slice]  #: of the picture in the frame.

    @classmethod
    def of(cls, picture: ArrayLike, pixels_per_degree: float) -> _View:
        """A picture (h, w), at a number of pixels per degree."""
        _check_positive("pixels per degree", pixels_per_degree)
        intensities = _checked(picture)
        square = max(1, math.ceil(LEAST_DENSITY / pixels_per_degree))
        density = square * pixels_per_degree
        height, width = (max(square * side, 2 * _reach(density)) for side in intensities.shape)
        if height * width > MAXIMUM_SAMPLES:
            raise InputError(
                f"picture: {intensities.shape[1]}×{intensities.shape[0]} pixels at {pixels_per_degree:g} per degree "
                f"need a frame of {width}×{height} samples; expected at most {MAXIMUM_SAMPLES} in all, 4096×4096 say"
            )
        frame = _Frame((height, width), density)
        samples = np.zeros(frame.shape)
        place = _middle(frame.shape, intensities.shape, square)
        samples[place] = np.kron(intensities, np.ones((square, square))) - GREY
        down, across = (_half_a_sample(side) for side in frame.sides)
        spectrum: _Complex = fft.rfft2(samples, frame.sides)
        spectrum *= down[:, None]
        spectrum *= across[: spectrum.shape[1]]
        return cls(frame, spectrum, (intensities.shape[0], intensities.shape[1]), square, place)

    def respond(self, filters: Sequence[_Floats]) -> _Floats:
        """The sum of the responses of filters, given by the first columns of their transfer functions."""
        widest = max(filters, key=lambda transfer: transfer.shape[1])
        together: _Floats = np.zeros_like(widest)
        for transfer in filters:
            together[:, : transfer.shape[1]] += transfer
        return self.frame.inverse(self.spectrum[:, : together.shape[1]] * together)

    def around(self, sigma: float) -> tuple[slice, slice]:
        """The samples that a Gaussian window (standard deviation in degrees) about the picture's samples reaches."""
        reach, (height, width), (rows, columns) = self._reach_of(sigma), self.frame.shape, self.place
        return (
            slice(max(0, rows.start - reach), min(height, rows.stop + reach)),
            slice(max(0, columns.start - reach), min(width, columns.stop + reach)),
        )

    def local_rms(self, response: _Floats, sigma: float) -> _Floats:
        """Root of the mean square about each sample of the picture, under a Gaussian window.

        Args:
            response: at the samples `around` the picture.
            sigma: standard deviation of the window in degrees.
        """
        reach, middle = self._reach_of(sigma), self.frame.reach
        window = np.exp(-(self.frame.offsets() ** 2) / (2 * sigma**2))
        window = window[middle - reach : middle + reach] / window.sum()
        squares = response**2
        for axis, (place, around) in reversed(list(enumerate(zip(self.place, self.around(sigma), strict=True)))):
            before, after = place.start - around.start, around.stop - place.stop
            beyond = reach - min(before, after)  # of the frame, where responses are 0
            side = int(fft.next_fast_len(squares.shape[axis] + beyond, real=True))
            transfer = fft.rfft(window, side) * np.exp(2j * np.pi * fft.rfftfreq(side) * (reach - 1))
            spectrum = fft.rfft(squares, side, axis=axis) * (transfer if axis else transfer[:, None])
            squares = np.take(fft.irfft(spectrum, side, axis=axis), range(before, squares.shape[axis] - after), axis)
        return np.sqrt(squares.clip(min=0) + MEAN_SQUARE_OFFSET)

    def _reach_of(self, sigma: float) -> int:
        """Samples that a Gaussian window reaches to each side, within the reach of all filters."""
        return min(self.frame.reach, math.ceil(_NOTHING_BEYOND * sigma * self.frame.density))

    def pixels(self, response: _Floats) -> _Floats:
        """A response at the samples of the picture as one at its pixels, the mean over the square of each."""
        (height, width), square = self.shape, self.square
        means: _Floats = response.reshape(height, square, width, square).mean(axis=(1, 3))
        return means


@dataclass(frozen=True, eq=False)
class Orientation:
    """The responses of the filters of one orientation, computed when they are needed."""

    view: _View  #: the picture in its frame.
    filters: Sequence[_Floats]  #: their transfer functions, by scale.

    @cached_property
    def at_scales(self) -> _Floats:
        """Shape (scales, rows, columns)."""
        return np.stack([self.view.respond([transfer]) for transfer in self.filters])

    @cached_property
    def total(self) -> _Floats:
        """Shape (rows, columns): the sum over scales."""
        return self.view.respond(self.filters)


@lru_cache(maxsize=1)
def _bank(frame: _Frame) -> tuple[tuple[_Floats, ...], ...]:
    """Transfer functions of the weighted filters, by orientation and scale; each real, its first columns only.

    Those of the last frame are kept: 60 MB for 512 × 512 samples at 16 per degree, 186 MB for 1024 × 1024 at 32.
    """
    return tuple(
        tuple(weight * _oriented(frame, sigma, angle) for sigma, weight in zip(SIGMAS, WEIGHTS, strict=True))
        for angle in ORIENTATIONS
    )


def _oriented(frame: _Frame, sigma: float, angle: float) -> _Floats:
    """Transfer function of a round centre (degrees) minus a surround that is longer in one direction."""
    direction, offsets = math.radians(angle), frame.offsets()
    across = math.cos(direction) * offsets + math.sin(direction) * offsets[:, None]
    along = math.cos(direction) * offsets[:, None] - math.sin(direction) * offsets
    surround: _Floats = np.exp(-(across**2 + (along / SURROUND_RATIO) ** 2) / (2 * sigma**2))
    columns, (height, width) = frame.columns(sigma), frame.sides
    rows: _Complex = fft.rfft(surround / surround.sum(), width, axis=1)
    spectrum = fft.fft(rows[:, :columns], height, axis=0) * np.outer(
        _to_the_middle(frame, height), _to_the_middle(frame, width)[:columns]
    )
    return _round(frame, sigma, sigma) - spectrum.real


def _round(frame: _Frame, sigma: float, least: float) -> _Floats:
    """Transfer function of a Gaussian in all directions, in as many columns as the least standard deviation needs."""
    down, across = (_gaussian(frame, sigma, side) for side in frame.sides)
    return np.outer(down, across[: frame.columns(least)])


def _gaussian(frame: _Frame, sigma: float, side: int) -> _Floats:
    """Transfer function of a Gaussian in one direction, at all frequencies of a transform of this side."""
    gaussian = np.exp(-(frame.offsets() ** 2) / (2 * sigma**2))
    transfer: _Floats = (fft.fft(gaussian / gaussian.sum(), side) * _to_the_middle(frame, side)).real
    return transfer


def _to_the_middle(frame: _Frame, side: int) -> _Complex:
    """Phases that turn the spectrum of a symmetric row of samples into a real one, that about its middle."""
    phases: _Complex = np.exp(2j * np.pi * fft.fftfreq(side) * (frame.reach - 0.5))
    return phases


def _half_a_sample(side: int) -> _Complex:
    """Phases that bring to each sample what is half a sample further on."""
    phases: _Complex = np.exp(1j * np.pi * fft.fftfreq(side))
    return phases


def _reach(density: float) -> int:
    return round(FRAME / 2 * density)


def _middle(frame: tuple[int, int], picture: tuple[int, ...], square: int) -> tuple[slice, slice]:
    """Where the squares of a picture lie in its frame."""
    top, left = ((outer - square * inner) // 2 for outer, inner in zip(frame, picture, strict=True))
    return slice(top, top + square * picture[0]), slice(left, left + square * picture[1])


def _checked(picture: ArrayLike) -> _Floats:
    try:
        intensities = np.asarray(picture, np.float64)
    except (TypeError, ValueError):
        raise InputError("picture: is no array of numbers; expected intensities (h, w) in [0, 1]") from None
    if intensities.ndim != 2 or not intensities.size:
        raise InputError(f"picture: is of shape {intensities.shape}; expected (h, w), intensities in [0, 1]")
    if not np.isfinite(intensities).all():
        raise InputError("picture: has NaN or infinite values; expected intensities in [0, 1]")
    if intensities.min() < 0 or intensities.max() > 1:
        raise InputError(
            f"picture: has values from {intensities.min():g} to {intensities.max():g}; expected intensities in [0, 1]"
        )
    return intensities


def _check_positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{name}: {value}; expected a positive number")
