"""Why people misjudge the brightness and the colour of a patch, and how far image statistics explain it.

::

    import illusions

    model = illusions.load_model("natural16")
    stimulus = illusions.load_stimulus("brightness-contrast")
    curves = illusions.rank(stimulus, model, temperature="bits-per-dim")
    illusions.match(curves["dark"], stimulus.value, curves["light"])

    illusions.predict(stimulus).matches  # the same by a named reading, here the one that predicts best
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from illusions import representations
from illusions.errors import InputError

if TYPE_CHECKING:
    from illusions import stimuli
    from illusions.analyses.densities.matching import match
    from illusions.analyses.effects.effect import effect
    from illusions.analyses.effects.sweep import sweep
    from illusions.analyses.ranks.plotting import plot, plot_effects
    from illusions.analyses.readings.colour_matching import colour_match
    from illusions.analyses.readings.ranking import rank
    from illusions.analyses.readings.reading import predict
    from illusions.models.model import load_model
    from illusions.stimuli.from_pictures import from_pictures
    from illusions.stimuli.from_stimupy import from_stimupy
    from illusions.stimuli.loading import load_stimulus
    from illusions.tables import read_table

__version__ = "0.1.0"
__all__ = [
    "InputError",
    "__version__",
    "colour_match",
    "effect",
    "from_pictures",
    "from_stimupy",
    "load_model",
    "load_stimulus",
    "match",
    "plot",
    "plot_effects",
    "predict",
    "rank",
    "read_table",
    "stimuli",
    "sweep",
]

# Imported on first use, so that ``import illusions`` costs nothing and needs no torch.
_LAZY = {
    "colour_match": "illusions.analyses.readings.colour_matching",
    "effect": "illusions.analyses.effects.effect",
    "from_pictures": "illusions.stimuli.from_pictures",
    "from_stimupy": "illusions.stimuli.from_stimupy",
    "load_model": "illusions.models.model",
    "load_stimulus": "illusions.stimuli.loading",
    "match": "illusions.analyses.densities.matching",
    "plot": "illusions.analyses.ranks.plotting",
    "plot_effects": "illusions.analyses.ranks.plotting",
    "predict": "illusions.analyses.readings.reading",
    "rank": "illusions.analyses.readings.ranking",
    "read_table": "illusions.tables",
    "sweep": "illusions.analyses.effects.sweep",
}

representations.RENDERERS.append("illusions.analyses.ranks.notebook")


def __getattr__(name: str) -> Any:
    if name == "stimuli":
        return import_module("illusions.stimuli")
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'illusions' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
