"""Load the stimuli and models of a command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.errors import InputError

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus


def load_stimuli(given: Iterable[str]) -> list[Stimulus]:
    """Load stimuli, each by its name or by the path of its file; warn of those that can hardly be varied.

    Raises:
        InputError: one does not exist or is not valid, or two have the same name, and so the same files.
    """
    from illusions.photographs import SUFFIXES
    from illusions.stimuli.loading import load_stimulus

    names = list(given)
    for name in names:
        if Path(name).suffix.lower() in SUFFIXES:
            raise InputError(
                f"{name}: a picture is no stimulus; expected a name in 'illusions list' or a .toml file; or in rank "
                "and match --image with --mask and --axis"
            )
    stimuli = [load_stimulus(name) for name in names]
    refuse_twins("stimulus", [stimulus.name for stimulus in stimuli])
    warn_of_short_sweeps(stimuli)
    return stimuli


def patch_size(model: str) -> int:
    """Side of the patches that a model sees, pixels; its recipe says so, and the model itself need not be loaded.

    Raises:
        InputError: there is no such model, or its recipe is not valid.
    """
    from illusions.content import find
    from illusions.models.recipe import RECIPE, load_recipe

    return load_recipe(find("models", model) / RECIPE).network.size


def warn_of_short_sweeps(stimuli: Iterable[Stimulus]) -> None:
    """Say on standard error where a sweep has few values, and from where to where it goes."""
    for stimulus in stimuli:
        if said := stimulus.axis.shortness(stimulus.target):
            click.echo(f"{stimulus.name}: {said}", err=True)


def say_smaller_scale(stimulus: Stimulus) -> None:
    """Say on standard error where a picture has no room for the usual patch around its target."""
    from illusions.stimuli.families.masked import SCALE
    from illusions.stimuli.scenes.pictured import scale_in_words

    if said := scale_in_words(stimulus.scale, SCALE):
        click.echo(f"{stimulus.name}: {said}", err=True)


def refuse_twins(kind: str, names: Iterable[str]) -> None:
    """Refuse two items of one name, as results are written under it.

    Raises:
        InputError: a name occurs twice.
    """
    for name, times in Counter(names).items():
        if times > 1:
            raise InputError(
                f"{kind} '{name}' is given {times} times; expected different ones, as files bear their names"
            )
