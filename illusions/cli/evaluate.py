"""``illusions evaluate``: bits per dimension of models on photographs, beside simpler ways to predict patches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.loading import refuse_twins
from illusions.cli.options import OutputPath, device_option, examples, seed_option
from illusions.cli.photographs import photos_option, show_photographs
from illusions.content import find, names
from illusions.errors import InputError
from illusions.photographs import evenly_spaced, split_photographs

if TYPE_CHECKING:
    import pandas as pd

    from illusions.models.evaluation import Comparison
    from illusions.models.model import Model

#: Training patches that the baselines are fitted to, about.
_TRAINING_PATCHES = 100_000


@click.command(
    epilog=examples(
        "illusions evaluate --photos my-photographs",
        "illusions evaluate natural16 my-model --photos my-photographs -o evaluation.csv",
    )
)
@click.argument("models", nargs=-1, metavar="[MODEL…]")
@photos_option
@click.option("-o", "--output", metavar="FILE", type=OutputPath(), help="Also write the table to a CSV file.")
@device_option
@seed_option
def command(models: tuple[str, ...], photos: Path, output: Path | None, device: str, seed: int) -> None:
    """Compute bits per dimension of models on photographs.

    MODEL is a name in 'illusions list' or a folder. By default every shipped model that sees sRGB colours is
    evaluated. The table also has the difference of each model from the first MODEL, computed patch by patch. Standard
    errors show the variation between photographs.

    Three simple methods are computed on the same patches: independent pixels, a Gaussian with full covariance, and
    PNG compression. The first two are fitted to the photographs that are not held out.
    """
    from illusions.cli.console import show_rows, show_table, show_written
    from illusions.cli.output import output_folder, write_table

    if output is not None and output.is_dir():
        raise InputError(f"{output}: is a folder; expected the name of a file to write")
    given = models or _shipped()
    for name in given:
        find("models", name)
    split_photographs(photos)
    loaded = _load(given, device)
    if output is None:
        rows = _compare(loaded, photos, seed)
    else:
        with output_folder(output.parent, recorded=False) as out:
            rows = _compare(loaded, photos, seed)
            write_table(out.staged / output.name, [_frame(rows, loaded[0].name)])
    show_rows("evaluation", _frame(rows, loaded[0].name))
    show_table(("", "bits per dimension", f"more than {loaded[0].name}"), [_cells(row, loaded[0].name) for row in rows])
    if output is not None:
        show_written(out.written)


def _shipped() -> tuple[str, ...]:
    """The shipped models that see colours as they are."""
    from illusions.models.recipe import load_recipe
    from illusions.models.view import View

    recipes = {name: load_recipe(find("models", name) / "recipe.toml") for name in names("models")}
    return tuple(name for name, recipe in recipes.items() if View(recipe.photographs).is_invertible)


def _load(given: Sequence[str], device: str) -> list[Model]:
    from illusions.models.model import load_model

    if not given:
        raise click.UsageError("nothing to evaluate; expected MODEL, as none is shipped")
    models = [load_model(name, device=device) for name in given]
    refuse_twins("model", [model.name for model in models])
    for model in models:
        if not model.view.is_invertible:
            raise InputError(
                f"model '{model.name}' sees {model.view}, so its bits are not those of 8-bit colours and cannot be "
                f"compared; expected models that see colour as it is (its log.csv has its own validation)"
            )
        if model.size != models[0].size:
            raise InputError(
                f"model '{model.name}' takes patches of {model.size} pixels, '{models[0].name}' of {models[0].size}; "
                f"expected models that see the same patches"
            )
    return models


def _compare(models: Sequence[Model], photos: Path, seed: int) -> list[Comparison]:
    from illusions.cli.console import progress_bar
    from illusions.cli.threads import use_threads
    from illusions.models.baselines import baselines
    from illusions.models.evaluation import VALIDATION_PATCHES, bits_per_dimension, compare
    from illusions.models.photographs import cut_evenly

    training_files, validation_files = split_photographs(photos)
    training_files = evenly_spaced(training_files, _TRAINING_PATCHES)
    validation_files = evenly_spaced(validation_files, VALIDATION_PATCHES)
    use_threads()
    with progress_bar() as progress:
        task = progress.add_task("reading photographs", total=None)
        training = cut_evenly(training_files, models[0].size, _TRAINING_PATCHES, seed=seed)
        validation = cut_evenly(validation_files, models[0].size, VALIDATION_PATCHES)
        bits = {}
        for model in models:
            progress.update(task, description=f"scoring with {model.name}")
            nats = model.log_likelihood_draws(validation.patches, draws=1, seed=seed, common_noise=False)[0]
            bits[model.name] = bits_per_dimension(nats, model.dimensions)
        progress.update(task, description="fitting what they are compared with")
        bits |= baselines(training, validation, seed=seed)
    show_photographs(training_files, training.skipped, "training")
    show_photographs(validation_files, validation.skipped, "validation")
    return compare(bits, validation.photographs, models[0].name)


def _cells(row: Comparison, reference: str) -> tuple[str, str, str]:
    return row.name, str(row.bits_per_dimension), "" if row.name == reference else str(row.difference)


def _frame(rows: Sequence[Comparison], reference: str) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "model": row.name,
            "bits_per_dimension": row.bits_per_dimension.mean,
            "standard_error": row.bits_per_dimension.standard_error,
            "difference": row.difference.mean,
            "difference_standard_error": row.difference.standard_error,
            "reference": reference,
        }
        for row in rows
    )
