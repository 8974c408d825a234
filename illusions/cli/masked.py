"""Options for targets in pictures of one's own, in place of stimuli."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from illusions.cli.loading import load_stimuli, say_smaller_scale, warn_of_short_sweeps
from illusions.cli.options import FiniteRange

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

_IMAGE = click.option(
    "--image",
    "images",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A picture of your own instead of STIMULUS. Repeat it together with --mask for several pictures.",
)
_MASK = click.option(
    "--mask",
    "masks",
    type=click.Path(path_type=Path),
    multiple=True,
    help="With --image: a picture of the same size that marks the target. Either white marks the target on black, or "
    "each of several grey values (labels) marks a target. Each mask or label becomes a condition. Repeat it "
    "for several masks of one picture, or for one mask per picture.",
)
_TARGET = click.option(
    "--target", type=click.IntRange(1), metavar="K", help="With --mask: use only the target with this label."
)
_COLOUR = click.option(
    "--colour",
    metavar="#RRGGBB",
    help="With --mask: the colour that all targets get. By default each target keeps its median colour, and these "
    "colours must be equal.",
)
#: ``--hue``
hue_option = click.option(
    "--hue",
    type=FiniteRange(0, 1),
    help="With --mask: hue that a grey target gets when saturation or chroma is varied, from 0 to 1.",
)
_AXIS = click.option(
    "--axis",
    help="With --image: the quantity of the target that is varied. One of brightness, saturation, hue (HSV), "
    "lightness, chroma, a, b (CIELAB), l-m, s-lm, dkl-hue and dkl-contrast (cone-opponent).",
)


@dataclass(frozen=True)
class StimulusSource:
    """The stimuli of a command: by name, or targets in pictures."""

    stimuli: tuple[str, ...]
    images: tuple[Path, ...]
    masks: tuple[Path, ...]
    axis: str | None
    target: int | None
    hue: float | None
    colour: str | None = None

    def load(self, scales: Sequence[float] = ()) -> list[Stimulus]:
        """The stimuli; warn of those that can hardly be varied, and where no scale is asked for, of a smaller one.

        Raises:
            click.UsageError: nothing is given, or what does not go together.
            InputError: something cannot be used.
        """
        if not self.images:
            if self.masks or any(given is not None for given in (self.axis, self.target, self.hue, self.colour)):
                raise click.UsageError(
                    "--mask, --axis, --target, --hue and --colour describe the target of an --image; expected --image"
                )
            if not self.stimuli:
                raise click.UsageError("nothing to look at; expected STIMULUS, or --image with --mask and --axis")
            return load_stimuli(self.stimuli)
        if self.stimuli or not self.masks or self.axis is None:
            raise click.UsageError("--image expects --mask and --axis beside it, and no STIMULUS")
        from illusions.stimuli.from_pictures import from_pictures

        stimulus = from_pictures(
            self.images, self.masks, self.axis, target=self.target, colour=self.colour, hue=self.hue
        )
        warn_of_short_sweeps([stimulus])
        if not scales:
            say_smaller_scale(stimulus)
        return [stimulus]


def stimuli_or_pictures(command: Callable[..., Any]) -> Callable[..., Any]:
    """``STIMULUS…``, or the options of pictures, as one `StimulusSource`."""

    @wraps(command)
    def with_source(
        *args: Any,
        stimuli: tuple[str, ...],
        images: tuple[Path, ...],
        masks: tuple[Path, ...],
        axis: str | None,
        target: int | None,
        hue: float | None,
        colour: str | None,
        **others: Any,
    ) -> Any:
        return command(*args, given=StimulusSource(stimuli, images, masks, axis, target, hue, colour), **others)

    argument = click.argument("stimuli", nargs=-1, metavar="[STIMULUS…]")
    return argument(_IMAGE(_MASK(_TARGET(_COLOUR(hue_option(_AXIS(with_source)))))))
