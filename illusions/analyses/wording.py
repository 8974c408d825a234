"""Shared wording: numbers with errors, lists, models, and the look of a higher rank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from illusions.estimates import with_error as with_error
from illusions.stimuli.axes import AXES

if TYPE_CHECKING:
    from illusions.models.model import Model

#: How a target with the higher percentile rank looks, by axis.
_LOOKS = {
    "brightness": "brighter",
    "lightness": "lighter",
    "saturation": "more saturated",
    "chroma": "more colourful",
    "hue": "shifted towards higher hue angles",
    "a": "redder",
    "b": "yellower",
    "l-m": "redder",
    "s-lm": "more violet",
    "dkl-hue": "shifted towards higher azimuths",
    "dkl-contrast": "more saturated",
}
#: Of the axes on which a grey is 0: how the one with the lower rank looks.
_LOOKS_LOWER = {"a": "greener", "b": "bluer", "l-m": "greener", "s-lm": "more yellow-green"}


def axis_named(axis: str) -> str:
    """Name of an axis in sentences and figures: ``"a*"`` for the axis ``"a"``, ``"brightness"`` for itself."""
    return AXES[axis].short if axis in AXES else axis


def looks_lower(axis: str) -> str:
    """How the target with the lower rank looks, where that has a name of its own; else empty."""
    return _LOOKS_LOWER.get(axis, "")


def looks(axis: str) -> str:
    """How the target with the higher percentile rank looks: ``"brighter"`` for the axis ``"brightness"``."""
    return _LOOKS.get(axis, f"higher in {axis}")


def model_named(model: Model) -> str:
    """``"Model natural16"``; of a model that sees something else than colours, what that is too."""
    return f"Model {model.name}" + ("" if model.view.is_invertible else f", which sees {model.view}")


def percent(change: float, decimals: int = 1) -> str:
    """A signed per cent, ``"+24.0 %"``, with a real minus."""
    return f"{change:+.{decimals}f} %".replace("-", "−")


def and_list(words: Sequence[str]) -> str:
    """``"a"``, ``"a and b"``, ``"a, b and c"``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
