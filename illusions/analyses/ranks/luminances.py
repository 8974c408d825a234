"""Tables of ranks and of matches with luminances in cd/m² beside their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from illusions.displays import Display
from illusions.stimuli.luminances import surround_luminance, target_luminance
from illusions.stimuli.stimulus import Stimulus

if TYPE_CHECKING:
    import pandas as pd


def ranks_with_luminances(ranks: pd.DataFrame, stimulus: Stimulus, display: Display) -> pd.DataFrame:
    """The rows of ``ranks.csv`` with a column ``target_cd_m2``, the luminance of the target at each value."""
    of_value = {value: target_luminance(stimulus, value, display) for value in ranks["value"].unique()}
    return ranks.assign(target_cd_m2=ranks["value"].map(of_value))


def summary_with_luminances(summary: pd.DataFrame, stimulus: Stimulus, display: Display) -> pd.DataFrame:
    """The rows of ``summary.csv`` with columns ``target_cd_m2`` and ``surround_cd_m2``, of each condition."""
    return summary.assign(
        target_cd_m2=target_luminance(stimulus, stimulus.value, display),
        surround_cd_m2=_surrounds(summary["condition"], stimulus, display),
    )


def matches_with_luminances(matches: pd.DataFrame, stimulus: Stimulus, display: Display) -> pd.DataFrame:
    """The rows of ``matches.csv`` with the luminances of reference and match, and of the surrounds of both."""
    return matches.assign(
        reference_cd_m2=[target_luminance(stimulus, value, display) for value in matches["reference_value"]],
        pse_cd_m2=[target_luminance(stimulus, value, display) for value in matches["pse"]],
        reference_surround_cd_m2=_surrounds(matches["reference_condition"], stimulus, display),
        comparison_surround_cd_m2=_surrounds(matches["comparison_condition"], stimulus, display),
    )


def _surrounds(conditions: pd.Series[str], stimulus: Stimulus, display: Display) -> list[float]:
    return [surround_luminance(stimulus, condition, display) for condition in conditions]
