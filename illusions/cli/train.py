"""``illusions train``: a model from any folder of photographs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.options import examples, output_option, training_device_option
from illusions.cli.photographs import photos_option, show_grey, show_photographs

if TYPE_CHECKING:
    from lightning_fabric import Fabric
    from rich.console import Console

    from illusions.models.architecture import Architecture, VaeArchitecture
    from illusions.models.recipe import Recipe
    from illusions.models.training import Progress
    from illusions.models.training_log import LogRow


@click.command(
    epilog=examples(
        "illusions train recipe.toml --photos my-photographs -o my-model",
        "illusions train recipe.toml --photos my-photographs -o my-model --resume",
        "illusions train recipe.toml --photos my-photographs -o my-model --from natural16",
        "torchrun --nnodes=2 --nproc-per-node=1 --rdzv-backend=c10d --rdzv-endpoint=HOST:PORT $(which illusions) train "
        "recipe.toml --photos my-photographs -o my-model --nodes 2",
    )
)
@click.argument("recipe", metavar="RECIPE")
@photos_option
@output_option
@click.option(
    "--from",
    "start",
    metavar="MODEL",
    help="Start from the weights of a model of the same shape instead of random ones.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Continue the run in the output folder with the same photographs. The result is the same as without a pause.",
)
@click.option(
    "--precision",
    type=click.Choice(["32", "bf16"]),
    help="Numeric precision of the model: 32 bits, or bf16 (16 bits, faster).  [default: as in the recipe]",
)
@training_device_option
@click.option(
    "--devices",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of GPUs that share every batch. Without a GPU, number of processes.",
)
@click.option(
    "--nodes",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of machines that share every batch. They need a shared folder, and each starts the command with "
    "torchrun (last example).",
)
@click.pass_context
def command(
    ctx: click.Context,
    recipe: str,
    photos: Path,
    output: Path,
    start: str | None,
    resume: bool,
    precision: str | None,
    device: str,
    devices: int,
    nodes: int,
) -> None:
    """Train a model on a folder of photographs.

    RECIPE is a .toml file, or the name of a model whose recipe is used. Photographs that fit into memory are kept
    there, and others are read from disk. Files that cannot be read are skipped and named at the end.

    \b
    Output files:
      recipe.toml, weights.safetensors  the model
      log.csv                           a row per validation
      checkpoint.safetensors            the state of the run

    Ctrl-C or SIGTERM saves the state of the run. --resume continues from it.
    """
    from illusions.photographs import evenly_spaced, fingerprint, split_photographs

    if start is not None and resume:
        raise click.UsageError("--resume goes on with the weights of its own run; expected no --from beside it")
    plan = _load_recipe(recipe, precision)
    first = None if start is None else _model_to_begin_with(start, plan)
    training_files, validation_files = split_photographs(photos)

    from illusions.cli.console import show_error, show_written
    from illusions.errors import InputError
    from illusions.models.checkpoint import CHECKPOINT, check_photographs
    from illusions.models.devices import keep_freed_memory
    from illusions.models.evaluation import VALIDATION_PATCHES
    from illusions.models.photographs import cut_evenly
    from illusions.models.processes import together
    from illusions.models.recipe import RECIPE
    from illusions.models.streaming import open_photographs
    from illusions.models.training import Interrupted, check_output, train
    from illusions.models.training_log import LOG
    from illusions.models.weights import WEIGHTS

    check_output(output, plan, resume=resume)
    seen = fingerprint(training_files, validation_files)
    known = not resume or check_photographs(output / CHECKPOINT, seen)
    fabric = _launch(device, devices, nodes)
    ctx.call_on_close(_leave)
    keep_freed_memory(megabytes=2047)
    size, seed = plan.network.size, plan.training.seed
    interruption = ""
    if not known and fabric.is_global_zero:
        click.echo(
            f"{output / CHECKPOINT}: does not say which photographs it was trained on; it is unknown whether it was "
            "these",
            err=True,
        )
    try:
        with together(fabric), _display(fabric.is_global_zero) as report:
            source = open_photographs(training_files, size, fabric.device, seed=seed)
            sees = plan.photographs
            all_grey = source.grey == len(training_files) - len(source.skipped)
            if sees.channels == "cones" and sees.sees_colour and all_grey:
                raise InputError(
                    f"{photos}: all {source.grey} photographs to train on are grey, so that the channels RG and BY are "
                    'constant; expected photographs in colour, or channels = "luminance" in the recipe'
                )
            validation_files = evenly_spaced(validation_files, VALIDATION_PATCHES)
            validation = cut_evenly(validation_files, size, VALIDATION_PATCHES)
            train(
                plan, source, (validation.patches, validation.photographs), output,
                fabric=fabric, start=None if first is None else first / WEIGHTS, resume=resume, photographs=seen,
                report=report,
            )  # fmt: skip
    except Interrupted as interrupted:
        interruption = str(interrupted)
    except KeyboardInterrupt:  # a second Ctrl-C, or one before the first update
        if not (output / CHECKPOINT).exists():
            raise
        interruption = (
            f"interrupted at once; {output / CHECKPOINT} is as it was saved last, and --resume goes on from there"
        )
    except InputError:
        if fabric.is_global_zero:
            raise
        ctx.exit(2)
    if not fabric.is_global_zero:
        ctx.exit(0)  # the first process reports, and must not be stopped before it has
    if plan.photographs.channels != "luminance":
        show_grey(source.grey, len(training_files))
    show_photographs(training_files, source.skipped, "training", always=True)
    show_photographs(validation_files, validation.skipped, "validation", always=True)
    if interruption:
        show_error(interruption)
        ctx.exit(130)
    show_written([output / name for name in (RECIPE, WEIGHTS, LOG, CHECKPOINT)])


def _load_recipe(recipe: str, precision: str | None) -> Recipe:
    from illusions.content import find
    from illusions.models.recipe import RECIPE, load_recipe

    path = Path(recipe)
    plan = load_recipe(path if path.suffix == ".toml" else find("models", recipe) / RECIPE)
    if precision is None:
        return plan
    return plan.model_copy(update={"training": plan.training.model_copy(update={"precision": precision})})


def _model_to_begin_with(start: str, plan: Recipe) -> Path:
    """The folder of a model whose network has the shape that a recipe asks for."""
    from illusions.content import find
    from illusions.errors import InputError
    from illusions.models.recipe import RECIPE, load_recipe

    folder = find("models", start)
    given, wanted = load_recipe(folder / RECIPE).architecture(), plan.architecture()
    if given != wanted:
        raise InputError(f"{folder}: is {_shape(given)}; expected one as in the recipe, {_shape(wanted)}")
    return folder


def _shape(network: Architecture | VaeArchitecture) -> str:
    kind = "a flow" if type(network).__name__ == "Architecture" else "an autoencoder"
    return f"{kind} of {', '.join(f'{key} {value}' for key, value in asdict(network).items())}"


def _launch(device: str, devices: int, nodes: int) -> Fabric:
    """Start as many processes as there are devices; every one of them runs the command from here."""
    import logging

    import torch

    from illusions.errors import InputError
    from illusions.models.devices import choose_device
    from illusions.models.processes import launch

    kind = choose_device(device).type
    there = {"cuda": torch.cuda.device_count(), "mps": 1}.get(kind, devices)
    if devices > there:
        raise InputError(f"this machine has {there} {kind} devices; expected --devices {there} at most")
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    return launch(kind, devices, nodes)


def _leave() -> None:
    """Part from the other processes in order: gloo may abort one that ends while its threads still run."""
    import torch.distributed as dist

    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()


@contextmanager
def _display(shown: bool) -> Iterator[Callable[[Progress], None]]:
    """Show how training goes, on standard error: a bar, or a line per validation if it is no terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not shown:
        yield lambda _: None
    elif console.file.isatty():
        with _bar(console) as report:
            yield report
    else:
        yield _lines()


def _lines() -> Callable[[Progress], None]:
    """A line after the first few updates, so that one sees that it runs, and how fast; then one per validation."""
    begun = False

    def report(progress: Progress) -> None:
        nonlocal begun
        row = progress.last_row
        if row and row.update == progress.update:
            left = (progress.updates - progress.update) * row.patches / row.update / row.patches_per_second
            click.echo(
                f"update {row.update} of {progress.updates}: {row.train_bits_per_dimension:.3f} bits per dimension, "
                f"{_validation(row)}, {row.patches_per_second:.0f} patches/s, {left / 60:.0f} min left",
                err=True,
            )
        elif not begun:
            click.echo(
                f"update {progress.update} of {progress.updates}: "
                f"{progress.bits_per_dimension:.3f} bits per dimension, "
                f"{progress.patches_per_second:.0f} patches/s; from here on a line with every validation",
                err=True,
            )
        begun = True

    return report


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[Progress], None]]:
    from rich import progress as rich_progress

    columns = (
        rich_progress.TextColumn("update {task.completed:,} of {task.total:,}"),
        rich_progress.BarColumn(),
        rich_progress.TextColumn("{task.fields[numbers]}"),
        rich_progress.TimeRemainingColumn(),
    )
    with rich_progress.Progress(*columns, console=console) as bar:
        task = None

        def report(progress: Progress) -> None:
            nonlocal task
            row = progress.last_row
            numbers = ", ".join(
                [
                    f"{progress.bits_per_dimension:.3f} bits per dimension",
                    *([_validation(row)] if row else []),
                    f"{progress.patches_per_second:.0f} patches/s",
                ]
            )
            if task is None:
                task = bar.add_task("", total=progress.updates, completed=progress.update, numbers=numbers)
            bar.update(task, completed=progress.update, numbers=numbers)

        yield report


def _validation(row: LogRow) -> str:
    from illusions.models.evaluation import Estimate

    return f"validation {Estimate(row.validation_bits_per_dimension, row.standard_error)}"
