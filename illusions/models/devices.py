"""The choice of a device, and settings that make a CPU fast."""

from __future__ import annotations

import ctypes
import sys
from typing import Literal

import torch

from illusions.errors import InputError

Precision = Literal["32", "bf16"]


def choose_device(name: str) -> torch.device:
    """The device behind ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``; auto takes the first of cuda, mps, cpu.

    Raises:
        InputError: the device is unknown or not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, available in there.items() if available)
    if name not in there:
        raise InputError(f"no device is called '{name}'; expected auto, cpu, cuda or mps")
    if not there[name]:
        raise InputError(f"this machine has no {name} device that PyTorch can use; expected cpu or auto")
    return torch.device(name)


def widest_float(device: torch.device) -> torch.dtype:
    """The most precise floating-point type of a device: float64, or float32 on Apple's GPUs, which have no other."""
    return torch.float32 if device.type == "mps" else torch.float64


def keep_freed_memory(megabytes: int) -> None:
    """Let the process keep freed memory instead of giving it back to the system (Linux with glibc; else nothing).

    By default glibc gives arrays of some megabytes back when they are freed and asks for them anew a moment later; the
    page faults cost up to a third of the time on a CPU.

    Args:
        megabytes: how much freed memory is kept at most, up to 2047.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt") and hasattr(libc, "gnu_get_libc_version"):
        m_trim_threshold, m_top_pad, m_mmap_threshold = -1, -2, -3  # malloc.h
        libc.mallopt(m_mmap_threshold, 2**25)  # the largest that glibc accepts
        libc.mallopt(m_trim_threshold, megabytes * 2**20)
        libc.mallopt(m_top_pad, 2**26)
