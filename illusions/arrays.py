"""The two kinds of arrays that go from room to room."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
#: Values of 8 bits: sRGB, where the last axis has three.
Bytes: TypeAlias = NDArray[np.uint8]
