"""Which shape of flow predicts photographs best after the same time of training on the same device.

``python tests/benchmarks/compare_shapes.py --photos PHOTOS --seconds 300`` trains each shape for that long, to the end
of its learning rate, and writes ``shapes.csv``, or the file of ``-o``: bits per dimension on the validation
photographs, the differences to the best shape patch by patch, and in how many pairs of uniform surrounds the target
ranks higher on the lower one; also patches per second, and the share of the rate of the device's own product of two
4,096² matrices of the same type.

On a GPU, with the paper's shape among others:
``… --device cuda --batch 256 --shape 1,32,512 --shape 3,32,256 --shape 1,8,1024 --seconds 500``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import click
import pandas as pd
import torch
from lightning_fabric import Fabric

sys.path.insert(0, str(Path(__file__).parents[1] / "analyses"))

from directions import BASES, SIZES, curves_on_uniform_surrounds, pairs_in_which_the_lower_surround_ranks_higher
from operations import coupling_operations

from illusions.models.devices import choose_device, keep_freed_memory
from illusions.models.evaluation import VALIDATION_PATCHES, bits_per_dimension, compare
from illusions.models.model import Model, load_model
from illusions.models.photographs import EvenPatches, PhotographBank, cut_evenly, read_photographs, split_photographs
from illusions.models.recipe import FlowTable, Recipe, TrainingTable
from illusions.models.training import train

HERE = Path(__file__).parent
#: Updates that the speed of a shape is measured on before its run.
_TRIAL = 40


class Shape(NamedTuple):
    """L, K and the channels of the hidden layers."""

    levels: int
    steps: int
    hidden: int

    def __str__(self) -> str:
        return f"L = {self.levels}, K = {self.steps}, {self.hidden} channels"


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
def main(photos: Path, seconds: int, shapes: list[Shape], batch: int, device: str, output: Path) -> None:
    """Compare shapes of flow."""
    torch.set_num_threads(1)
    keep_freed_memory(megabytes=2047)
    training_files, validation_files = split_photographs(photos)
    chosen = choose_device(device)
    bank = PhotographBank(read_photographs(training_files, 16)[0], chosen)
    validation = cut_evenly(validation_files, 16, VALIDATION_PATCHES)
    peak = product_rate(chosen)
    models, rows = {}, {}
    for shape in shapes:
        models[str(shape)], numbers = train_for(shape, seconds, batch, bank, validation)
        rate = 3 * coupling_operations(models[str(shape)].flow.architecture) * numbers["patches_per_second"]
        rows[str(shape)] = numbers | {"share_of_product": round(rate / peak, 2)}
        click.echo(f"{shape}: {rows[str(shape)]}", err=True)
    frame = table(models, rows, validation)
    frame.to_csv(output, index=False)
    click.echo(frame.to_string(index=False))


def product_rate(device: torch.device) -> float:
    """Operations per second of a product of two 4,096² matrices in bfloat16."""
    a = torch.randn(4096, 4096, device=device).bfloat16()
    seconds = []
    for _ in range(4):
        start = time.perf_counter()
        (a @ a)[0, 0].item()
        seconds.append(time.perf_counter() - start)
    return 2 * 4096**3 / min(seconds)


def train_for(
    shape: Shape, seconds: float, batch: int, bank: PhotographBank, validation: EvenPatches
) -> tuple[Model, dict[str, float]]:
    """A model of this shape after about so many seconds, and what its training was."""
    device = bank.pixels.device.type
    with tempfile.TemporaryDirectory() as folder:

        def run(updates: int, name: str) -> float:
            training = TrainingTable(
                updates=updates, batch=batch, learning_rate=2e-3, warm_up=200, clip_norm=50, average=0.995
            )
            start = time.perf_counter()
            train(
                Recipe(title=name, flow=FlowTable(**shape._asdict()), training=training),
                bank,
                (validation.patches[::10], validation.photographs[::10]),
                Path(folder) / name,
                fabric=Fabric(accelerator=device, devices=1),
            )
            return time.perf_counter() - start

        overhead = run(1, "first")
        per_update = (run(_TRIAL, "trial") - overhead) / (_TRIAL - 1)
        updates = max(1, int(seconds / per_update))
        took = run(updates, "whole")
        model = load_model(Path(folder) / "whole", device=device)
    numbers = {
        "parameters": sum(parameter.numel() for parameter in model.flow.parameters()),
        "patches": updates * batch,
        "seconds": round(took),
        "patches_per_second": round(updates * batch / took),
    }
    return model, numbers


def table(models: dict[str, Model], rows: dict[str, dict[str, float]], validation: EvenPatches) -> pd.DataFrame:
    """Shapes, the best first, with what was measured of each."""
    bits = {
        name: bits_per_dimension(
            model.log_likelihood_draws(validation.patches, draws=1, common_noise=False)[0], model.dimensions
        )
        for name, model in models.items()
    }
    best = min(bits, key=lambda name: bits[name].mean())
    result = []
    for row in compare(bits, validation.photographs, best):
        pairs = {
            axis_and_base: sum(
                pairs_in_which_the_lower_surround_ranks_higher(
                    curves_on_uniform_surrounds(models[row.name], *axis_and_base, size), 532
                )
                for size in SIZES
            )
            for axis_and_base in BASES
        }
        result.append(
            {
                "shape": row.name,
                **rows[row.name],
                "bits_per_dimension": round(row.bits_per_dimension.mean, 4),
                "standard_error": round(row.bits_per_dimension.standard_error, 4),
                "more_than_best": round(row.difference.mean, 4),
                "its_standard_error": round(row.difference.standard_error, 4),
                "brightness_pairs_of_27": pairs[BASES[0]],
                "saturation_pairs_of_81": sum(pairs[base] for base in BASES[1:]),
            }
        )
    return pd.DataFrame(result)


if __name__ == "__main__":
    main()
