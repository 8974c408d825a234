"""Which shape of flow predicts photographs best after the same time of training on the same machine.

``python tests/benchmarks/compare_shapes.py --photos PHOTOS --seconds 300`` trains each of `SHAPES` for that long, on
one thread and to the end of its learning rate, and writes ``shapes.csv``: bits per dimension on the validation
photographs, the differences to the best shape patch by patch, and in how many pairs of uniform surrounds the target
ranks higher on the lower one.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import click
import pandas as pd
import torch
from lightning_fabric import Fabric

sys.path.insert(0, str(Path(__file__).parents[1] / "analyses"))

from directions import BASES, SIZES, curves_on_uniform_surrounds, pairs_in_which_the_lower_surround_ranks_higher

from illusions.models.devices import keep_freed_memory
from illusions.models.evaluation import VALIDATION_PATCHES, bits_per_dimension, compare
from illusions.models.model import Model, load_model
from illusions.models.photographs import EvenPatches, PhotographBank, cut_evenly, read_photographs, split_photographs
from illusions.models.recipe import FlowTable, Recipe, TrainingTable
from illusions.models.training import train

HERE = Path(__file__).parent
#: L, K and hidden channels. The paper's K = 32 at L = 1 with as many channels as its depth leaves time for, more
#: levels, and fewer but wider steps.
SHAPES = [(1, 32, 64), (1, 16, 128), (2, 12, 128), (3, 12, 128), (1, 8, 256), (2, 6, 256)]
#: Updates that the speed of a shape is measured on before its run.
_TRIAL = 40


@click.command()
@click.option("--photos", type=click.Path(path_type=Path), required=True)
@click.option("--seconds", type=click.IntRange(min=1), default=300, show_default=True, help="For every shape.")
def main(photos: Path, seconds: int) -> None:
    """Compare shapes of flow."""
    torch.set_num_threads(1)
    keep_freed_memory(megabytes=2047)
    training_files, validation_files = split_photographs(photos)
    bank = PhotographBank(read_photographs(training_files, 16)[0])
    validation = cut_evenly(validation_files, 16, VALIDATION_PATCHES)
    models, rows = {}, {}
    for shape in SHAPES:
        name = "L = {}, K = {}, {} channels".format(*shape)
        models[name], rows[name] = train_for(shape, seconds, bank, validation)
        click.echo(f"{name}: {rows[name]}", err=True)
    frame = table(models, rows, validation)
    frame.to_csv(HERE / "shapes.csv", index=False)
    click.echo(frame.to_string(index=False))


def train_for(
    shape: tuple[int, int, int], seconds: float, bank: PhotographBank, validation: EvenPatches
) -> tuple[Model, dict[str, float]]:
    """A model of this shape after about so many seconds, its number of parameters and of patches seen."""
    levels, steps, hidden = shape
    flow = FlowTable(levels=levels, steps=steps, hidden=hidden)
    with tempfile.TemporaryDirectory() as folder:

        def run(updates: int, name: str) -> float:
            training = TrainingTable(
                updates=updates, batch=64, learning_rate=2e-3, warm_up=200, clip_norm=50, average=0.995
            )
            start = time.perf_counter()
            train(
                Recipe(title=name, flow=flow, training=training),
                bank,
                (validation.patches[::10], validation.photographs[::10]),
                Path(folder) / name,
                fabric=Fabric(accelerator="cpu", devices=1),
            )
            return time.perf_counter() - start

        overhead = run(1, "first")
        per_update = (run(_TRIAL, "trial") - overhead) / (_TRIAL - 1)
        updates = int(seconds / per_update)
        took = run(updates, "whole")
        model = load_model(Path(folder) / "whole", device="cpu")
    numbers = {
        "parameters": sum(parameter.numel() for parameter in model.flow.parameters()),
        "patches": updates * 64,
        "seconds": round(took),
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
