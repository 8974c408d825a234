"""What a machine, a notebook or a scheduler has set for other programs, and that a command must not go by."""

from __future__ import annotations

import codecs
import os
import sys
import unicodedata

#: They round float32 below PyTorch, and are read once (`illusions.models.numerics`).
_ROUNDING = ("ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE", "NVIDIA_TF32_OVERRIDE")
#: Signs that a code page may lack, in ASCII. A minus that is lost would be another number.
_ASCII = {
    "−": "-", "–": "-", "—": "-", "→": "->", "←": "<-", "×": "x", "÷": "/", "·": "*", "±": "+/-", "≤": "<=", "≥": ">=",
    "≈": "~", "“": '"', "”": '"', "‘": "'", "’": "'", "°": " deg", "∂": "d", "∞": "inf", "√": "sqrt", "∈": "in",
    "ℓ": "l",
}  # fmt: skip


def settle() -> None:
    """Ignore what was set for other programs: for this process, before it imports PyTorch and Matplotlib.

    Environment variables that round products are unset. Figures are drawn without a window, whatever ``MPLBACKEND``
    says. What the encoding of standard output or standard error lacks, as code pages of Windows do, is spelt in ASCII.
    """
    for name in _ROUNDING:
        os.environ.pop(name, None)
    os.environ["MPLBACKEND"] = "agg"
    codecs.register_error(_in_ascii.__name__, _in_ascii)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not where the shell closed it, nor in a notebook
            stream.reconfigure(errors=_in_ascii.__name__)


def _in_ascii(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelt, error.object[error.start : error.end])), error.end


def _spelt(letter: str) -> str:
    """A letter or sign in ASCII: by the table, without its accent, by its name if Greek; else a question mark."""
    plain = _ASCII.get(letter) or unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    *_, last = unicodedata.name(letter, "?").lower().split()
    return plain or (last if "GREEK" in unicodedata.name(letter, "") else "?")
