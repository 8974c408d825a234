"""The training curve of a model: how well it predicted photographs that it had not seen, patch by patch."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from illusions.analyses.claims.analysis import Analysis, Finding, Models
from illusions.analyses.drawing.canvas import canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import STYLES
from illusions.analyses.wording import with_error
from illusions.content import find
from illusions.errors import InputError


class TrainingAnalysis(Analysis):
    """Bits per dimension on training and on validation photographs over the patches seen, from a model's ``log.csv``.

    No source claims anything about it, so there is no verdict.
    """

    kind: Literal["training"]
    model: str = "natural16"

    def run(self, models: Models, *, seed: int) -> Finding:
        """Read the log that was written while the model was trained."""
        from illusions.models.training_log import LOG

        folder = find("models", self.model)
        log = read_log(folder / LOG)
        return Finding(
            title=self.title,
            claim=None,
            measured=_measured(log),
            verdict=None,
            caption=(
                f"{folder.resolve().name}: bits per dimension of 8-bit patches over the patches that it was trained "
                "on; lower is better. Validation: photographs that it was not trained on, scored with the running mean "
                "of the weights, which is what is shipped; band: ± 1 standard error over photographs. They are the "
                "same photographs each time, so the band says how far other photographs would shift the whole curve; "
                "its steps are known far better. Training: the mean since the row before, with the weights of the "
                "moment, on other photographs; so its course can be compared, not its level."
            ),
            table=log,
            draw=lambda text: training_figure(log, caption=text),
        )


def read_log(path: Path) -> pd.DataFrame:
    """The log of a training run, a row per validation; columns as in ``illusions.models.training.LogRow``.

    Raises:
        InputError: there is none, or it is not such a log.
    """
    from illusions.models.training_log import LogRow

    if not path.is_file():
        raise InputError(f"{path}: no such file; expected the log that 'illusions train' writes beside the weights")
    columns = [field.name for field in fields(LogRow)]
    try:
        log = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as the log of a training run ({error})") from None
    if list(log.columns) != columns or log.empty:
        raise InputError(f"{path}: is no log of a training run; expected rows with the columns {', '.join(columns)}")
    numbers: pd.DataFrame = log.apply(pd.to_numeric, errors="coerce")
    wrong = np.flatnonzero(~np.isfinite(numbers.to_numpy(dtype=float)).all(axis=1))
    if len(wrong):
        raise InputError(f"{path}: row {wrong[0] + 2} holds something that is not a finite number")
    return numbers


def training_figure(log: pd.DataFrame, *, caption: str = "") -> Figure:
    """Bits per dimension, of training and validation, over the patches seen.

    Args:
        log: columns as in ``illusions.models.training.LogRow``.
        caption: printed beneath.
    """
    with mpl.rc_context(RC):
        figure, (place,) = canvas([3.4], caption)
        axes = figure.add_subplot(place)
        x = log["patches"] / 1e6
        (colour, dash), (other, dots) = STYLES[0], STYLES[1]
        mean, error = log["validation_bits_per_dimension"], log["standard_error"]
        axes.fill_between(x, mean - error, mean + error, color=colour, alpha=0.25, linewidth=0)
        axes.plot(x, log["train_bits_per_dimension"], color=other, linestyle=dots, linewidth=1.4, label="training")
        axes.plot(x, mean, color=colour, linestyle=dash, linewidth=1.8, marker="o", markersize=3, label="validation")
        axes.annotate(
            f"{mean.iloc[-1]:.3f}", (x.iloc[-1], mean.iloc[-1]), (0, 5), textcoords="offset points", color=colour,
            ha="right", va="bottom",
        )  # fmt: skip
        axes.set_xlim(left=0)
        axes.set_xlabel("patches seen, millions")
        axes.set_ylabel("bits per dimension")
        axes.legend(fontsize=9, loc="upper right")
    return figure


def _measured(log: pd.DataFrame) -> str:
    last = log.iloc[-1]
    before = log[log["patches"] <= 0.9 * last["patches"]]
    error = float(last["standard_error"])
    sentences = [
        f"After {last['patches'] / 1e6:.2f} million patches ({last['update']:,.0f} updates, {_hours(last['seconds'])}) "
        f"it needs {with_error(float(last['validation_bits_per_dimension']), error)} bits per dimension on validation "
        "photographs."
    ]
    if len(before):
        gained = float(before.iloc[-1]["validation_bits_per_dimension"] - last["validation_bits_per_dimension"])
        sentences.append(f"The last tenth of the training brought {gained:.3f}.")
    return " ".join(sentences)


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 5400 else f"{seconds / 60:.0f} minutes"
