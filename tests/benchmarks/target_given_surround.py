"""A flow of the target's colour alone, given its surround, scored as the flows of patches are.

    pip install zuko==1.6.0
    cd tests/benchmarks                         # PHOTOS, RUNS: absolute paths
    python target_given_surround.py train ablations/view-surround.toml PHOTOS RUNS/given
    python target_given_surround.py score RUNS/given > given.csv

A flow of patches gives log p(target, surround), which along a sweep differs from log p(target | surround) by a constant
only. So no prediction needs the density of the surround. Here a convolutional network
sees the surround, and a neural spline flow (Durkan, Bekasov, Murray & Papamakarios 2019, as in zuko) has the density of
three numbers: the mean over the target of each channel that the recipe shows. In training a random rectangle plays the
target (`View.random_surrounds`). Its values are compressed by asinh, since those of photographs have heavy tails.

As three numbers are modelled and not three per pixel, T is in nats, and T = 1 is the density itself.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
import pandas as pd
import torch
import zuko
from rich.progress import track
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parents[2]))

from illusions.analyses.battery.flows import ScaledTemperature
from illusions.arrays import Bytes, Floats
from illusions.models.averaging import AveragedWeights
from illusions.models.photographs import PhotographBank
from illusions.models.recipe import PhotographsTable, load_recipe, write_recipe
from illusions.models.stacks import Stack
from illusions.models.training import learning_rate
from illusions.models.view import View
from illusions.photographs import read_photographs, split_photographs
from tests.benchmarks.one_flow import brightness, goals, hue, published

SIZE = 16
#: Temperatures that are tried, nats.
NATS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)


class TargetGivenSurround(nn.Module):
    """The density of a target's colour, given the pixels around it.

    Args:
        channels: that are seen of a pixel.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.surround = nn.Sequential(
            nn.Conv2d(channels + 1, 64, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(64, 128, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(128 * (SIZE // 4) ** 2, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
        )
        self.target = zuko.flows.NSF(channels, context=64, transforms=3, hidden_features=(128, 128))

    def features(self, seen: Tensor, surround: Tensor) -> Tensor:
        """What counts of a surround, (n, 64), of patches (n, size, size, channels) and masks (n, size, size)."""
        mask = surround[..., None]
        shown = torch.cat([torch.where(mask, seen, 0), mask.to(seen)], dim=-1)
        found: Tensor = self.surround(shown.movedim(-1, 1))
        return found

    def log_prob(self, target: Tensor, features: Tensor) -> Tensor:
        """Log-density (n,), nats, of the colours of targets (n, channels)."""
        stretched = -torch.log1p(target**2).sum(dim=-1) / 2
        found: Tensor = self.target(features).log_prob(target.asinh()) + stretched
        return found


def mean_colour(seen: Tensor, surround: Tensor) -> Tensor:
    """The mean (n, channels) of patches (n, size, size, channels) outside of their surrounds."""
    weight = (~surround).to(seen)
    return torch.einsum("nhwc,nhw->nc", seen, weight / weight.sum(dim=(1, 2), keepdim=True))


class GivenSurround:
    """The density as a model for ranks (`illusions.models.stacks.PatchModel`).

    Args:
        name: in tables.
        density: the network.
        sees: the table ``[photographs]`` of the recipe.
        floor: as of `View`.
    """

    def __init__(
        self, name: str, density: TargetGivenSurround, sees: PhotographsTable, floor: float | None = None
    ) -> None:
        self.name, self.size, self.dimensions = name, SIZE, sees.channel_count * SIZE**2
        self._density, self._sees, self._view = density, sees, View(sees, floor=floor)

    def with_floor(self, floor: float) -> GivenSurround:
        """The model with a floor for the contrast of surrounds."""
        return GivenSurround(self.name, self._density, self._sees, floor)

    def log_likelihood_draws(
        self, patches: Bytes, *, draws: int, seed: int, surround: np.ndarray, first: int = 0
    ) -> Floats:
        """Log-density (draws, n) of the target, nats, given the pixels of the surround."""
        return self.log_likelihood_of_stacks([Stack(patches, draws, seed, surround, first)])[0]

    @torch.inference_mode()
    def log_likelihood_of_stacks(self, stacks: Sequence[Stack]) -> list[Floats]:
        """The same of several stacks."""
        return [
            np.stack([self._score(stack, draw) for draw in range(stack.first, stack.first + stack.draws)])
            for stack in stacks
        ]

    def _score(self, stack: Stack, draw: int) -> Floats:
        patches, mask = torch.from_numpy(stack.patches), torch.from_numpy(stack.surround)[None]
        noise = self._view.noise(1, SIZE, seed=stack.seed, draw=draw)
        seen = self._view.see(patches, noise, surround=stack.surround)
        features = self._density.features(seen[:1], mask).expand(len(seen), -1)
        return self._density.log_prob(mean_colour(seen, mask), features).double().numpy()


@click.group()
def main() -> None:
    """Train and score."""


@main.command()
@click.argument("recipe", type=Path)
@click.argument("photos", type=Path)
@click.argument("output", type=Path)
@click.option("--updates", help="In place of the recipe's.", type=int)
def train(recipe: Path, photos: Path, output: Path, updates: int | None) -> None:
    """Train with the tables [photographs] and [training] of RECIPE, and write OUTPUT."""
    how = load_recipe(recipe)
    if how.photographs.normalised_by != "surround":
        raise click.UsageError(f"{recipe}: normalised_by '{how.photographs.normalised_by}'; expected 'surround'")
    if updates is not None:
        how = how.model_copy(update={"training": how.training.model_copy(update={"updates": updates})})
    if output.exists():
        raise click.UsageError(f"{output}: exists; expected a new folder")
    if how.photographs.rotate or how.photographs.grey:
        raise click.UsageError(f"{recipe}: expected neither rotate nor grey")
    sees, training = how.photographs, how.training
    view = View(sees)
    shown, held_out = (PhotographBank(read_photographs(paths, SIZE)[0]) for paths in split_photographs(photos))
    torch.manual_seed(training.seed)
    network = TargetGivenSurround(sees.channel_count)

    def log_density(patches: Tensor, generator: torch.Generator) -> Tensor:
        surround = view.random_surrounds(len(patches), SIZE, generator)
        seen = view.see(patches, view.random_noise(len(patches), SIZE, generator), surround=surround)
        return network.log_prob(mean_colour(seen, surround), network.features(seen, surround))

    adam = torch.optim.Adam(network.parameters(), lr=training.learning_rate)
    average, generator = AveragedWeights(network, training.average), torch.Generator().manual_seed(training.seed)
    for update in track(range(training.updates), "training"):
        adam.param_groups[0]["lr"] = learning_rate(update, training)
        adam.zero_grad()
        patches = shown.random_patches(training.batch, SIZE, generator, flip=sees.flip)
        (-log_density(patches, generator).mean()).backward()
        nn.utils.clip_grad_norm_(network.parameters(), training.clip_norm)
        adam.step()
        average.follow(update)
    output.mkdir(parents=True)
    with average.in_place(), torch.inference_mode():
        found = log_density(held_out.random_patches(20_000, SIZE, generator), generator)
        save_file(network.state_dict(), output / "weights.safetensors")
    write_recipe(output / "recipe.toml", how)
    click.echo(f"{found.mean():.3f} nats on held-out photographs")


@main.command()
@click.argument("folders", nargs=-1, type=Path, required=True)
def score(folders: Sequence[Path]) -> None:
    """Score models as `one_flow.py` does."""
    rows: list[dict[str, object]] = []
    for folder in folders:
        sees = load_recipe(folder / "recipe.toml").photographs
        network = TargetGivenSurround(sees.channel_count)
        network.load_state_dict(load_file(folder / "weights.safetensors"))
        model = GivenSurround(folder.resolve().name, network.eval().requires_grad_(False), sees)
        found = [*hue(model, NATS, exponent=0.0), *brightness(model, published(), tuple(map(ScaledTemperature, NATS)))]
        rows += [*found, goals(model, found)]
    pd.DataFrame(rows).to_csv(sys.stdout, index=False)


if __name__ == "__main__":
    main()
