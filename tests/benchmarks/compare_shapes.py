"""Which shape of flow predicts photographs best after the same time of training on the same device.

``python tests/benchmarks/compare_shapes.py --photos PHOTOS --seconds 300`` trains each shape for about that long, to
the end of its learning rate, and writes ``shapes.csv``, or the file of ``-o``: bits per dimension on the validation
photographs, the differences to the best shape patch by patch, and in how many pairs of uniform surrounds the target
ranks higher on the lower one; also patches per second, the share of the rate of the device's own product of two 4,096²
matrices of the same type, and on a GPU the peak of its memory. With ``--keep FOLDER`` the models stay there; those that
are there are not trained again, so that a comparison can be made in parts.

On a GPU, with the paper's shape among others (its couplings are small: a large batch, or it waits for the launches):
``… --device cuda --batch 1024 --shape 1,32,512 --shape 3,32,256 --shape 1,8,1024 --seconds 500 --keep shapes``.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import pandas as pd
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2]))

from illusions.errors import InputError
from illusions.models.devices import choose_device, keep_freed_memory
from illusions.models.evaluation import VALIDATION_PATCHES, bits_per_dimension, compare
from illusions.models.model import load_model
from illusions.models.photographs import EvenPatches, PhotographBank, cut_evenly
from illusions.models.recipe import FlowTable, Recipe, TrainingTable
from illusions.models.training import train
from illusions.photographs import read_photographs, split_photographs
from tests.analyses.ranks.directions import (
    BASES,
    SIZES,
    curves_on_uniform_surrounds,
    pairs_in_which_the_lower_surround_ranks_higher,
)
from tests.benchmarks.operations import coupling_operations

HERE = Path(__file__).parent
#: Beside the weights of a kept model: what its training was.
MEASURED = "measured.json"
#: Updates that the speed of a shape is measured on before its run.
_TRIAL = 40


class Shape(NamedTuple):
    """L, K and the channels of the hidden layers."""

    levels: int
    steps: int
    hidden: int

    def __str__(self) -> str:
        return f"L = {self.levels}, K = {self.steps}, {self.hidden} channels"


class Result(NamedTuple):
    """What came out for a shape: what its training was, bits per dimension of every validation patch, right pairs."""

    row: dict[str, Any]
    bits: NDArray[np.float64]
    pairs: list[int]


#: The paper's K = 32 at L = 1 with the channels that its depth leaves time for, more levels, fewer but wider steps.
SHAPES = [Shape(1, 32, 64), Shape(1, 16, 128), Shape(2, 12, 128), Shape(3, 12, 128), Shape(1, 8, 256), Shape(2, 6, 256)]


def _parse(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> list[Shape]:
    try:
        return [Shape(*map(int, text.split(","))) for text in given] or SHAPES
    except (TypeError, ValueError):
        raise click.BadParameter("expected three numbers L,K,CHANNELS") from None


@click.command()
@click.option("--photos", type=click.Path(path_type=Path), required=True)
@click.option("--seconds", type=click.IntRange(min=1), default=300, show_default=True, help="For every shape.")
@click.option("--shape", "shapes", multiple=True, metavar="L,K,CHANNELS", callback=_parse, help="Several times.")
@click.option("--batch", type=click.IntRange(min=1), default=64, show_default=True)
@click.option("--device", default="cpu", show_default=True, help="On a CPU, one thread.")
@click.option("--output", "-o", type=click.Path(path_type=Path), default=HERE / "shapes.csv", help="The table.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder of the models.  [default: a temporary one]")
def main(
    photos: Path, seconds: int, shapes: list[Shape], batch: int, device: str, output: Path, keep: Path | None
) -> None:
    """Compare shapes of flow."""
    torch.set_num_threads(1)
    keep_freed_memory(megabytes=2047)
    training_files, validation_files = split_photographs(photos)
    chosen = choose_device(device)
    bank = PhotographBank(read_photographs(training_files, 16)[0], chosen)
    validation = cut_evenly(validation_files, 16, VALIDATION_PATCHES)
    peak = product_rate(chosen)
    results: dict[str, Result] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for shape in shapes:
            folder = (keep or Path(temporary)) / f"{shape.levels}-{shape.steps}-{shape.hidden}"
            try:
                if not (folder / MEASURED).exists():
                    train_for(shape, seconds, batch, bank, validation, folder)
                results[str(shape)] = result_of(folder, chosen, peak, validation)
            except (InputError, torch.OutOfMemoryError) as error:
                click.echo(f"{shape}: left out, {error}", err=True)
                continue
            click.echo(f"{shape}: {results[str(shape)].row}", err=True)
            table(results, validation).to_csv(output, index=False)
    if results:
        click.echo(table(results, validation).to_string(index=False))


def product_rate(device: torch.device) -> float:
    """Operations per second of products of two 4,096² matrices in bfloat16."""
    a = torch.randn(4096, 4096, device=device).bfloat16()
    products = 50 if device.type == "cuda" else 1  # so many that waiting for the last one does not count
    seconds = []
    for _ in range(4):
        start = time.perf_counter()
        for _ in range(products):
            b = a @ a
        b[0, 0].item()
        seconds.append((time.perf_counter() - start) / products)
    return 2 * 4096**3 / min(seconds)


def train_for(
    shape: Shape, seconds: float, batch: int, bank: PhotographBank, validation: EvenPatches, folder: Path
) -> None:
    """Train a model of this shape into a folder for about so many seconds, and note there what its training was."""
    device = bank.pixels.device
    on_gpu = device.type == "cuda"

    def run(updates: int, output: Path) -> float:
        training = TrainingTable(
            updates=updates, batch=batch, learning_rate=2e-3, warm_up=200, clip_norm=50, average=0.995
        )
        start = time.perf_counter()
        train(
            Recipe(title=str(shape), flow=FlowTable(**shape._asdict()), training=training),
            bank,
            (validation.patches[::10], validation.photographs[::10]),
            output,
            fabric=Fabric(accelerator=device.type, devices=1),
        )
        return time.perf_counter() - start

    with tempfile.TemporaryDirectory() as trials:
        run(2, Path(trials) / "cold")  # what happens once in a process is no part of the speed
        overhead = run(1, Path(trials) / "one")
        per_update = (run(1 + _TRIAL, Path(trials) / "more") - overhead) / _TRIAL
    if per_update <= 0:
        raise InputError(f"{_TRIAL} updates took no measurable time; expected a larger batch")
    updates = max(1, int(seconds / per_update))
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    took = run(updates, folder)
    measured = {
        "device": torch.cuda.get_device_name() if on_gpu else "cpu",
        "patches": updates * batch,
        "seconds": round(took),
        "patches_per_second": round(updates * batch / took),
    }
    if on_gpu:
        measured["gigabytes"] = round(torch.cuda.max_memory_allocated() / 1e9, 2)
    (folder / MEASURED).write_text(json.dumps(measured))


def result_of(folder: Path, device: torch.device, peak: float, validation: EvenPatches) -> Result:
    """How a model that was trained into a folder predicts photographs, and how it ranks targets."""
    model = load_model(folder, device=device.type)
    row = {"parameters": sum(parameter.numel() for parameter in model.flow.parameters())}
    row |= json.loads((folder / MEASURED).read_text())
    rate = 3 * coupling_operations(model.flow.architecture) * row["patches_per_second"]
    row["share_of_product"] = round(rate / peak, 2)
    nats = model.log_likelihood_draws(validation.patches, draws=1, common_noise=False)[0]
    pairs = [
        sum(
            pairs_in_which_the_lower_surround_ranks_higher(curves_on_uniform_surrounds(model, *base, size), 532)
            for size in SIZES
        )
        for base in BASES
    ]
    return Result(row, bits_per_dimension(nats, model.dimensions), pairs)


def table(results: dict[str, Result], validation: EvenPatches) -> pd.DataFrame:
    """Shapes, the best first, with what was measured of each."""
    bits = {name: result.bits for name, result in results.items()}
    best = min(bits, key=lambda name: bits[name].mean())
    return pd.DataFrame(
        [
            {
                "shape": row.name,
                **results[row.name].row,
                "bits_per_dimension": round(row.bits_per_dimension.mean, 4),
                "standard_error": round(row.bits_per_dimension.standard_error, 4),
                "more_than_best": round(row.difference.mean, 4),
                "its_standard_error": round(row.difference.standard_error, 4),
                "brightness_pairs_of_27": results[row.name].pairs[0],
                "saturation_pairs_of_81": sum(results[row.name].pairs[1:]),
            }
            for row in compare(bits, validation.photographs, best)
        ]
    )


if __name__ == "__main__":
    main()
