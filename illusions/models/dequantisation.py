"""From bytes to the continuous values that a flow models, and the likelihood back.

A colour value b of 8 bits is cut to `bits` bits and spread evenly over its bin: x = (⌊b / 2^(8 − bits)⌋ + u) / 2^bits
− 1/2 with u uniform on [0, 1) (Uria et al. 2013, arXiv 1306.0186; Theis et al. 2016, arXiv 1511.01844, section 3.1).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from illusions.models.devices import widest_float


def dequantise(patches: Tensor, noise: Tensor, bits: int) -> Tensor:
    """Continuous values in [-1/2, 1/2) of patches.

    Args:
        patches: ``(n, size, size, channels)`` uint8.
        noise: u, uniform on [0, 1), of a shape that broadcasts to that of the patches.
        bits: how many bits of every value are kept, 1 to 8.

    Returns:
        x, of the shape of the patches and the type of the noise.
    """
    x: Tensor = ((patches >> (8 - bits)) + noise) / 2**bits - 0.5
    return x


def eight_bit_log_likelihood(log_density: Tensor, dimensions: int) -> Tensor:
    """Log-likelihood of 8-bit data, nats, from the log-density of x.

    A bin of one `bits`-bit value has the volume 2^−bits per dimension and holds 2^(8 − bits) values of 8 bits, equally
    likely, so that together log P = log p(x) − D ln 256 whatever the bits. Averaged over u this is a lower bound of
    the log-likelihood of the bytes (equation 3 of Theis et al.).
    """
    return log_density.to(widest_float(log_density.device)) - dimensions * math.log(256)


def uniform_noise(shape: tuple[int, ...], *, seed: int, draw: int) -> NDArray[np.float32]:
    """Noise u on [0, 1), the same on every device and in every version for the same seed and draw."""
    return np.random.Generator(np.random.PCG64([seed, draw])).random(shape, dtype=np.float32)


def gaussian_noise(shape: tuple[int, ...], *, seed: int, draw: int) -> NDArray[np.float32]:
    """Standard normal noise, the same on every device for the same seed and draw; independent of `uniform_noise`."""
    own = np.random.SeedSequence([seed, draw], spawn_key=(1,))
    return np.random.Generator(np.random.PCG64(own)).standard_normal(shape, dtype=np.float32)
