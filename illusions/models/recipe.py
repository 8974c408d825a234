"""What a model is made from: the shape of its flow, how it sees photographs, how it is trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from illusions.content import read_toml
from illusions.files import write_whole
from illusions.models.architecture import Architecture

RECIPE = "recipe.toml"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FlowTable(_Table):
    """The table ``[flow]``: the shape of the Glow."""

    size: int = Field(16, ge=2, le=256, description="side of a patch, pixels")
    levels: int = Field(1, ge=1, le=6, description="L, how often the patch is squeezed")
    steps: int = Field(32, ge=1, le=512, description="K, flow steps per level")
    hidden: int = Field(256, ge=1, le=4096, description="channels of the hidden layers of every coupling")

    @model_validator(mode="after")
    def _size_can_be_halved(self) -> FlowTable:
        if self.size % 2**self.levels:
            raise ValueError(f"size {self.size} cannot be halved {self.levels} times (levels)")
        return self

    def architecture(self, channels: int = 3) -> Architecture:
        """The shape of a flow of patches with this number of channels."""
        return Architecture(self.size, channels, self.levels, self.steps, self.hidden)


class PhotographsTable(_Table):
    """The table ``[photographs]``: what the flow sees of them."""

    channels: Literal["colour", "luminance"] = Field("colour", description="colour, or luminance alone")
    bits: int = Field(8, ge=1, le=8, description="bits per colour value that are kept before noise is added")
    normalise: Literal["none", "contrast"] = Field(
        "none", description="contrast: the mean is taken off, and the rest divided by the standard deviation"
    )
    noise: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="σ of Gaussian noise: of the range, or of normalised values"
    )
    flip: bool = Field(True, description="whether every second patch, at random, is mirrored left to right")

    @property
    def channel_count(self) -> int:
        """Numbers per pixel: 3, or 1 for luminance."""
        return 3 if self.channels == "colour" else 1

    @model_validator(mode="after")
    def _has_a_density(self) -> PhotographsTable:
        if self.normalise == "contrast" and self.noise == 0:
            raise ValueError(
                "normalise 'contrast' leaves patches of one mean and one standard deviation, which have no density; "
                "expected noise above 0"
            )
        return self


class TrainingTable(_Table):
    """The table ``[training]``: how the weights are found."""

    updates: int = Field(gt=0, description="number of optimiser updates")
    batch: int = Field(256, gt=0, description="patches per update, over all processes")
    learning_rate: float = Field(1e-3, gt=0, le=1, description="peak learning rate of Adam")
    final_learning_rate: float = Field(1e-5, ge=0, le=1, description="where its cosine decay ends")
    warm_up: int = Field(500, ge=0, description="updates over which the learning rate rises from zero")
    clip_norm: float = Field(1.0, gt=0, description="largest norm of the gradient of bits per dimension")
    average: float = Field(0.999, ge=0, lt=1, description="decay of the exponential moving average of the weights")
    memory: Literal["ordinary", "constant"] = Field("ordinary", description="see illusions.models.reversible")
    precision: Literal["32", "bf16"] = Field("bf16", description="of the networks inside the couplings")
    validate_every: int = Field(1000, gt=0, description="updates between validations and checkpoints")
    seed: int = Field(0, ge=0, lt=2**63, description="seed of weights, crops and noise")


class Recipe(_Table):
    """A recipe, as ``recipe.toml`` holds it."""

    title: str = Field(min_length=1, description="one line that says what the model is")
    flow: FlowTable = FlowTable()
    photographs: PhotographsTable = PhotographsTable()
    training: TrainingTable

    def architecture(self) -> Architecture:
        """The shape of the flow, for what it sees."""
        return self.flow.architecture(self.photographs.channel_count)


def load_recipe(path: Path) -> Recipe:
    """Read a recipe from a TOML file.

    Raises:
        InputError: as `illusions.content.read_toml`.
    """
    return read_toml(path, Recipe)


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write a recipe as TOML, with every value that was left to its default and what each key means, atomically.

    Raises:
        InputError: the file cannot be written.
    """
    write_whole(path, _to_toml(recipe).encode())


def _to_toml(recipe: Recipe) -> str:
    lines = [f"title = {_value(recipe.title)}"]
    for name in ("flow", "photographs", "training"):
        table: _Table = getattr(recipe, name)
        lines += ["", f"[{name}]"]
        for key, field in type(table).model_fields.items():
            lines.append(f"{key} = {_value(getattr(table, key))}  # {field.description}")
    return "\n".join(lines) + "\n"


def _value(value: str | bool | int | float) -> str:
    """A value as TOML writes it, which for these types is as JSON does."""
    return json.dumps(value, ensure_ascii=False)
