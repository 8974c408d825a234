"""``illusions train``: a model from any folder of photographs."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("recipe")
@click.option(
    "--photos",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of photographs; with train/ and validation/ in it, these are used, otherwise every tenth photograph validates.",
)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the new model.")
@click.option("--resume", is_flag=True, help="Go on with the run whose checkpoint is in the output folder.")
@click.option("--device", default="auto", show_default=True)
@click.option("--devices", default=1, show_default=True, help="How many devices or processes share every batch.")
def command(recipe: str, photos: Path, output: Path, resume: bool, device: str, devices: int) -> None:
    """Train a model on a folder of photographs, by a RECIPE."""
    from lightning_fabric import Fabric

    from illusions.models.devices import choose_device, keep_freed_memory
    from illusions.models.evaluation import validation_patches
    from illusions.models.photographs import PhotographBank, read_photographs, split_photographs
    from illusions.models.recipe import load_recipe
    from illusions.models.training import Progress, train

    plan = load_recipe(Path(recipe))
    chosen = choose_device(device)
    keep_freed_memory(megabytes=2047)
    size = plan.flow.size
    training_files, validation_files = split_photographs(photos)
    pictures, skipped = read_photographs(training_files, size)
    held_out, skipped_too = read_photographs(validation_files, size)
    fabric = Fabric(
        accelerator=chosen.type,
        devices=devices,
        precision="32-true",
    )
    fabric.launch()
    output.mkdir(parents=True, exist_ok=True)
    (output / "recipe.toml").write_text(Path(recipe).read_text())
    shown = 0

    def report(progress: Progress) -> None:
        nonlocal shown
        row = progress.last_row
        if row and row.update > shown:
            shown = row.update
            click.echo(
                f"{row.update:6d}  train {row.train_bits_per_dimension:.3f}  validation {row.validation_bits_per_dimension:.4f} ± {row.standard_error:.4f}  norm {row.gradient_norm:.1f}  {row.patches_per_second:.0f} patches/s  {row.seconds:.0f} s"
            )

    train(
        plan,
        PhotographBank(pictures, fabric.device),
        validation_patches(PhotographBank(held_out), size),
        output,
        fabric=fabric,
        resume=resume,
        report=report,
    )
