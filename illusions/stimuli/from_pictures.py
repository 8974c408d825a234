"""Stimuli from pictures of one's own, in which masks mark the targets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from illusions.arrays import Bytes
from illusions.decoding import Notes, clipped_in_words, noted, report
from illusions.errors import InputError
from illusions.pictures import as_picture, clipped_pixels
from illusions.stimuli.axes import Axis
from illusions.stimuli.colours import Colour, parse_colour
from illusions.stimuli.families.masked import MaskedTarget, masked_targets
from illusions.stimuli.masks import read_mask, whole_labels
from illusions.stimuli.stimulus import Stimulus

#: A file, or its pixels: (h, w, 3), 8-bit sRGB, of a picture; (h, w), true or a label on targets, of a mask.
Picture: TypeAlias = str | Path | NDArray[Any]


def from_pictures(
    pictures: Picture | Sequence[Picture],
    masks: Picture | Sequence[Picture],
    axis: str | Axis = "brightness",
    *,
    target: int | Sequence[int | None] | None = None,
    conditions: Sequence[str] | None = None,
    name: str | None = None,
    colour: str | Mapping[str, Any] | Colour | None = None,
    hue: float | None = None,
    scale: float | None = None,
    people_see_higher: str | None = None,
    pixels_per_degree: float | None = None,
) -> Stimulus:
    """A stimulus of one picture under one or several masks, or of several pictures, each under its own mask.

    Every target is a condition. They are taken to be uniform and equal, and get the median colour of all their pixels;
    see `masked_targets`. In one picture under one mask with one target the condition is called ``"image"``, and with
    labels ``"1"``, ``"2"`` and so on. Otherwise conditions are called as the files of the masks of one picture, or as
    the files of several pictures, or where these have one name as their masks.

    Args:
        pictures: a file or an array, shape (h, w, 3), 8-bit sRGB; or several.
        masks: a file (see `read_mask`) or an array, shape (h, w), true on the target, or with labels, 0 on the surround
            and k on the k-th target; or several.
        axis: what is varied about the targets.
        target: of masks with labels: the one that is meant, in all masks or in each. Left out, all are conditions.
        conditions: what the targets are called, in their order.
        name: what tables and files call the stimulus; if left out, as the only picture, else ``"pictures"``.
        colour: what all targets get in place of their median colour; they may then differ.
        hue: of a grey target whose saturation or chroma is varied: of HSV or CIELAB, in turns, [0, 1].
        scale: side of the patch ÷ longer side of the bounding box of a target; by default 16/6, or where a picture ends
            before, the largest that fits.
        people_see_higher: the condition whose target people see as higher on the axis; see `Stimulus`.
        pixels_per_degree: of visual angle, the same in all pictures; None if unknown.

    Raises:
        InputError: the numbers of pictures and masks do not go together, a file cannot be read, sizes differ, a mask
            marks nothing or everything or has no such target, the targets differ in colour and no colour is given, the
            patch around one of them is larger than its picture, or the targets cannot be varied along the axis.

    Example:
        >>> picture = np.full((64, 128, 3), 40, dtype=np.uint8)
        >>> picture[:, 64:] = 200
        >>> left, right = np.zeros((64, 128), dtype=bool), np.zeros((64, 128), dtype=bool)
        >>> left[26:38, 26:38] = right[26:38, 90:102] = True
        >>> picture[left | right] = 128
        >>> stimulus = from_pictures(picture, [left, right], conditions=["dark", "light"])
        >>> list(stimulus.conditions), stimulus.patches("dark", [0.5]).shape
        (['dark', 'light'], (1, 16, 16, 3))
    """
    with noted() as notes:
        pairs = _pairs(_several(pictures), _several(masks))
    chosen = target if isinstance(target, Sequence) else [target] * len(pairs)
    files, targets = zip(
        *[
            (pair.pictured, part)
            for pair, label in zip(pairs, chosen, strict=True)
            for part in pair.targets(label, alone=len(pairs) == 1)
        ],
        strict=True,
    )
    if conditions is not None:
        if len(set(conditions)) != len(targets) or len(conditions) != len(targets):
            raise InputError(
                f"the conditions are called {', '.join(map(str, conditions))}, and there are {len(targets)} targets; "
                "expected a name for each, all different"
            )
        targets = tuple(replace(part, condition=called) for part, called in zip(targets, conditions, strict=True))
    _add_targets(notes, files, targets)
    report(notes)
    given_colour = None if colour is None else parse_colour(colour)
    try:
        stimulus = masked_targets(
            targets,
            axis,
            name=name or _stimulus_name(pairs),
            colour=given_colour,
            hue=hue,
            scale=scale,
            pixels_per_degree=pixels_per_degree,
        )
    except InputError as error:
        raise InputError(f"{_where(pairs)}: {error}") from None
    clipped = ". ".join(clipped_in_words(notes.pictures))
    description = f"{stimulus.description} {clipped}." if clipped else stimulus.description
    return replace(stimulus, people_see_higher=people_see_higher, description=description)


def _add_targets(notes: Notes, files: Sequence[str], targets: Sequence[MaskedTarget]) -> None:
    """Note which share of each target was clipped, given the file of its picture."""
    for file, decoded in notes.pictures.items():
        if decoded.clipped:
            where = clipped_pixels(file)
            shares = {
                part.condition: float(where[part.mask].mean())
                for of_part, part in zip(files, targets, strict=True)
                if of_part == file
            }
            notes.pictures[file] = replace(decoded, targets=shares)


@dataclass(frozen=True, eq=False)
class _Pair:
    """A picture under a mask."""

    name: str  #: of its condition.
    pictured: str  #: what a message calls the picture.
    masked: str  #: what a message calls the mask.
    pixels: Bytes  #: shape (h, w, 3), sRGB.
    labels: NDArray[np.integer]  #: shape (h, w), 0 on the surround.

    def targets(self, chosen: int | None, *, alone: bool) -> Iterator[MaskedTarget]:
        """Each target of the mask, or the chosen one; alone there is no other pair to tell it from."""
        present = [int(k) for k in np.unique(self.labels[self.labels > 0])]
        if chosen is not None and chosen not in present:
            raise InputError(f"{self.masked}: has no target {chosen}; there is: {', '.join(map(str, present))}")
        if chosen is not None or len(present) == 1:
            label = chosen or present[0]
            yield MaskedTarget("image" if alone else self.name, self.pixels, self.labels == label)
            return
        for k in present:
            yield MaskedTarget(str(k) if alone else f"{self.name}-{k}", self.pixels, self.labels == k)


def _several(given: Picture | Sequence[Picture]) -> list[Picture]:
    return [given] if isinstance(given, str | Path | np.ndarray) else list(given)


def _pairs(pictures: Sequence[Picture], masks: Sequence[Picture]) -> list[_Pair]:
    if not pictures or not masks or len(pictures) not in (1, len(masks)):
        raise InputError(
            f"there are {_count(pictures, 'picture')} and {_count(masks, 'mask')}; expected one picture with one or "
            "several masks, or as many masks as pictures, in the same order"
        )
    read = [as_picture(picture) for picture in pictures] * (len(masks) // len(pictures))
    shown = list(pictures) * (len(masks) // len(pictures))
    names = condition_names([] if len(pictures) == 1 else [_stem(p) for p in pictures], [_stem(m) for m in masks])
    return [
        _Pair(called, _called(picture, "the picture"), _called(mask, "the mask"), pixels, _read_mask(mask, pixels))
        for called, picture, mask, pixels in zip(names, shown, masks, read, strict=True)
    ]


def _count(given: Sequence[Picture], what: str) -> str:
    return f"{len(given)} {what}{'' if len(given) == 1 else 's'}"


def condition_names(pictures: Sequence[str], masks: Sequence[str]) -> list[str]:
    """Names of conditions, all different, of letters, digits, ``-`` and ``_``.

    Args:
        pictures: what each picture is called; nothing if there is one for all masks. An array is called "".
        masks: what each mask is called.

    Returns:
        The pictures' names if they differ, else the masks', else both, else these with a number behind them.
    """
    both = [f"{picture}-{mask}".strip("-") for picture, mask in zip(pictures or [""] * len(masks), masks, strict=True)]
    for names in (pictures, masks, both):
        plain = [re.sub(r"[^\w-]+", "-", called).strip("-") for called in names]
        if plain and all(plain) and len(set(plain)) == len(plain):
            return plain
    return [f"{called}-{i}".strip("-") for i, called in enumerate(plain, start=1)]


def _stem(given: Picture) -> str:
    return "" if isinstance(given, np.ndarray) else Path(given).stem


def _called(given: Picture, otherwise: str) -> str:
    return otherwise if isinstance(given, np.ndarray) else str(given)


def _read_mask(given: Picture, pixels: Bytes) -> NDArray[np.integer]:
    height, width = pixels.shape[:2]
    if not isinstance(given, np.ndarray):
        return read_mask(Path(given), height, width)
    if given.shape != (height, width):
        raise InputError(f"the mask has shape {given.shape}; expected ({height}, {width}), as the picture")
    try:
        labels = whole_labels(given)
    except InputError as error:
        raise InputError(f"the mask {error}") from None
    if not labels.any() or labels.all():
        raise InputError(
            f"the mask has labels from {labels.min()} to {labels.max()}; expected 0 on the surround and 1, 2 … on "
            "targets, and both of them somewhere"
        )
    return labels


def _stimulus_name(pairs: Sequence[_Pair]) -> str:
    stems = {Path(pair.pictured).stem for pair in pairs}
    return "pictures" if len(stems) > 1 or stems == {"the picture"} else stems.pop()


def _where(pairs: Sequence[_Pair]) -> str:
    return ", ".join(f"{pair.pictured} under {pair.masked}" for pair in pairs)
