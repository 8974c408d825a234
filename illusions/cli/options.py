"""The options that mean the same wherever they appear."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from illusions.analyses.ranks.temperature import Temperature

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _check_temperature(_: click.Context, __: click.Parameter, value: str) -> Temperature:
    from illusions.analyses.ranks.temperature import Temperature

    return Temperature.parse(value)


def _check_scales(_: click.Context, __: click.Parameter, scales: tuple[float, ...]) -> tuple[float, ...]:
    if not scales:
        return ()
    from illusions.analyses.ranks.scales import parse_scale
    from illusions.cli.loading import refuse_twins

    refuse_twins("scale", [f"{scale:g}" for scale in scales])
    return tuple(parse_scale(scale) for scale in scales)


_MODEL = click.option(
    "--model", default="natural16", show_default=True, help="A name in 'illusions list', or a folder with a model."
)
_TEMPERATURE = click.option(
    "--temperature",
    default="bits-per-dim",
    show_default=True,
    callback=_check_temperature,
    help="'exact' (T = 1), 'bits-per-dim' (T = D ln 2), or a positive number in nats. Low: strong illusions.",
)
#: ``--device``
device_option = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Where the model runs.",
)
#: ``--precision``
precision_option = click.option(
    "--precision",
    type=click.Choice(["32", "bf16"]),
    default="32",
    show_default=True,
    help="Of the networks inside the couplings. bf16 is faster. Ranks in bf16 need a temperature of 100 nats or more.",
)
#: ``--seed``
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the noise. Same seed, same numbers."
)
#: ``--scale``
scale_option = click.option(
    "--scale",
    "scales",
    type=float,
    multiple=True,
    callback=_check_scales,
    help="Side of the patch ÷ longer side of the target, in place of the stimulus' own. Several times: each, and the "
    "mean over them.",
)


class OutputPath(click.Path):
    """The path of what is written. An empty one, of a shell variable that is not set, would be the working folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path; in click's words, a usage error if it is empty."""
        if not str(value):
            self.fail("the path is empty; expected '.' for the folder that you are in", param, ctx)
        return Path(value)


class FiniteRange(click.FloatRange):
    """A range that neither NaN, which is in every one, nor infinity is in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; in click's words, a usage error if it is out of range."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


#: ``-o DIR``
output_option = click.option(
    "-o", "--output", required=True, metavar="DIR", type=OutputPath(), help="Folder for the results."
)
#: ``STIMULUS…``
stimuli_argument = click.argument("stimuli", nargs=-1, required=True, metavar="STIMULUS…")


def examples(*lines: str) -> str:
    """Commands to try, one per line, for the end of a help text."""
    return "\n".join(["\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)])


def model_options(command: _Command) -> _Command:
    """``--model``, ``--temperature``, ``--device`` and ``--seed``."""
    return _MODEL(_TEMPERATURE(device_option(seed_option(command))))


def flow_options(command: _Command) -> _Command:
    """``--model``, ``--device`` and ``--seed``, for what knows no percentile rank."""
    return _MODEL(device_option(seed_option(command)))
