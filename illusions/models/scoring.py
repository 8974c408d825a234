"""Likelihoods of many patches, fast: everything that does not depend on the patch is computed once."""

from __future__ import annotations

import torch
from torch import Tensor

from illusions.models.glow import Glow


class Scorer:
    """Log-density of patches under a flow whose weights no longer change.

    Args:
        flow: the flow. Changes of its weights after this call have no effect.
        coupling_dtype: type in which the networks inside the couplings run; by default that of the flow.
    """

    #: Patches per batch and thread on a CPU: the hidden layers of a coupling (8×8 pixels) then stay in its cache.
    PATCHES_PER_THREAD = 64

    def __init__(self, flow: Glow, coupling_dtype: torch.dtype | None = None) -> None:
        self._flow = flow
        self._coupling_dtype = coupling_dtype

    @torch.inference_mode()
    def __call__(self, x: Tensor) -> Tensor:
        """Log-density ``(n,)``, nats, of continuous patches ``(n, size, size, channels)``."""
        with torch.autocast(x.device.type, self._coupling_dtype, enabled=self._coupling_dtype is not None):
            return torch.cat([self._flow.log_prob(batch) for batch in x.split(128)])
