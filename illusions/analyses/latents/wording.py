"""Captions and sentences of samples, interpolations and edits."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from illusions.analyses.latents.editing import QUARTER, selectivity
from illusions.analyses.latents.interpolation import LATENT, PIXELS, Interpolation
from illusions.analyses.latents.samples import Samples


def samples_caption(samples: Samples) -> str:
    """Caption of the contact sheet, with model and temperature."""
    bits = samples.bits_per_dimension
    overflowed = f"; {samples.overflowed} more draws overflowed and are not shown" if samples.overflowed else ""
    seen = f" The model sees {samples.seen}, and this is what is shown." if samples.seen else ""
    return (
        f"Patches drawn from the model {samples.model}: latents from the prior with their standard deviation times "
        f"{samples.prior_temperature:g}, decoded. {100 * samples.clipped:.2g} % of their colour values lay outside of "
        f"sRGB and were clipped{overflowed}. The model itself gives them {bits.mean():.2f} bits per dimension on "
        f"average ({bits.min():.2f} to {bits.max():.2f}).{seen}"
    )


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
    """Caption of the figure, with the model."""
    return (
        "From one patch to another: above along a straight line between their latents, in the middle by blending their "
        "pixels; both begin and end with the same patches. Below: how likely each step is, ± 1 standard error over "
        f"noise samples. {interpolation_sentence(done)} Model {done.frame['model'].iloc[0]}."
    )


def editing_caption(model: str, *, shown: str, made_from: str, deviations: str, errors: str) -> str:
    """Caption of the figure of editing, with the model.

    Args:
        model: its name.
        shown: whose patches are shown.
        made_from: whose patches the directions were made from.
        deviations: over what the standard deviations are that changes are measured in.
        errors: over what the standard errors are.
    """
    share = f"{100 * QUARTER:.0f} %"
    return (
        f"Above: {shown} moved along the direction of each attribute in latent space (the mean latent of {made_from} "
        f"in the upper {share} of it minus that of those in the lower), from −1 to +1 times its length; the middle one "
        f"of each five is the patch itself. Below: how far strength +1 moves each measure, in its standard deviations "
        f"{deviations} (bits per dimension: in each photograph the median); on the diagonal the attribute that was "
        f"meant, beside it everything else. Errors: {errors}. Model {model}."
    )


def editing_sentences(measured: pd.DataFrame) -> Iterator[str]:
    """For every direction: how far its own attribute moves, how far the others do, and what did not decode."""
    strength = measured["strength"].max()
    for row in selectivity(measured).to_dict("records"):
        own = f"{row['own']:+.2f}".replace("-", "−")
        yield (
            f"{row['direction']}: at strength +{strength:g} it moves by {own} standard deviations, the other "
            f"attributes by {row['others']:.2f} (root mean square)."
        )
    lost = measured["overflowed"].max()
    if lost:
        yield f"Up to {100 * lost:.1f} % of the patches overflowed when moved, and were left out."
