"""The command line: thin, one module per command, each imported when it is called."""

from __future__ import annotations

import atexit
import gc
import os
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from importlib import import_module

import click

from illusions import __version__
from illusions.cli.photographs import collect_notes
from illusions.cli.surroundings import settle
from illusions.errors import InputError, unknown_name
from illusions.interruptions import like_ctrl_c

#: The commands by what they are for: the module of each, and its line in the overview. (A module called ``list`` would
#: hide Python's own in this one.)
GROUPS = {
    "Stimuli": {
        "list": ("listing", "List stimuli, models and analyses."),
        "render": ("render", "Draw stimuli as pictures for people and patches for a model."),
        "export": ("export", "Write stimuli as files for other toolboxes."),
        "display": ("display", "Print what a monitor file of PsychoPy contains."),
    },
    "Predictions": {
        "rank": ("rank", "Predict the percentile rank of a target in each surround."),
        "match": ("match", "Predict the match (PSE) between two surrounds."),
        "count": ("count", "Rank targets by counting in photographs, without a model."),
        "figures": ("figures", "Draw every figure, and list which published claims hold."),
    },
    "People": {
        "experiment": ("experiment", "Write a web page on which observers set matches."),
        "compare": ("compare", "Compare observers' matches with predictions."),
        "calibrate": ("calibrate", "Fit the temperature T to observers' matches."),
        "battery": ("battery", "Score predictors on published illusions."),
    },
    "Models": {
        "train": ("train", "Train a model on a folder of photographs."),
        "evaluate": ("evaluate", "Compute bits per dimension of models on photographs."),
    },
    "What a flow can do": {
        "heatmap": ("heatmap", "Map how likely each part of a picture is."),
        "exaggerate": ("exaggerate", "Change a surround so that its target looks different."),
        "sample": ("sample", "Draw random patches from the model."),
        "interpolate": ("interpolate", "Morph one patch into another with the model."),
        "edit": ("edit", "Change an attribute of patches, such as their brightness."),
        "outliers": ("outliers", "Find patches or pictures that are unlike photographs."),
    },
}
#: All commands.
COMMANDS = {name: command for commands in GROUPS.values() for name, command in commands.items()}
#: New objects between two searches for garbage: imports make hundreds of thousands, and none is garbage.
_FEW_COLLECTIONS = 100_000
#: Shown beneath the overview.
_BEGIN = "\b\nFirst steps:\n  illusions list\n  illusions rank brightness-contrast -o out"


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that the overview costs nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name: ``command`` in its module."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"illusions.cli.{COMMANDS[cmd_name][0]}").command
        command.name = cmd_name
        if not any(parameter.name == "json" for parameter in command.params):
            from illusions.cli.console import json_option

            command.params.append(json_option())
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, but the error for an unknown command names the nearest, and no option swallows another."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(str(unknown_name("command", args[0], COMMANDS)), ctx)
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None:
            refuse_repetition(command, rest, click.Context(command, info_name=name, parent=ctx))
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview by group, without importing any command."""
        width = max(map(len, COMMANDS))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), what) for name, (_, what) in commands.items()])


def refuse_repetition(command: click.Command, arguments: Sequence[str], context: click.Context) -> None:
    """Make sure that an option with one value is given once: click takes the last one in silence.

    Raises:
        click.UsageError: it is given more often, or the arguments cannot be parsed.
    """
    _, _, given = command.make_parser(context).parse_args(list(arguments))
    for option, times in Counter(given).items():
        if isinstance(option, click.Option) and not (option.multiple or option.count) and times > 1:
            raise click.UsageError(
                f"{max(option.opts, key=len)} is given {times} times; expected it once, as one would hide the other",
                context,
            )


@click.group(
    cls=LazyGroup, epilog=_BEGIN, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, "-V", "--version", message="illusions %(version)s")
@click.pass_context
def group(context: click.Context) -> None:
    """Predict illusions of brightness and colour from image statistics.

    A model trained on photographs gives the likelihood of every value of a target in its surround. The percentile rank
    of the actual value predicts how bright or colourful the target looks. The model is a normalizing flow: a neural
    network that gives the probability density of an image.
    """
    collect_notes(context)


@group.result_callback()
def _end(_: object) -> None:
    from illusions.cli.console import show_document
    from illusions.cli.photographs import show_notes

    show_notes()
    show_document()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status: 0, 2 for bad input, 130 when interrupted."""
    settle()
    gc.set_threshold(_FEW_COLLECTIONS)
    atexit.register(gc.freeze)  # else Python looks for garbage among all that was imported before it ends
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(given))


def _run(arguments: list[str]) -> int:
    try:
        with like_ctrl_c():
            status = group.main(
                arguments, prog_name="illusions", standalone_mode=False, obj=shlex.join(["illusions", *arguments])
            )
        if sys.stdout is not None:  # it is where the shell closed it
            sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except (KeyboardInterrupt, click.Abort):
        return _fail("interrupted; nothing was written", 130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else error.format_message(), err=True)
        return 2
    except click.UsageError as error:
        hint = f"\nsee '{error.ctx.command_path} --help'" if error.ctx else ""
        return _fail(f"{error.format_message()}{hint}", 2)
    except click.ClickException as error:
        return _fail(error.format_message(), 2)
    except InputError as error:
        return _fail(str(error), 2)
    except BrokenPipeError:
        # The reader has gone (``illusions list | head``): no one is left to tell, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{where}{error.strerror or error}", 2)
    except Exception as error:
        if not _is_out_of_memory(error):
            raise
        return _fail(
            "there is not enough memory for this; expected smaller pictures, batches or models, or --device cpu", 2
        )


def _is_out_of_memory(error: Exception) -> bool:
    """Whether it is Python's or NumPy's MemoryError, or what PyTorch raises in its place (without importing it)."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and "DefaultCPUAllocator: can't allocate memory" in str(error))
    )


def _fail(message: str, status: int) -> int:
    from illusions.cli.console import show_error

    show_error(message)
    return status
