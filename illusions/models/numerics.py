"""Numbers that do not depend on what the surrounding program set in PyTorch.

`torch.set_float32_matmul_precision("medium")`, autocast, TF32 or another default type each change what a flow computes,
without a word: with products of bfloat16 the log-likelihoods of natural16 are off by up to 119 nats. So a flow scores,
encodes, samples and trains under its own settings, and its caller finds theirs as they were.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from typing import Any, NamedTuple

import torch
from torch.nn import functional as F

#: Environment variables by which oneDNN rounds float32.
ROUNDING_VARIABLES = ("ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE")
_lock = threading.Lock()
_inside = 0
_put_back = ExitStack()


class _Switch(NamedTuple):
    """A setting of the whole process: how it is read and written, and the value that a flow needs."""

    read: Callable[[], Any]
    write: Callable[[Any], Any]
    needed: Any


@contextmanager
def own_numerics(*, gradients: bool = False) -> Iterator[None]:
    """Compute under a flow's own numeric settings, and put those of the caller back.

    Inside, float32 is float32 on every device (neither TF32 nor bfloat16), it is the default type, the CPU is the
    default device, autocast is off, subnormal numbers are kept, and oneDNN and cuDNN choose the same kernels each time.
    Settings of the whole process change for all its threads, until the last of them leaves.

    Args:
        gradients: whether gradients may be computed inside, or from tensors that are made inside. Otherwise
            `torch.inference_mode` is on.
    """
    with ExitStack() as stack:
        if _flushes_subnormals():
            torch.set_flush_denormal(False)
            stack.callback(torch.set_flush_denormal, True)
        for device in ("cpu", "cuda", "mps"):
            if torch.is_autocast_enabled(device):
                stack.enter_context(torch.autocast(device, enabled=False))
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        stack.enter_context(torch.inference_mode(not gradients))
        _enter()
        stack.callback(_leave)
        yield


def _flushes_subnormals() -> bool:
    """Whether this thread takes the smallest numbers for 0, as `torch.set_flush_denormal` asks for."""
    return (torch.tensor(5e-324, dtype=torch.float64, device="cpu") + 0).item() == 0


def _enter() -> None:
    global _inside, _put_back
    with _lock:
        if _inside == 0:
            _put_back = _write_all(_switches())
        _inside += 1


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            _put_back.close()


def _write_all(switches: Iterator[_Switch]) -> ExitStack:
    """Set switches, each read after those before it were set; what is returned puts them back, the last one first."""
    with ExitStack() as stack:
        for switch in switches:
            stack.callback(switch.write, switch.read())  # even if it is as needed: one switch may move another
            switch.write(switch.needed)
        return stack.pop_all()


def _switches() -> Iterator[_Switch]:
    yield _Switch(torch.get_default_dtype, torch.set_default_dtype, torch.float32)
    yield from _precisions()
    mkldnn, cudnn, products = torch.backends.mkldnn, torch.backends.cudnn, torch.backends.cuda.matmul
    yield _attribute(mkldnn, "enabled", True)
    if convolutions_are_rounded():
        yield _attribute(mkldnn, "enabled", False)
    yield _attribute(mkldnn, "deterministic", False)
    yield _attribute(cudnn, "enabled", True)
    yield _attribute(cudnn, "benchmark", False)
    yield _attribute(cudnn, "deterministic", True)
    yield _attribute(products, "allow_bf16_reduced_precision_reduction", True)


def _precisions() -> Iterator[_Switch]:
    """How float32 is rounded. PyTorch has an older and a newer way to say it, which callers may have mixed."""
    older = _Switch(torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "highest")
    cudnn = _attribute(torch.backends.cudnn, "allow_tf32", False)
    if not hasattr(torch._C, "_get_fp32_precision_getter"):  # before PyTorch 2.9
        yield from (older, cudnn)
        return
    for backend in ("generic", "cuda", "mkldnn"):  # their precision holds where an operation has none of its own
        yield _precision(backend, "all", "none")
    for backend in ("cuda", "mkldnn"):
        yield _precision(backend, "matmul", "ieee")
    yield older
    for operation in ("conv", "rnn"):
        yield _precision("cuda", operation, "none")
    yield cudnn._replace(read=_cudnn_allows_tf32)
    for backend in ("cuda", "mkldnn"):
        yield _precision(backend, "conv", "ieee")


def _cudnn_allows_tf32() -> bool:
    """The older setting, while the newer ones are "none": PyTorch then refuses to tell it where it contradicts them."""
    try:
        return torch.backends.cudnn.allow_tf32
    except RuntimeError:
        return True


def _precision(backend: str, operation: str, needed: str) -> _Switch:
    read = partial(torch._C._get_fp32_precision_getter, backend, operation)
    return _Switch(read, partial(torch._C._set_fp32_precision_setter, backend, operation), needed)


def _attribute(holder: Any, name: str, needed: bool) -> _Switch:
    return _Switch(partial(getattr, holder, name), partial(setattr, holder, name), needed)


@cache
def convolutions_are_rounded() -> bool:
    """Whether oneDNN rounds float32 in convolutions whatever PyTorch is told, by ``ONEDNN_DEFAULT_FPMATH_MODE``.

    oneDNN reads the variable once, with its first kernel, and nothing in PyTorch sets it back. Convolutions then go
    without oneDNN: they take longer, and differ in the last digits. The command line unsets the variable.
    """
    if not any(os.environ.get(name) for name in ROUNDING_VARIABLES):
        return False
    x = torch.full((4, 32, 16, 16), 1 + 2**-12, device="cpu", dtype=torch.float32)  # bfloat16 has 8 bits
    y = F.conv2d(x, torch.ones(32, 32, 3, 3, device="cpu", dtype=torch.float32))
    rounded = bool((y - 9 * 32 * x[..., :-2, :-2]).abs().max() > 1e-3)
    if rounded:
        warnings.warn(
            f"{' or '.join(ROUNDING_VARIABLES)} rounds convolutions; models compute without oneDNN, which takes longer",
            stacklevel=2,
        )
    return rounded
