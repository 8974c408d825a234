"""The match in colour: which hue and saturation, and if asked for which luminance, look the same in another surround.

The target is given many colours, a model says how likely each is in each surround, and one density is carried into the
other (`illusions.analyses.densities.plane`). By field of view only, as the mean over placements.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from illusions.analyses.densities.cautions import cut_caution
from illusions.analyses.densities.plane import Cells, ColourMap, Space, between, carry
from illusions.analyses.densities.temperature import at_target
from illusions.analyses.readings.reading import PLANE, Reading
from illusions.arrays import Floats
from illusions.displays import ConeSpace, gamut_contrast, to_polar
from illusions.errors import InputError
from illusions.estimates import jackknife_standard_error, with_error
from illusions.models.stacks import PatchModel, Stack, score_stacks, sees_colour
from illusions.stimuli.colours import DKL, parse_colour

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.stimulus import Stimulus

#: S−(L+M) is divided by this where the axis of a stimulus does not say by what (Klauke & Wachtler 2015).
S_SCALE = 2.6
#: Where a cell holds more of a density than this, each of its parts is scored.
_MUCH = 0.004
#: By how much of its width the gamut is cut, to see what hangs on its edge.
_CUT = 0.9
#: Of the mass of a colour at the edge of the gamut, the share from which a match is said to touch it.
_TOUCHES = 0.5
#: The colours of a table, beside the target: azimuths, and shares of the largest contrast there.
_AZIMUTHS, _SHARES = np.arange(0.0, 360.0, 45.0), (1 / 3, 2 / 3)
#: A colour this far from the luminance of the plane, as a contrast, does not lie in it.
_IN_PLANE = 0.02


@dataclass(frozen=True)
class ColourMatch:
    """What a person is predicted to set in the comparison's surround so that a colour looks as in the reference's.

    Contrasts are cone-opponent (DKL), relative to the grey that observers adapt to; standard errors are by the
    jackknife over placements, each with its own noise, and NaN for a single placement.
    """

    stimulus: str  #: name of the stimulus.
    reference_condition: str  #: where the colour is as it is.
    comparison_condition: str  #: where it is matched.
    is_target: bool  #: whether it is the physical target.
    colour: str  #: 8-bit sRGB, ``"#8a6f3c"``.
    luminance: float  #: L+M.
    l_m: float  #: L−M.
    s_lm: float  #: S−(L+M), not scaled.
    match: str  #: 8-bit sRGB.
    match_luminance: float  #: of the match; in the plane that of the colour.
    match_l_m: float  #: of the match.
    match_s_lm: float  #: of the match.
    delta_l_m: float  #: of the match minus that of the colour.
    delta_s_lm: float  #: as above.
    luminance_standard_error: float  #: of the match.
    l_m_standard_error: float  #: of the match.
    s_lm_standard_error: float  #: of the match.
    hue_shift: float  #: azimuth of the match minus that of the colour, degrees, in [−180, 180); NaN for a grey.
    hue_shift_standard_error: float  #: degrees.
    contrast_ratio: float  #: contrast of the match ÷ that of the colour; NaN for a grey.
    contrast_ratio_standard_error: float  #: of the ratio.
    at_edge: float  #: share of the colour's mass that goes to the edge of the gamut.
    #: how far the match moves where the gamut is cut by a tenth, in contrast (S ÷ ``s_scale``); NaN where the colour is
    #: cut off.
    gamut_shift: float
    s_scale: float  #: what S−(L+M) is divided by in azimuths, contrasts and distances.
    cells: int  #: into how many cells the gamut is divided.
    scored: int  #: how many colours were scored; the log-likelihoods of the other cells are interpolated.
    temperature: float  #: T, nats per pixel of the target.
    model: str  #: name of the model.
    fields: str  #: sides of the patch, degrees, separated by spaces.
    cautions: str  #: what must be known before the match is believed.

    def __repr__(self) -> str:
        turned = f"hue {with_error(self.hue_shift, self.hue_shift_standard_error)}°"
        ratio = f"contrast × {with_error(self.contrast_ratio, self.contrast_ratio_standard_error)}"
        return (
            f"ColourMatch({self.stimulus!r}: {self.colour} on {self.reference_condition} looks like {self.match} on "
            f"{self.comparison_condition}: {turned}, {ratio}; {self.model}, T = {self.temperature:.4g})"
        )


def colour_match(
    stimulus: Stimulus,
    colours: Any = None,
    *,
    reading: Reading = PLANE,
    solid: bool = False,
    device: str = "auto",
    seed: int = 0,
) -> list[ColourMatch]:
    """The colours that look the same in the other surrounds, for every pair of conditions (`Stimulus.pairs`).

    Args:
        stimulus: what is shown; its size in degrees is known.
        colours: one colour or several, as they are written in files; the physical target if left out.
        reading: by field of view; its model must see colour.
        solid: whether luminance is varied too. If not, colours are those of the target's luminance.
        device: where the model runs.
        seed: of the placements and of the noise.

    Returns:
        A match for every pair and colour, pair by pair.

    Raises:
        InputError: the stimulus has no size in degrees or a single condition, the model sees luminance alone, or a
            colour is none, outside the gamut or of another luminance than the plane.

    Example:
        >>> import illusions
        >>> illusions.colour_match(illusions.load_stimulus("hue-contrast"))  # doctest: +SKIP
    """
    from illusions.models.model import load_model

    model = load_model(reading.model, device=device)
    written = [] if colours is None else list(colours) if isinstance(colours, list | tuple) else [colours]
    return match_colours(stimulus, model, reading, written, solid=solid, seed=seed)


def match_colours(
    stimulus: Stimulus,
    model: PatchModel,
    reading: Reading,
    colours: Sequence[Any] = (),
    *,
    solid: bool = False,
    seed: int = 0,
) -> list[ColourMatch]:
    """`colour_match`, with a model that is loaded.

    Args:
        stimulus: the stimulus.
        model: the model.
        reading: its fields, T and number of placements are used.
        colours: as in `colour_match`; the physical target if there are none.
        solid: as in `colour_match`.
        seed: as in `colour_match`.
    """
    _check(stimulus, model, reading)
    space = space_of(stimulus, solid=solid)
    wanted = np.array([_own(stimulus, space, colour) for colour in colours or (stimulus.target,)])
    target = _own(stimulus, space, stimulus.target)
    densities = Densities(stimulus, model, reading, space, seed=seed)
    found = []
    for reference, comparison in stimulus.pairs:
        of_pair = densities.matches(reference, comparison, wanted)
        for i, colour in enumerate(wanted):
            is_target = bool(np.allclose(colour, target))
            of_this = {key: value[i] for key, value in of_pair.items()}
            found.append(_match(densities, reference, comparison, colour, of_this, is_target=is_target))
    return found


def sample_colours(stimulus: Stimulus) -> list[Any]:
    """The colours of a table: the target, the grey of its luminance, and eight azimuths at two contrasts."""
    space = space_of(stimulus)
    assert space.luminance is not None
    largest = gamut_contrast(space.luminance, _AZIMUTHS, space.cones)
    angle = np.radians(_AZIMUTHS)
    rings = [np.column_stack([share * largest * np.cos(angle), share * largest * np.sin(angle)]) for share in _SHARES]
    return [stimulus.target, *np.concatenate([np.zeros((1, 2)), *rings])]


def space_of(stimulus: Stimulus, *, solid: bool = False) -> Space:
    """The plane through the target of a stimulus, or the solid, in the cone-opponent space of its axis."""
    axis = stimulus.axis
    cones = axis.cones if axis.space in DKL else ConeSpace(axis.cones.display)
    if cones.s_scale == 1:
        cones = ConeSpace(cones.display, cones.adapt, S_SCALE)
    whole = Space(cones, None)
    return whole if solid else Space(cones, float(whole.coordinates(stimulus.target.rgb[None])[0, 0]))


class Densities:
    """How likely the colours of a target are in each condition.

    Colours all over the gamut are scored, and where a density is high those between them, too. Log-likelihoods of the
    others are interpolated.

    Args:
        stimulus: the stimulus.
        model: the model.
        reading: its fields, T and number of placements are used.
        space: where colours are varied.
        seed: of the placements and of the noise.

    Attributes:
        cells: n of them.
        scored: how many colours were scored.
    """

    def __init__(self, stimulus: Stimulus, model: PatchModel, reading: Reading, space: Space, *, seed: int) -> None:
        self.stimulus, self.reading, self.model = stimulus, reading, model
        self.temperature = reading.temperature.nats(model, "field", reading.exponent)
        self._views = [
            (condition, view, seed + i)
            for field in reading.sides
            for condition in stimulus.conditions
            for i, view in enumerate(stimulus.views(condition, field, reading.draws, size=model.size, seed=seed))
        ]
        first = Cells.begin(space)
        self.cells = first.split()
        knots, nats = first.centres, self._score(first)
        self._nats = between(knots, nats, self.cells)
        likely = np.max([self.masses(condition).mean(axis=0) for condition in stimulus.conditions], axis=0) > _MUCH
        new = self.cells.where(likely)
        knots, nats = np.concatenate([knots, new.centres]), np.concatenate([nats, self._score(new)])
        self._nats = between(knots, nats, self.cells)
        self.scored = len(knots)

    def masses(self, condition: str, temperature: float | None = None) -> Floats:
        """Shape (placements, n): by placement the share of every cell, the mean over fields.

        Args:
            condition: its name.
            temperature: another T than that of the reading.
        """
        t = self.temperature if temperature is None else temperature
        exponent = np.array(
            [
                nats / at_target(t, max(1.0, float(view.coverage.sum())), self.reading.exponent)
                for (name, view, _), nats in zip(self._views, self._nats.T, strict=True)
                if name == condition
            ]
        )
        mass = np.exp(exponent - exponent.max(axis=1, keepdims=True)) * self.cells.volumes
        mass = mass / mass.sum(axis=1, keepdims=True)
        return np.asarray(mass.reshape(len(self.reading.sides), -1, len(self.cells.volumes)).mean(axis=0))

    def matches(self, reference: str, comparison: str, colours: Floats) -> Mapping[str, Floats]:
        """Of a pair of conditions: the images of colours (k, d), and what they rest on.

        Returns:
            ``image`` (k, d); ``replicates`` (k, placements, d), each without one placement; ``at_edge`` (k,); ``cut``
            (k, d), in a gamut that is cut by a tenth.
        """
        a, b = self.masses(reference), self.masses(comparison)
        image, at_edge = self._map(a, b).at(colours)
        placements = range(len(a)) if len(a) > 1 else []
        replicates = [self._map(np.delete(a, i, axis=0), np.delete(b, i, axis=0)).at(colours)[0] for i in placements]
        within = self.cells.space.has(self.cells.centres, _CUT)
        cut = carry(self.cells.where(within), a[:, within].mean(axis=0), b[:, within].mean(axis=0)).at(colours)[0]
        cut[~self.cells.space.has(colours, _CUT)] = np.nan
        shape = (len(placements), *colours.shape)
        return {
            "image": image,
            "replicates": np.array(replicates).reshape(shape).transpose(1, 0, 2),
            "at_edge": at_edge,
            "cut": cut,
        }

    def _map(self, a: Floats, b: Floats) -> ColourMap:
        return carry(self.cells, a.mean(axis=0), b.mean(axis=0))

    def _score(self, cells: Cells) -> Floats:
        """Shape (n, views): log-likelihoods of the centres of cells, nats."""
        colours = cells.colours
        stacks = [Stack(view.paint(colours), seed=seed, surround=view.untouched) for _, view, seed in self._views]
        return np.stack([scores[0] for scores in score_stacks(self.model, stacks)], axis=1)


def colours_frame(matches: Sequence[ColourMatch]) -> pd.DataFrame:
    """The rows of ``colours.csv``."""
    import pandas as pd

    return pd.DataFrame([asdict(found) for found in matches])


def _match(
    densities: Densities, reference: str, comparison: str, colour: Floats, found: Mapping[str, Any], *, is_target: bool
) -> ColourMatch:
    space, reading = densities.cells.space, densities.reading
    image, replicates = found["image"], found["replicates"]
    own, its = space.dkl(colour[None])[0], space.dkl(image[None])[0]
    errors = jackknife_standard_error(space.dkl(replicates)) if len(replicates) else np.full(3, np.nan)
    hue, ratio = _turned(space, colour, image[None])
    hues, ratios = _turned(space, colour, replicates)
    moved = float(np.linalg.norm(found["cut"] - image))
    error = float(np.linalg.norm(jackknife_standard_error(replicates))) if len(replicates) else math.nan
    cautions = list(_cautions(float(found["at_edge"]), moved, error))
    return ColourMatch(
        stimulus=densities.stimulus.name,
        reference_condition=reference,
        comparison_condition=comparison,
        is_target=is_target,
        colour=_hex(space, colour),
        luminance=float(own[0]),
        l_m=float(own[1]),
        s_lm=float(own[2]),
        match=_hex(space, image),
        match_luminance=float(its[0]),
        match_l_m=float(its[1]),
        match_s_lm=float(its[2]),
        delta_l_m=float(its[1] - own[1]),
        delta_s_lm=float(its[2] - own[2]),
        luminance_standard_error=float(errors[0]),
        l_m_standard_error=float(errors[1]),
        s_lm_standard_error=float(errors[2]),
        hue_shift=float(hue[0]),
        hue_shift_standard_error=float(jackknife_standard_error(hues)),
        contrast_ratio=float(ratio[0]),
        contrast_ratio_standard_error=float(jackknife_standard_error(ratios)),
        at_edge=float(found["at_edge"]),
        gamut_shift=moved,
        s_scale=space.cones.s_scale,
        cells=len(densities.cells.centres),
        scored=densities.scored,
        temperature=densities.temperature,
        model=densities.model.name,
        fields=" ".join(f"{field:g}" for field in reading.sides),
        cautions=" ".join(cautions),
    )


def _cautions(at_edge: float, moved: float, error: float) -> Iterator[str]:
    if at_edge > _TOUCHES:
        yield "The match lies at the edge of the gamut, beyond which there are no colours to carry it to."
    yield from cut_caution(moved, error)


def _turned(space: Space, colour: Floats, images: Floats) -> tuple[Floats, Floats]:
    """Shapes (k,): by how many degrees images (k, d) of a colour turn, and the ratio of their contrasts."""
    _, own_contrast, own_azimuth = to_polar(space.dkl(colour[None]), space.cones)[0]
    _, contrast, azimuth = to_polar(space.dkl(images), space.cones).T
    if own_contrast < 1e-3:
        return np.full(len(images), np.nan), np.full(len(images), np.nan)
    return (azimuth - own_azimuth + 180) % 360 - 180, contrast / own_contrast


def _hex(space: Space, coordinates: Floats) -> str:
    return "#{:02x}{:02x}{:02x}".format(*space.colours(coordinates[None])[0])


def _own(stimulus: Stimulus, space: Space, colour: Any) -> Floats:
    """The coordinates of a colour, shape (d,); coordinates in the plane are taken as they are.

    Raises:
        InputError: it is none, or does not lie in the plane.
    """
    if isinstance(colour, np.ndarray):
        shown = colour if space.luminance is not None else np.append(space_of(stimulus).luminance or 0.0, colour)
        return np.asarray(shown, dtype=np.float64)
    parsed = parse_colour(colour, space.cones)
    whole = Space(space.cones, None).coordinates(parsed.rgb[None])[0]
    if space.luminance is not None and abs(whole[0] - space.luminance) > _IN_PLANE:
        raise InputError(
            f"{parsed.hex} has a luminance of {whole[0]:+.3f} (contrast to the grey that observers adapt to), the "
            f"target of {stimulus.name} {space.luminance:+.3f}; expected a colour of the same luminance, or the solid"
        )
    return np.asarray(whole[3 - space.dimensions :])


def _check(stimulus: Stimulus, model: PatchModel, reading: Reading) -> None:
    stimulus.units(1.0)
    if reading.unit != "field":
        raise InputError(f"a match in colour is read by field of view, not by {reading.unit}; expected fields")
    if len(stimulus.conditions) < 2:
        raise InputError(f"{stimulus.name}: has a single target, and nothing to match it with; expected two or more")
    if not sees_colour(model):
        raise InputError(f"{model.name} sees luminance alone; expected a model of colours, such as natural16")
