"""Whether the inverse and the likelihood of a flow are exact, and the cost of the inverse."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pydantic import Field
from torch import Tensor

from illusions import progress
from illusions.analyses.claims.analysis import Analysis, Claim, Finding, Models
from illusions.analyses.claims.verdicts import NO, YES, verdict
from illusions.analyses.drawing.canvas import canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, STYLES
from illusions.analyses.patches.photographs import EachKey, PhotographsKey, photograph_crops
from illusions.models.glow import standard_normal_log_prob
from illusions.models.latents import BATCH, dequantised
from illusions.models.numerics import own_numerics

if TYPE_CHECKING:
    from illusions.arrays import Bytes, Floats
    from illusions.models.model import Model

#: Half of a step of 8 bits, on the scale of x: within it, a patch comes back to the byte.
_HALF_STEP = 1 / 512
#: The inverse is called exact where in float64 it errs by less, and the likelihood where it differs by less, in nats.
EXACT, EXACT_NATS = 1e-9, 1e-3
#: Going backwards is called as cheap as going forwards within this factor.
AS_CHEAP = 1.5
#: How far x is moved to each side to differentiate the flow by.
_STEP = 1e-8
_SINGLE, _DOUBLE = "float32", "float64"


class InverseAnalysis(Analysis):
    """Patches of photographs to latents and back, in single and in double precision, against the clock.

    The claim is put to the test four times: in float64, does a patch come back to within `EXACT` (in float32, to the
    byte)? Is the log-likelihood that of the change of variables, with a Jacobian found by finite differences? Does
    going backwards cost no more than `AS_CHEAP` times as much as going forwards?
    """

    kind: Literal["inverse"]
    photographs: PhotographsKey
    each: EachKey
    #: How often each direction is timed; the fastest counts.
    repetitions: Annotated[int, Field(ge=1, le=100)] = 3
    model: str = "natural16"
    claim: Claim

    def run(self, models: Models, *, seed: int) -> Finding:
        """Go there and back, differentiate, and look at the clock."""
        model = models(self.model)
        double = model.double()
        patches = photograph_crops(self.photographs, self.each, size=model.size, seed=seed).patches
        errors = {name: round_trip(one, patches, seed) for name, one in ((_SINGLE, model), (_DOUBLE, double))}
        numerical, stated = likelihood_by_differences(double, patches[:1], seed)
        forward, backward = self._seconds(model, patches[:BATCH], seed)
        table = pd.DataFrame(
            [
                *({"measure": f"largest error of a patch that comes back, {name}", "value": float(worst.max())}
                  for name, worst in errors.items()),
                {"measure": "log-likelihood of a patch by finite differences, nats", "value": numerical},
                {"measure": "log-likelihood of the same patch as the flow says, nats", "value": stated},
                {"measure": "forward, ms per patch", "value": forward},
                {"measure": "backward, ms per patch", "value": backward},
                {"measure": "backward ÷ forward", "value": backward / forward},
            ]
        ).assign(model=model.name)  # fmt: skip
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=" ".join(_sentences(errors, numerical, stated, forward, backward)),
            verdict=verdict(_checks(errors, numerical, stated, backward / forward)),
            caption=(
                f"Left: {len(patches)} patches of {len(self.photographs)} photographs to latents and back, and by how "
                "much the colour that errs most is off, in units of the range of sRGB; dotted: half of a step of 8 "
                f"bits. Right: the time per patch of {min(len(patches), BATCH)} patches at once in float32 in either "
                f"direction, the fastest of {self.repetitions}; it depends on the machine, and varies from run to run. "
                f"The claim is taken to hold where float64 errs by less than {EXACT:g} and float32 by less than half a "
                f"step, the log-likelihood of a patch agrees to {EXACT_NATS:g} nats with that by finite differences, "
                f"and the inverse takes at most {AS_CHEAP:g} times as long. Model {model.name}."
            ),
            table=table,
            draw=lambda text: _figure(errors, forward, backward, text),
        )

    def _seconds(self, model: Model, patches: Bytes, seed: int) -> tuple[float, float]:
        """Milliseconds per patch forward and backward, the fastest of several; both in turn."""
        x = dequantised(model, patches, seed=seed)
        forward, backward = [], []
        with own_numerics():
            for _ in range(self.repetitions):
                z, seconds = _timed(model.flow.encode, x)
                forward.append(seconds)
                backward.append(_timed(model.flow.decode, z)[1])
        return 1e3 * min(forward) / len(patches), 1e3 * min(backward) / len(patches)


def round_trip(model: Model, patches: Bytes, seed: int) -> Floats:
    """By how much the worst value of each patch is off after decode(encode(x)), shape (n,); infinite on overflow."""
    worst = []
    with own_numerics():
        for start in range(0, len(patches), BATCH):
            x = dequantised(model, patches[start : start + BATCH], seed=seed)
            off = (model.flow.decode(model.flow.encode(x)) - x).abs().flatten(1).amax(dim=1)
            worst.append(torch.nan_to_num(off, nan=np.inf, posinf=np.inf).double().cpu().numpy())
            progress.report(len(x))
    return np.concatenate(worst)


def likelihood_by_differences(model: Model, patch: Bytes, seed: int) -> tuple[float, float]:
    """The log-density of one patch, in nats, by the change of variables, and as the flow says.

    The Jacobian is found by central differences, column by column: nothing of the flow's own bookkeeping goes in.

    Args:
        model: in float64.
        patch: shape (1, size, size, 3), sRGB.
        seed: of the noise.
    """
    x = dequantised(model, patch, seed=seed)
    steps = _STEP * torch.eye(model.dimensions, dtype=x.dtype).view(-1, *x.shape[1:])
    with own_numerics():
        columns = []
        for some in steps.split(BATCH):
            columns.append((model.flow.encode(x + some) - model.flow.encode(x - some)) / (2 * _STEP))
            progress.report(len(some))
        log_det = torch.linalg.slogdet(torch.cat(columns)).logabsdet
        numerical = standard_normal_log_prob(model.flow.encode(x)) + log_det
        return float(numerical), float(model.flow.log_prob(x))


def _timed(work: Any, given: Tensor) -> tuple[Tensor, float]:
    if given.is_cuda:
        torch.cuda.synchronize()
    start = time.perf_counter()
    done = work(given)
    if given.is_cuda:
        torch.cuda.synchronize()
    return done, time.perf_counter() - start


def _checks(errors: dict[str, Floats], numerical: float, stated: float, ratio: float) -> list[str]:
    passed = [
        errors[_DOUBLE].max() < EXACT,
        errors[_SINGLE].max() < _HALF_STEP,
        abs(numerical - stated) < EXACT_NATS,
        ratio <= AS_CHEAP,
    ]
    return [YES if test else NO for test in passed]


def _sentences(
    errors: dict[str, Floats], numerical: float, stated: float, forward: float, backward: float
) -> Iterator[str]:
    yield (
        f"Patches come back to within {errors[_SINGLE].max():.1e} of the range of sRGB in float32 and to within "
        f"{errors[_DOUBLE].max():.1e} in float64."
    )
    lost = (errors[_SINGLE] >= _HALF_STEP).sum()
    if lost:
        yield f"In float32 {lost} of {len(errors[_SINGLE])} patches are off by more than half a step of 8 bits."
    yield (
        f"The log-density of a patch is {numerical:.4f} nats by finite differences and {stated:.4f} as the flow says, "
        f"a difference of {abs(numerical - stated):.1e}."
    )
    yield (
        f"Forward takes {forward:.2f} ms per patch here, backward {backward:.2f}: {backward / forward:.2f} times as "
        "long."
    )


def _figure(errors: dict[str, Floats], forward: float, backward: float, caption: str) -> Figure:
    with mpl.rc_context(RC):
        figure, (place,) = canvas([2.6], caption)
        panels = place.subgridspec(1, 2, width_ratios=[2, 1])
        _draw_errors(figure.add_subplot(panels[0]), errors)
        axes = figure.add_subplot(panels[1])
        axes.bar(["forward", "backward"], [forward, backward], color=[STYLES[0][0], STYLES[1][0]], width=0.6)
        axes.set_ylabel("ms per patch")
    return figure


def _draw_errors(axes: Axes, errors: dict[str, Floats]) -> None:
    shown = {name: np.log10(np.clip(worst, 1e-18, 1e6)) for name, worst in errors.items()}
    everything = np.concatenate(list(shown.values()))
    edges = list(np.linspace(everything.min() - 0.3, max(everything.max(), np.log10(_HALF_STEP)) + 0.3, 60))
    for (name, values), (colour, _) in zip(shown.items(), STYLES, strict=False):
        axes.hist(values, edges, color=colour, label=name)
    axes.axvline(np.log10(_HALF_STEP), color=INK, linewidth=0.8, linestyle=":")
    axes.set_xlabel("log₁₀ of the largest error of a patch")
    axes.set_ylabel("patches")
    axes.legend(fontsize=9)
