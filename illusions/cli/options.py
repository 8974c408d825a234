"""Options that several commands share."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from illusions.cli.threads import keep_threads

if TYPE_CHECKING:
    from illusions.analyses.densities.temperature import Temperature
    from illusions.displays import Display

_Command = TypeVar("_Command", bound=Callable[..., Any])


class RenamedOption(click.Option):
    """An option whose former name still works for one release, and is not shown.

    Args:
        former: the former name, with its dashes.
    """

    def __init__(self, *args: Any, former: str, **others: Any) -> None:
        super().__init__(*args, **others)
        self.former = former

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Declare both names."""
        super().add_to_parser(parser, ctx)
        action = "append" if self.multiple else "store"
        parser.add_option(obj=self, opts=[self.former], dest=self.name, action=action, nargs=self.nargs)


#: Of a column in most journals, inches.
_COLUMN = 3.5


def _check_model(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    if name is not None:
        from illusions.content import find

        find("models", name)
    return name


def _check_output(_: click.Context, __: click.Parameter, output: Path) -> Path:
    from illusions.cli.output import check_folder

    check_folder(output)
    return output


def _check_temperature(_: click.Context, __: click.Parameter, value: str | None) -> Temperature | None:
    if value is None:
        return None
    from illusions.analyses.densities.temperature import Temperature

    return Temperature.parse(value)


def _check_temperatures(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[Temperature, ...]:
    if not values:
        return ()
    from illusions.analyses.densities.temperature import Temperature
    from illusions.cli.loading import refuse_twins

    temperatures = tuple(Temperature.parse(value) for value in values)
    refuse_twins("temperature", map(str, temperatures))
    return temperatures


def _check_scales(_: click.Context, __: click.Parameter, scales: tuple[float, ...]) -> tuple[float, ...]:
    if not scales:
        return ()
    from illusions.cli.loading import refuse_twins
    from illusions.stimuli.scenes.scene import check_scale

    refuse_twins("scale", [f"{scale:g}" for scale in scales])
    return tuple(check_scale(scale) for scale in scales)


def _check_fields(_: click.Context, __: click.Parameter, fields: tuple[float, ...]) -> tuple[float, ...]:
    if not fields:
        return ()
    from illusions.analyses.readings.fields import parse_field
    from illusions.cli.loading import refuse_twins

    refuse_twins("field", [f"{field:g}" for field in fields])
    return tuple(parse_field(field) for field in fields)


#: Where the reading decides, and the option only if it is given.
_OF_THE_READING = "of the reading"
_TEMPERATURE_HELP = (
    "Temperature T, a positive number. A lower T predicts stronger illusions. The unit is nats. For patches of fixed "
    "visual angle it is nats per pixel of the target. Other values: 'exact' (T = 1), 'bits-per-dim' (T = D ln 2), "
    "'calibrated' (fitted to published strengths, stored with the model), or a file that 'illusions calibrate' wrote."
)


def _model(default: str | None, show_default: bool | str = True) -> Callable[[_Command], _Command]:
    return click.option(
        "--model",
        default=default,
        show_default=show_default,
        callback=_check_model,
        help="Name of a model in 'illusions list', or a folder with a model.",
    )


def _temperature(default: str | None, show_default: bool | str = True) -> Callable[[_Command], _Command]:
    return click.option(
        "--temperature",
        default=default,
        show_default=show_default,
        callback=_check_temperature,
        help=_TEMPERATURE_HELP,
    )


#: ``--temperature``, several times.
_TEMPERATURES = click.option(
    "--temperature",
    multiple=True,
    show_default=_OF_THE_READING,
    callback=_check_temperatures,
    help=f"{_TEMPERATURE_HELP} Repeat for several temperatures.",
)
#: ``--device``, of a command that trains: PyTorch's own threads are the better ones there.
training_device_option = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Device on which the model runs.",
)
_THREADS = click.option(
    "--threads",
    type=click.IntRange(min=1),
    expose_value=False,
    callback=keep_threads,
    help="Number of CPU threads. Results do not depend on it.  [default: all available cores]",
)
#: ``--precision``
precision_option = click.option(
    "--precision",
    type=click.Choice(["32", "bf16"]),
    default="32",
    show_default=True,
    help="Numeric precision of the model: 32 bits, or bf16 (16 bits, faster). rank and match accept "
    "bf16 only if T is at least 150.",
)
#: ``--seed``
seed_option = click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of the random numbers. Equal seeds give equal results.",
)
#: ``--reading``
_READING = click.option(
    "--reading",
    type=click.Choice(["field", "paper"]),
    help="How the stimulus is shown to the model. 'field': patches of fixed visual angle, with cones16 for "
    "brightness and lightness and natural16 for colour. 'paper', as in Hirsch & Tal (2020): natural16, patches at the "
    "scale in the stimulus file, T = D ln 2. --model and --temperature replace the model and T of the reading. --field "
    "selects 'field', and --scale selects 'paper'. The page 'Which reading' of the documentation has all defaults.  "
    "[default: field if the size in degrees is known, else paper]",
)
#: ``--field``
_FIELD = click.option(
    "--field",
    "fields",
    type=float,
    multiple=True,
    callback=_check_fields,
    metavar="DEGREES",
    help="Side of the patch in degrees of visual angle. Repeat for the mean over several fields.  [default: 10, 12 "
    "and 14]",
)
#: ``--placements``
_PLACEMENTS = click.option(
    "--placements",
    "placements",
    cls=RenamedOption,
    former="--looks",
    type=click.IntRange(min=1),
    help="With --field: number of positions of the patch on the target, over which the mean is taken.  [default: 8]",
)
#: ``--scale``
scale_option = click.option(
    "--scale",
    "scales",
    type=float,
    multiple=True,
    callback=_check_scales,
    help="Side of the patch ÷ longer side of the target. Repeat for the mean over several scales.  [default: the "
    "scale of the stimulus]",
)


_FULL_SWEEP = click.option(
    "--full-sweep",
    is_flag=True,
    help="Compute the likelihood of every value of the target, with 8 noise samples. By default it is computed for "
    "some of the values (about a quarter by scale, a tenth by field), and interpolated between them.",
)


class OutputPath(click.Path):
    """An output path. An empty one, as of an unset shell variable, is refused."""

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


_PRECISION_OF_EFFECT = click.option(
    "--precision-of-effect",
    "effect_precision",
    type=FiniteRange(0, min_open=True),
    help="With --scale: add noise samples, from 2 to 16, until the standard error of the effect is below this value.  "
    "[default: 0.002]",
)


def _check_display(_: click.Context, __: click.Parameter, written: str | None) -> Display | None:
    if written is None:
        return None
    if "=" not in written and Path(written).suffix.lower() in (".json", ".calib"):
        from illusions.stimuli.monitor_files import read_monitor_file

        return read_monitor_file(written).display()
    from illusions.displays import parse_luminances

    return parse_luminances(written)


#: ``--display``
display_option = click.option(
    "--display",
    callback=_check_display,
    metavar="gamma=2.2,white=100,black=0.5",
    help="Add luminances in cd/m² to the tables, for a display with sRGB primaries. Give the luminance of its white "
    "(required) and black (default 0) in cd/m², and its gamma (default: the sRGB curve). Or give a monitor file of "
    "PsychoPy (see 'illusions display').",
)
#: ``-o DIR``
output_option = click.option(
    "-o",
    "--output",
    required=True,
    metavar="DIR",
    type=OutputPath(),
    callback=_check_output,
    help="Output folder. A new run of the same command removes the files of an earlier one. "
    "The file columns.json in the folder explains the columns of all its tables.",
)
#: ``STIMULUS…``
stimuli_argument = click.argument("stimuli", nargs=-1, required=True, metavar="STIMULUS…")


def device_option(command: _Command) -> _Command:
    """``--device``, and ``--threads``, which no command needs to know of."""
    return training_device_option(_THREADS(command))


def examples(*lines: str) -> str:
    """Commands to try, one per line, for the end of a help text."""
    return "\n".join(["\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)])


def model_options(command: _Command) -> _Command:
    """``--model``, ``--temperature``, ``--device`` and ``--seed``."""
    return _model("natural16")(_temperature("bits-per-dim")(device_option(seed_option(command))))


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of a reading (`ReadingOptions`), with one ``--temperature``."""
    return _reading_options(command, _temperature(None, _OF_THE_READING))


def readings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of a reading with any number of temperatures, ``--full-sweep`` and ``--precision-of-effect``."""
    return _FULL_SWEEP(_PRECISION_OF_EFFECT(_reading_options(command, _TEMPERATURES, adaptive=True)))


def _reading_options(
    command: Callable[..., Any],
    temperature_option: Callable[[Callable[..., Any]], Callable[..., Any]],
    *,
    adaptive: bool = False,
) -> Callable[..., Any]:
    @wraps(command)
    def with_reading(
        *args: Any,
        reading: str | None,
        scales: tuple[float, ...],
        fields: tuple[float, ...],
        placements: int | None,
        model: str | None,
        temperature: Temperature | tuple[Temperature, ...] | None,
        effect_precision: float | None = None,
        full_sweep: bool = False,
        **others: Any,
    ) -> Any:
        from illusions.cli.readings import ReadingOptions

        if not isinstance(temperature, tuple):
            temperature = () if temperature is None else (temperature,)
        asked = ReadingOptions(
            reading, scales, fields, placements, model, temperature, effect_precision, full_sweep, adaptive=adaptive
        )
        return command(*args, asked=asked, **others)

    named = _model(None, _OF_THE_READING)(temperature_option(with_reading))
    return _READING(scale_option(_FIELD(_PLACEMENTS(named))))


def figure_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--style``, ``--width`` and ``--format`` of figures; by default PNG."""
    return _figure_options(command, "png")


def figures_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`figure_options` of a command that makes figures to be kept; else PNG and PDF."""
    return _figure_options(command, "png", "pdf")


def _figure_options(command: Callable[..., Any], *usual: str) -> Callable[..., Any]:
    @wraps(command)
    def with_style(*args: Any, style: str, width: float | None, formats: tuple[str, ...], **others: Any) -> Any:
        from illusions.analyses.drawing.style import FigureStyle, figure_style

        if width is not None and style != "paper":
            raise click.UsageError("--width is that of a column; expected --style paper beside it")
        default = FigureStyle("paper", _COLUMN, ("pdf",)) if style == "paper" else FigureStyle(formats=usual)
        chosen = FigureStyle(style, width or default.width, tuple(dict.fromkeys(formats)) or default.formats)
        with figure_style(chosen):
            return command(*args, **others)

    named = click.option(
        "--format",
        "formats",
        type=click.Choice(["png", "pdf", "svg"]),
        multiple=True,
        help=f"File format of the figures. Repeat for several.  [default: {' and '.join(usual)}, with --style paper "
        f"pdf]",
    )(with_style)
    wide = click.option(
        "--width",
        type=FiniteRange(2, 12),
        metavar="INCHES",
        help=f"With --style paper: width of a column, in inches.  [default: {_COLUMN:g}]",
    )(named)
    return click.option(
        "--style",
        type=click.Choice(["screen", "paper"]),
        default="screen",
        show_default=True,
        help="'paper' draws figures for print: as wide as a column, with a letter at each panel and embedded fonts. "
        "Captions are saved as .txt files.",
    )(wide)


def flow_options(command: _Command) -> _Command:
    """``--model``, ``--device`` and ``--seed``, for commands without percentile ranks."""
    return _model("natural16")(device_option(seed_option(command)))
