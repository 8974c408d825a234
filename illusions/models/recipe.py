"""Recipes of models: architecture, preprocessing and training."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, PlainValidator, model_validator

from illusions.content import read_toml
from illusions.displays import SRGB, Display, parse_display
from illusions.files import write_whole
from illusions.models.architecture import Architecture, VaeArchitecture

RECIPE = "recipe.toml"
#: Of cone responses; see `illusions.models.cones`.
Compression: TypeAlias = Literal["cube-root", "log", "none"]
#: A cone-opponent channel.
Opponent: TypeAlias = Literal["A", "RG", "BY"]
#: All of them, in the order of `illusions.models.cones.to_opponent`.
OPPONENT: tuple[Opponent, ...] = get_args(Opponent)
#: How a channel is normalised.
Normalisation: TypeAlias = Literal["none", "centre", "contrast", "joint"]
_NORMALISATIONS: tuple[Normalisation, ...] = get_args(Normalisation)
_Value = TypeVar("_Value")


def _one_or_each(check: Callable[[Any], _Value]) -> Callable[[Any], _Value | tuple[_Value, ...]]:
    """A validator of a value for all channels, or of a list with one for each."""

    def validate(written: Any) -> _Value | tuple[_Value, ...]:
        if isinstance(written, list | tuple):
            return tuple(map(check, written))
        return check(written)

    return validate


def _number(written: Any) -> float:
    if isinstance(written, bool) or not isinstance(written, int | float):
        raise ValueError("input should be a valid number, or a list of one per channel")
    if not math.isfinite(written):
        raise ValueError("input should be a finite number")
    if written < 0:
        raise ValueError("input should be greater than or equal to 0")
    return float(written)


def _positive(written: Any) -> float:
    if _number(written) == 0:
        raise ValueError("input should be greater than 0")
    return float(written)


def _normalisation(written: Any) -> Normalisation:
    if written not in _NORMALISATIONS:
        raise ValueError("input should be 'none', 'centre', 'contrast' or 'joint', or a list of one per channel")
    found: Normalisation = written
    return found


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


class VaeTable(_Table):
    """The table ``[vae]``: the shape of a variational autoencoder."""

    size: int = Field(16, ge=4, le=256, multiple_of=4, description="side of a patch, pixels")
    latents: int = Field(256, ge=1, le=65536, description="number of latents of a patch")
    hidden: int = Field(64, ge=1, le=4096, description="channels of the hidden layers at half the size")

    def architecture(self, channels: int = 3) -> VaeArchitecture:
        """The shape of an autoencoder of patches with this number of channels."""
        return VaeArchitecture(self.size, channels, self.latents, self.hidden)


class PhotographsTable(_Table):
    """The table ``[photographs]``: preprocessing of patches."""

    channels: Literal["colour", "luminance", "cones"] = Field(
        "colour", description="colour, luminance alone, or cones: the cone-opponent channels A, RG, BY"
    )
    bits: int = Field(8, ge=1, le=8, description="bits per colour value that are kept before noise is added")
    display: Annotated[Display, PlainValidator(parse_display), PlainSerializer(Display.written)] = Field(
        SRGB, description="of cones: gamma, red, green, blue, white_point, white, black; {} is sRGB"
    )
    opponent: tuple[Opponent, ...] = Field(
        OPPONENT,
        description="of cones: the channels, in order; one may occur twice, normalised in two ways",
    )
    compression: Compression = Field("cube-root", description="of cone responses: cube-root, log or none")
    normalise: Annotated[Normalisation | tuple[Normalisation, ...], BeforeValidator(_one_or_each(_normalisation))] = (
        Field("none", description="centre: (c − m)/f; contrast: (c − m)/max(s, f); joint: one divisor for all channels")
    )
    floors: Annotated[float | tuple[float, ...], BeforeValidator(_one_or_each(_positive))] = Field(
        0.02, description="f, the natural or least contrast of a channel, as a share of its range"
    )
    floor_rule: Literal["largest", "added"] = Field(
        "largest", description="largest: the divisor is max(s, f); added: √(s² + f²)"
    )
    normalised_by: Literal["patch", "surround"] = Field(
        "patch", description="whose mean m and deviation s in training: of the patch, or of all but a random rectangle"
    )
    noise: Annotated[float | tuple[float, ...], BeforeValidator(_one_or_each(_number))] = Field(
        0.0, description="σ of Gaussian noise: of the range, or of normalised values"
    )
    flip: bool = Field(True, description="whether every second patch, at random, is mirrored left to right")
    grey: float = Field(0.0, ge=0, lt=1, description="share of patches, at random, that lose their colour in training")
    rotate: bool = Field(False, description="whether patches are turned by 0, 90, 180 or 270°, at random")

    @property
    def channel_count(self) -> int:
        """Numbers per pixel: 3, 1 for luminance, or as many as there are cone-opponent channels."""
        return {"colour": 3, "luminance": 1, "cones": len(self.opponent)}[self.channels]

    @property
    def sees_colour(self) -> bool:
        """Whether any channel is not luminance."""
        return self.channels == "colour" or (self.channels == "cones" and set(self.opponent) != {"A"})

    @property
    def normalisations(self) -> tuple[Normalisation, ...]:
        """How each channel is normalised, ``(channels,)``."""
        return each_of(self.normalise, self.channel_count)

    @property
    def is_normalised(self) -> bool:
        """Whether any channel is."""
        return any(each != "none" for each in self.normalisations)

    @model_validator(mode="after")
    def _fits_the_channels(self) -> PhotographsTable:
        for key in ("normalise", "floors", "noise"):
            value = getattr(self, key)
            if not isinstance(value, tuple):
                continue
            if self.channels != "cones":
                raise ValueError(f"{key}: one per channel is for channels 'cones'; expected a single value")
            if len(value) != len(self.opponent):
                raise ValueError(
                    f"{key}: {len(value)} values; expected one for all channels, or {len(self.opponent)} "
                    f"({', '.join(self.opponent)})"
                )
        if self.channels != "cones" and "joint" in self.normalisations:
            raise ValueError("normalise 'joint' is for channels 'cones'; expected 'none', 'centre' or 'contrast'")
        if self.channels != "cones" and self.opponent != OPPONENT:
            raise ValueError("opponent: channels of cone responses; expected channels 'cones'")
        if self.grey and not self.sees_colour:
            raise ValueError("grey: luminance has no colour to lose; expected 0")
        if "A" not in self.opponent:
            raise ValueError(f"opponent {list(self.opponent)} does not show brightness; expected A among them")
        if self.channels != "cones" and self.compression != "cube-root":
            raise ValueError(f"compression '{self.compression}' is of cone responses; expected channels 'cones'")
        if self.channels != "cones" and self.display != SRGB:
            raise ValueError("display: its light is what cones see; expected channels 'cones'")
        if self.normalised_by == "surround" and not self.is_normalised:
            raise ValueError("normalised_by 'surround' needs something to normalise; expected normalise 'contrast'")
        return self

    @model_validator(mode="after")
    def _has_a_density(self) -> PhotographsTable:
        noise = each_of(self.noise, self.channel_count)
        if self.channels == "cones" and min(noise) == 0:
            raise ValueError("channels 'cones' have no noise of bytes, so no density; expected noise above 0 in each")
        if self.is_normalised and min(noise) == 0:
            raise ValueError(
                f"normalise '{self.normalise}' leaves patches of one mean and one standard deviation, which have no "
                "density; expected noise above 0"
            )
        return self


def each_of(value: _Value | tuple[_Value, ...], n: int) -> tuple[_Value, ...]:
    """A value for each of n channels, where one may stand for all."""
    return value if isinstance(value, tuple) else (value,) * n


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
    kind: Literal["flow", "vae"] = Field("flow", description="flow, or vae: a variational autoencoder")
    flow: FlowTable = FlowTable()
    vae: VaeTable = VaeTable()
    photographs: PhotographsTable = PhotographsTable()
    training: TrainingTable

    @property
    def network(self) -> FlowTable | VaeTable:
        """The table of the network: that with the name of its kind."""
        return self.vae if self.kind == "vae" else self.flow

    def architecture(self) -> Architecture | VaeArchitecture:
        """The shape of the network, for what it sees."""
        return self.network.architecture(self.photographs.channel_count)

    @model_validator(mode="after")
    def _has_one_network(self) -> Recipe:
        other, default = ("flow", FlowTable()) if self.kind == "vae" else ("vae", VaeTable())
        if getattr(self, other) != default:
            raise ValueError(f"[{other}]: is no table of kind '{self.kind}'; expected [{self.kind}]")
        if self.kind == "vae" and self.training.memory != "ordinary":
            raise ValueError("training.memory 'constant' inverts a flow; expected 'ordinary' with kind 'vae'")
        return self


def load_recipe(path: Path) -> Recipe:
    """Read a recipe from a TOML file.

    Raises:
        InputError: as `illusions.content.read_toml`.
    """
    return read_toml(path, Recipe)


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write a recipe as TOML with all defaults and the meaning of each key, atomically.

    Raises:
        InputError: the file cannot be written.
    """
    write_whole(path, _to_toml(recipe).encode())


def _to_toml(recipe: Recipe) -> str:
    lines = [
        f"title = {_value(recipe.title)}",
        f"kind = {_value(recipe.kind)}  # {Recipe.model_fields['kind'].description}",
    ]
    for name in (recipe.kind, "photographs", "training"):
        table: _Table = getattr(recipe, name)
        lines += ["", f"[{name}]"]
        for key, field in type(table).model_fields.items():
            lines.append(f"{key} = {_value(getattr(table, key))}  # {field.description}")
    return "\n".join(lines) + "\n"


def _value(value: str | bool | int | float | Sequence[str | float] | Display) -> str:
    """A value as TOML writes it, which for all of these types but a display is as JSON does."""
    if isinstance(value, Display):
        keys = [f"{key} = {_value(found)}" for key, found in value.written().items()]
        return f"{{ {', '.join(keys)} }}" if keys else "{}"
    return json.dumps(value, ensure_ascii=False)
