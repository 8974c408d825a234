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

from illusions.errors import InputError

if TYPE_CHECKING:
    from illusions.analyses.ranks.matching import match
    from illusions.analyses.ranks.ranking import rank
    from illusions.analyses.ranks.reading import predict
    from illusions.models.model import load_model
    from illusions.stimuli.from_pictures import from_pictures
    from illusions.stimuli.loading import load_stimulus

__version__ = "0.1.0"
__all__ = ["InputError", "__version__", "from_pictures", "load_model", "load_stimulus", "match", "predict", "rank"]

# Imported on first use, so that ``import illusions`` costs nothing and needs no torch.
_LAZY = {
    "from_pictures": "illusions.stimuli.from_pictures",
    "load_model": "illusions.models.model",
    "load_stimulus": "illusions.stimuli.loading",
    "match": "illusions.analyses.ranks.matching",
    "predict": "illusions.analyses.ranks.reading",
    "rank": "illusions.analyses.ranks.ranking",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'illusions' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
