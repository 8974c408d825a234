"""Stimuli made in Python, without a file, in the words of stimulus files; a function per family.

Every function takes the tables of the family's files under their names, as dictionaries with the same keys, and what
each condition has. Where a condition has one key, it is a dictionary from the name of the condition to its value:
``surrounds={"dark": "#333333", "light": "#cccccc"}``. Where it has several, the conditions are tables themselves.

A target is a table with the keys ``colour``, ``size`` (6 if left out), ``degrees``, and those of the family; or its
colour alone. A colour is ``"#808080"``, ``{"hsv": [h, s, v]}``, ``{"lab": [L, a, b]}``, ``{"dkl": [l, lm, s]}``,
another of `parse_colour`, or a `Colour`. What makes a stimulus is validated as a file is, and messages use the names of
the file: ``key 'target.size': …``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypedDict, Unpack

from numpy.typing import ArrayLike

from illusions.pictures import as_picture
from illusions.stimuli.axes import Axis
from illusions.stimuli.colours import Colour, is_colour
from illusions.stimuli.families.base import StimulusFile, Which
from illusions.stimuli.families.benary import BenaryFile
from illusions.stimuli.families.checkerboard import CheckerboardFile
from illusions.stimuli.families.cornsweet import CornsweetFile
from illusions.stimuli.families.dungeon import DungeonFile
from illusions.stimuli.families.gradient import GradientFile
from illusions.stimuli.families.grating import GratingFile
from illusions.stimuli.families.hermann import HermannFile
from illusions.stimuli.families.induction import InductionFile
from illusions.stimuli.families.mach import MachFile
from illusions.stimuli.families.photograph import PhotographFile
from illusions.stimuli.families.rings import RingsFile
from illusions.stimuli.families.staircase import StaircaseFile
from illusions.stimuli.families.texture import TextureFile
from illusions.stimuli.families.todorovic import TodorovicFile
from illusions.stimuli.families.uniform import UniformFile
from illusions.stimuli.stimulus import Stimulus
from illusions.stimuli.written import write

#: A colour as it is written in files, or a `Colour`.
ColourLike: TypeAlias = str | Mapping[str, Any] | Colour
#: A table of a stimulus file.
Table: TypeAlias = Mapping[str, Any]

#: Of a target of which nothing is said, in pixels of a patch of 16×16.
_SIZE = 6


class Metadata(TypedDict, total=False):
    """Further arguments of every function, the keys that every stimulus file may have.

    Attributes:
        name: its name in tables and files; by default the name of the family.
        axis: the quantity that is varied, by name or as the table of `parse_axis`; brightness by default.
        title: one line; the name by default.
        description: what to see, in a few sentences.
        source: the publication.
        people_see_higher: the condition whose target people see as higher on the axis; see `Stimulus`.
        reference: the condition in which all others are matched; see `Stimulus`.
    """

    name: str
    axis: str | Axis | Table
    title: str
    description: str
    source: str
    people_see_higher: str | None
    reference: str | None


def uniform(*, target: ColourLike | Table, surrounds: Mapping[str, ColourLike], **about: Unpack[Metadata]) -> Stimulus:
    """Simultaneous contrast: a target on uniform surrounds.

    Args:
        target: its colour, or a table with the keys ``colour``, ``size``, ``degrees`` and ``shape`` (``"square"``,
            ``"disc"``, ``{"ring": 0.5}``, ``{"polygon": [[x, y], …]}`` or ``{"mask": "file.png"}``).
        surrounds: the colour of each condition's surround, by name.
        about: ``name``, ``axis``, ``title``, ``description``, ``source``, ``people_see_higher``; see `Metadata`.

    Raises:
        InputError: something is missing, unknown or out of range; the message names the key.

    Example:
        >>> surrounds = {"dark": "#333333", "light": "#cccccc"}
        >>> stimulus = uniform(target={"colour": "#808080", "size": 4}, surrounds=surrounds)
        >>> stimulus.scale, list(stimulus.conditions)
        (4.0, ['dark', 'light'])
    """
    return _write(UniformFile, target, {}, _each("surround", surrounds), about)


def grating(
    *, target: ColourLike | Table, grating: Table, interrupts: Mapping[str, Which], **about: Unpack[Metadata]
) -> Stimulus:
    """White's effect and Munker's: a target that interrupts a bar of a square-wave grating.

    Args:
        target: its colour, or a table; ``length`` is in widths of a bar, 2 if left out.
        grating: ``first`` and ``second`` (colours), ``bars`` (how many a person sees), ``orientation``.
        interrupts: ``"first"`` or ``"second"`` for each condition: the colour of the bar that the target interrupts.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> bars = {"first": "#000000", "second": "#ffffff", "bars": 11}
        >>> white = grating(target="#808080", grating=bars, interrupts={"black": "first", "white": "second"})
        >>> white.picture("black").shape
        (396, 396, 3)
    """
    return _write(GratingFile, target, {"grating": grating}, _each("interrupts", interrupts), about, length=2)


def checkerboard(
    *, target: ColourLike | Table, board: Table, replaces: Mapping[str, Which], **about: Unpack[Metadata]
) -> Stimulus:
    """Checkerboard contrast: a target that takes the place of a check.

    Args:
        target: its colour, or a table.
        board: ``first`` and ``second`` (colours), ``checks`` (how many a person sees in a row).
        replaces: ``"first"`` or ``"second"`` for each condition: the colour of the check in whose place it is.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> board = {"first": "#000000", "second": "#ffffff", "checks": 9}
        >>> list(checkerboard(target="#808080", board=board, replaces={"a": "first", "b": "second"}).conditions)
        ['a', 'b']
    """
    return _write(CheckerboardFile, target, {"board": board}, _each("replaces", replaces), about)


def benary(
    *, target: ColourLike | Table, cross: Table, places: Mapping[str, str], **about: Unpack[Metadata]
) -> Stimulus:
    """Benary's cross: a target on the cross, and one in the corner between two of its arms.

    Args:
        target: its colour, or a table.
        cross: ``colour``, ``background``, ``cross_size`` and ``cross_thickness``, in sides of the target.
        places: ``"arm"`` or ``"corner"`` for each condition.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> cross = {"colour": "#000000", "background": "#ffffff", "cross_size": 7, "cross_thickness": 2}
        >>> benary(target="#808080", cross=cross, places={"on": "arm", "beside": "corner"}).axis.name
        'brightness'
    """
    return _write(BenaryFile, target, {"cross": cross}, _each("place", places), about)


def cornsweet(
    *, target: ColourLike | Table, edge: Table, ramps: Mapping[str, Which], **about: Unpack[Metadata]
) -> Stimulus:
    """The Craik–O'Brien–Cornsweet illusion: two equal plateaus with a ramp each, which meet at an edge.

    Args:
        target: its colour, which both plateaus have, or a table.
        edge: ``first`` and ``second`` (colours at the edge), ``background``, ``plateau_size``, ``exponent``.
        ramps: ``"first"`` or ``"second"`` for each condition: to which colour the ramp of the target's plateau goes.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> edge = {"first": "#404040", "second": "#c0c0c0", "background": "#808080", "plateau_size": 3, "exponent": 2}
        >>> cornsweet(target="#808080", edge=edge, ramps={"dark": "first", "light": "second"}).target.hex
        '#808080'
    """
    return _write(CornsweetFile, target, {"edge": edge}, _each("ramp", ramps), about)


def dungeon(
    *, target: ColourLike | Table, cells: Table, conditions: Mapping[str, Table], **about: Unpack[Metadata]
) -> Stimulus:
    """The dungeon illusion: a target of several cells among other cells, all of them on one background.

    Args:
        target: its colour, or a table.
        cells: ``n_cells`` in a row, ``target_radius`` (0 for a target of one cell, 1 for five).
        conditions: ``background`` and ``cells`` (colours) for each condition.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> b, w = "#000000", "#ffffff"
        >>> conditions = {"black": {"background": w, "cells": b}, "white": {"background": b, "cells": w}}
        >>> dungeon(target="#808080", cells={"n_cells": 5, "target_radius": 1}, conditions=conditions).pair().ndim
        3
    """
    return _write(DungeonFile, target, {"cells": cells}, conditions, about)


def hermann(
    *, target: ColourLike | Table, grid: Table, places: Mapping[str, str], **about: Unpack[Metadata]
) -> Stimulus:
    """The Hermann grid: a target that is part of the grid, at a crossing or halfway between two.

    Args:
        target: its colour, which all bars have, or a table.
        grid: ``blocks`` (a colour), ``block_size`` in widths of a bar, ``crossings`` (how many a person sees in a row).
        places: ``"crossing"`` or ``"street"`` for each condition.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> grid = {"blocks": "#000000", "block_size": 4, "crossings": 5}
        >>> list(hermann(target="#ffffff", grid=grid, places={"a": "crossing", "b": "street"}).conditions)
        ['a', 'b']
    """
    return _write(HermannFile, target, {"grid": grid}, _each("place", places), about)


def induction(
    *, target: ColourLike | Table, grating: Table, phases: Mapping[str, Which], **about: Unpack[Metadata]
) -> Stimulus:
    """Grating induction: a uniform strip across a sine-wave grating; the target is half a cycle of the strip.

    Args:
        target: its colour, which all of the strip has, or a table.
        grating: ``first`` and ``second`` (colours at the extremes), ``n_bars``, an even number, ``target_width``.
        phases: ``"first"`` or ``"second"`` for each condition: the extreme above and below the target.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> grating = {"first": "#000000", "second": "#ffffff", "n_bars": 8, "target_width": 1}
        >>> strip = induction(target="#808080", grating=grating, phases={"dark": "first", "light": "second"})
        >>> bool((strip.picture("dark") == strip.picture("light")).all())
        True
    """
    return _write(InductionFile, target, {"grating": grating}, _each("phase", phases), about)


def mach(
    *, target: ColourLike | Table, ramp: Table, distances: Mapping[str, float], **about: Unpack[Metadata]
) -> Stimulus:
    """Mach bands: a target on a plateau, beside the end of a ramp or away from it.

    Args:
        target: its colour, which its plateau has, or a table.
        ramp: ``to`` (the colour of the other plateau), ``ramp_width``, ``plateau_width``, in sides of the target.
        distances: how far from the ramp the target is, for each condition.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> ramp = {"to": "#404040", "ramp_width": 4, "plateau_width": 5}
        >>> list(mach(target="#c0c0c0", ramp=ramp, distances={"edge": 0, "plateau": 3}).conditions)
        ['edge', 'plateau']
    """
    return _write(MachFile, target, {"ramp": ramp}, _each("distance", distances), about)


def gradient(
    *, target: ColourLike | Table, gradient: Table, conditions: Mapping[str, Table], **about: Unpack[Metadata]
) -> Stimulus:
    """A target on a gradient, or across an edge: Koffka's ring, of which one half or the other is the target.

    Args:
        target: its colour, or a table; its ``shape`` as of `uniform`.
        gradient: ``first`` and ``second`` (colours, to the left and to the right), ``length`` (0 for an edge), ``gap``
            between the halves of a target and ``width`` of what a person sees, in pixels of a patch of 16×16.
        conditions: by name; each has ``half`` (``"first"`` or ``"second"``; left out, all of the shape is the target)
            and ``position`` (0 where the gradient begins, 1 where it ends; 0.5 if left out).
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> edge = {"first": "#333333", "second": "#cccccc", "length": 0, "gap": 1}
        >>> ring = {"colour": "#808080", "size": 10, "shape": {"ring": 0.5}}
        >>> halves = {"dark": {"half": "first"}, "light": {"half": "second"}}
        >>> gradient(target=ring, gradient=edge, conditions=halves).conditions["dark"].target.right
        -0.5
    """
    return _write(GradientFile, target, {"gradient": gradient}, conditions, about)


def texture(
    *,
    target: ColourLike | Table,
    texture: Table,
    colours: Mapping[str, Sequence[ColourLike]],
    **about: Unpack[Metadata],
) -> Stimulus:
    """A target on squares of several colours, or of one.

    Args:
        target: its colour, or a table; its ``shape`` as of `uniform`.
        texture: ``check_size`` and ``width`` of what a person sees, in pixels of a patch of 16×16; ``seed`` of the
            places of the colours.
        colours: of the squares, each as often as the others, for each condition.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> colours = {"uniform": ["#808080"], "variegated": ["#404040", "#808080", "#c0c0c0"]}
        >>> list(texture(target="#a0a0a0", texture={"check_size": 2}, colours=colours).conditions)
        ['uniform', 'variegated']
    """
    return _write(TextureFile, target, {"texture": texture}, _each("colours", colours), about)


def photograph(
    *,
    target: Table,
    photograph: str | Path | ArrayLike,
    gains: Mapping[str, float],
    **about: Unpack[Metadata],
) -> Stimulus:
    """Simultaneous contrast in a photograph: a uniform target on surrounds that differ by a gain.

    Args:
        target: ``colour``, ``shape``, ``extent`` (pixels of the photograph) and ``centre`` (its x and y there).
        photograph: a picture file, or an array of shape (h, w, 3), sRGB; see `illusions.pictures.as_picture`.
        gains: by which the values of the photograph are multiplied, for each condition.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`; or the photograph cannot be used, or the patch around the target leaves it.

    Example:
        >>> import numpy as np
        >>> noise = np.random.default_rng(0).integers(64, 192, (96, 96, 3), dtype=np.uint8)
        >>> target = {"colour": "#808080", "extent": 24, "centre": [48, 48]}
        >>> stimulus = photograph(target=target, photograph=noise, gains={"dark": 0.5, "light": 1.3})
        >>> stimulus.picture("dark").shape
        (96, 96, 3)
    """
    if isinstance(photograph, str | Path):
        shown: Any = str(Path(photograph).expanduser().absolute())
    else:
        shown = as_picture(photograph, name="the photograph").copy()
    return _write(PhotographFile, target, {"photograph": shown}, _each("gain", gains), about)


def rings(
    *, target: ColourLike | Table, rings: Table, touches: Mapping[str, Which], **about: Unpack[Metadata]
) -> Stimulus:
    """Bullseyes and rings: a target in a pattern of two colours, in its middle or as one of its rings.

    Args:
        target: its colour, or a table.
        rings: ``first``, ``second`` and ``background`` (colours), ``shape`` (``"square"`` or ``"disc"``),
            ``centre_size``, ``n_rings``, ``target_index`` (0 for the centre).
        touches: ``"first"`` or ``"second"`` for each condition: the colour beside the target.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> pattern = {"first": "#000000", "second": "#ffffff", "background": "#808080", "shape": "square",
        ...            "centre_size": 2, "n_rings": 4, "target_index": 0}
        >>> list(rings(target="#808080", rings=pattern, touches={"black": "first", "white": "second"}).conditions)
        ['black', 'white']
    """
    return _write(RingsFile, target, {"rings": rings}, _each("touches", touches), about)


def staircase(
    *, target: ColourLike | Table, staircase: Table, sides: Mapping[str, Which], **about: Unpack[Metadata]
) -> Stimulus:
    """Chevreul's staircase: a target at one or at the other side of a uniform step.

    Args:
        target: its colour, which the middle step has, or a table.
        staircase: ``first`` and ``second`` (colours of the outermost steps), ``n_steps``, an odd number,
            ``target_size`` in widths of a step.
        sides: ``"first"`` or ``"second"`` for each condition: on which side of its step the target is.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> steps = {"first": "#202020", "second": "#e0e0e0", "n_steps": 5, "target_size": 0.5}
        >>> list(staircase(target="#808080", staircase=steps, sides={"dark": "first", "light": "second"}).conditions)
        ['dark', 'light']
    """
    return _write(StaircaseFile, target, {"staircase": staircase}, _each("side", sides), about)


def todorovic(
    *, target: ColourLike | Table, covers: Table, conditions: Mapping[str, Table], **about: Unpack[Metadata]
) -> Stimulus:
    """Todorović's illusion: a target that four covers leave only a cross of.

    Args:
        target: its colour, or a table.
        covers: ``cross_size``, ``cross_thickness``, ``covers_size``, in any unit.
        conditions: ``background`` and ``covers`` (colours) for each condition.
        about: as for `uniform`.

    Raises:
        InputError: as `uniform`.

    Example:
        >>> b, w = "#000000", "#ffffff"
        >>> conditions = {"black": {"background": w, "covers": b}, "white": {"background": b, "covers": w}}
        >>> covers = {"cross_size": 6, "cross_thickness": 2, "covers_size": 3}
        >>> list(todorovic(target="#808080", covers=covers, conditions=conditions).conditions)
        ['black', 'white']
    """
    return _write(TodorovicFile, target, {"covers": covers}, conditions, about)


def _each(key: str, values: Mapping[str, Any]) -> dict[str, Table]:
    """The tables of conditions that have one key."""
    return {condition: {key: value} for condition, value in values.items()}


def _write(
    kind: type[StimulusFile],
    target: ColourLike | Table,
    tables: Mapping[str, Any],
    conditions: Mapping[str, Table],
    about: Metadata,
    **of_target: float,
) -> Stimulus:
    """A stimulus of a family.

    Args:
        kind: the schema of its files.
        target: as it is given.
        tables: the tables of the family.
        conditions: the tables of the conditions.
        about: as it is given.
        of_target: keys of the target that have a value if they are left out.
    """
    family = str(kind.model_fields["kind"].annotation.__args__[0])  # type: ignore[union-attr]
    name = about.get("name", family)
    own = {"colour": target} if not isinstance(target, Mapping) or is_colour(target) else dict(target)
    words = {
        "kind": family,
        "title": name,
        "description": "",
        "source": "",
        "axis": "brightness",
        **{key: value for key, value in about.items() if key != "name"},
        **tables,
        "target": {"size": _SIZE, **of_target, **own},
        "conditions": conditions,
    }
    return write(kind, words, name=name)
