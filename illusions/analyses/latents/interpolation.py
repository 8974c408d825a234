"""Between two patches: along a straight line through latent space, against the straight blend of their pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.contact_sheet import tile
from illusions.analyses.drawing.style import RC, STYLES, WIDTH
from illusions.errors import InputError
from illusions.models.evaluation import bits_per_dimension
from illusions.models.latents import decode, encode, is_finite, to_bytes

if TYPE_CHECKING:
    from illusions.arrays import Bytes
    from illusions.models.model import Model

LATENT, PIXELS = "latent space", "pixels"


@dataclass(frozen=True, eq=False)
class Interpolation:
    """The steps from one patch to another, on both paths.

    Attributes:
        patches: by path, `LATENT` and `PIXELS`: shape (steps, size, size, 3), sRGB.
        frame: the rows of ``interpolation.csv``: path, step, share (of the second patch, 0 to 1), log_likelihood,
            standard_error (nats), bits_per_dimension, model.
    """

    patches: dict[str, Bytes]
    frame: pd.DataFrame


def interpolate(
    first: Bytes, second: Bytes, model: Model, *, steps: int = 9, draws: int = 8, seed: int = 0
) -> Interpolation:
    """Go from one patch to another in equal steps, and say how likely each step is on either path.

    In latent space a step is decode((1 − t) z₁ + t z₂), as in section 6 of Kingma & Dhariwal 2018; in pixels it is
    (1 − t) x₁ + t x₂. Both begin and end with the patches themselves, and all steps share the dequantisation noise.

    Args:
        first: shape (size, size, 3), sRGB.
        second: the same.
        model: the flow.
        steps: how many, both ends included, at least 2.
        draws: of the noise, for the likelihood and its standard error.
        seed: of the noise.

    Raises:
        InputError: a step in latent space overflows.
    """
    shares = np.linspace(0, 1, steps)
    ends = np.stack([first, second])
    z = encode(model, ends, seed=seed)
    colours = decode(model, _blend(z, shares))
    if not is_finite(colours).all():
        lost = shares[~is_finite(colours)]
        raise InputError(f"between the two patches the flow overflows, at {lost[0]:.2f} of the way; expected others")
    patches = {LATENT: to_bytes(colours), PIXELS: np.rint(_blend(ends.astype(np.float32), shares)).astype(np.uint8)}
    frames = []
    for path, steps_of_path in patches.items():
        nats = model.log_likelihood_draws(steps_of_path, draws=draws, seed=seed)
        frames.append(
            pd.DataFrame(
                {
                    "path": path,
                    "step": np.arange(steps),
                    "share": shares,
                    "log_likelihood": nats.mean(axis=0),
                    "standard_error": nats.std(axis=0, ddof=1) / np.sqrt(draws) if draws > 1 else np.nan,
                    "bits_per_dimension": bits_per_dimension(nats.mean(axis=0), model.dimensions),
                    "model": model.name,
                }
            )
        )
    return Interpolation(patches, pd.concat(frames, ignore_index=True))


def interpolation_figure(done: Interpolation, *, caption: str = "") -> Figure:
    """The steps on both paths, and beneath them how likely each is."""
    steps = len(done.patches[LATENT])
    height = WIDTH / steps + 0.25
    with mpl.rc_context(RC):
        figure, (above, middle, below) = canvas([height, height, 2.6], caption)
        axes = figure.add_subplot(below)
        for place, path, (colour, dash) in zip((above, middle), done.patches, STYLES, strict=False):
            row = bare(figure.add_subplot(place))
            row.imshow(tile(done.patches[path], steps), interpolation="nearest")
            row.set_title(f"through {path}" if path == LATENT else f"blend of the {path}", fontsize=9, loc="left")
            frame = done.frame[done.frame["path"] == path]
            style: dict[str, Any] = {
                "color": colour,
                "linestyle": dash,
                "linewidth": 1.8,
                "capsize": 2,
                "marker": "o",
                "markersize": 4,
            }
            axes.errorbar(frame["share"], frame["log_likelihood"], frame["standard_error"], label=path, **style)
        margin = 0.5 / (steps - 1)
        axes.set_xlim(-margin, 1 + margin)
        axes.set_xlabel("share of the second patch")
        axes.set_ylabel("log-likelihood, nats")
        axes.legend(fontsize=9, handlelength=2.6)
    return figure


def interpolation_sentence(done: Interpolation) -> str:
    """How likely the middle is on either path, against the ends."""
    bits = done.frame.pivot(index="step", columns="path", values="bits_per_dimension")
    middle = len(bits) // 2
    share = done.frame["share"].iloc[middle]
    ends = (bits[PIXELS].iloc[0] + bits[PIXELS].iloc[-1]) / 2
    latent, pixels = (bits[path].iloc[middle] for path in (LATENT, PIXELS))
    return (
        f"At {100 * share:.0f} % of the way the model gives the path through latent space {latent:.2f} bits per "
        f"dimension and the blend of the pixels {pixels:.2f}; the two ends have {ends:.2f} on average."
    )


def interpolation_caption(done: Interpolation) -> str:
    """What the figure shows, with its model."""
    return (
        "From one patch to another: above along a straight line between their latents, in the middle by blending their "
        "pixels; both begin and end with the same patches. Below: how likely each step is, ± 1 standard error over "
        f"draws of the noise. {interpolation_sentence(done)} Model {done.frame['model'].iloc[0]}."
    )


def _blend(ends: NDArray[Any], shares: NDArray[np.float64]) -> NDArray[np.float32]:
    """From ends (2, …) to steps (n, …), by their shares of the second, (n,)."""
    t = shares.reshape(-1, *[1] * (ends.ndim - 1))
    return np.asarray((1 - t) * ends[:1] + t * ends[1:], dtype=np.float32)
