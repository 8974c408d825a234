"""How curves, rankings, predictions and matches show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from illusions import notebook
from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.densities.matching import Match, show_change
from illusions.analyses.drawing.inline import inline_svg
from illusions.analyses.predictions import MEAN, Prediction, show_estimate
from illusions.analyses.ranks.plotting import plot
from illusions.analyses.readings.scales import Ranking
from illusions.estimates import with_error
from illusions.representations import html

if TYPE_CHECKING:
    from illusions.analyses.ranks.plotting import Curves


@html.register
def _curve(curve: LikelihoodCurve) -> str:
    return notebook.block(f"{curve.stimulus}, {curve.condition}", _plots(curve), note=repr(curve))


@html.register
def _ranking(ranking: Ranking) -> str:
    return notebook.stack(html(ranking.prediction), _matches_table(ranking.matches), _plots(ranking))


@html.register
def _match(match: Match) -> str:
    made_by = ". ".join([f"{match.model}, T = {match.temperature:.4g}", *match.cautions])
    return notebook.block(f"{match.stimulus}: the match", _matches_table([match]), note=made_by)


@html.register
def _prediction(prediction: Prediction) -> str:
    several = len(prediction.ranks) > 1
    rows = [
        [
            *([at if at == MEAN else f"{at:.4g}"] if several else []),
            condition,
            show_estimate(rank),
            show_estimate(effects[condition]),
            *([prediction.reasons.get(at, {}).get(condition, "")] if prediction.reasons else []),
        ]
        for at, ranks in prediction.ranks.items()
        for effects in [prediction.effects(at)]
        for condition, rank in ranks.items()
    ]
    header = [
        *([prediction.unit] if several else []),
        "condition",
        "percentile rank",
        "effect",
        *(["why none"] if prediction.reasons else []),
    ]
    made_by = f"{prediction.made_by}. Effect: the rank in a condition minus the mean of the others."
    return notebook.block(
        f"{prediction.stimulus.name}: {prediction.stimulus.axis.name} {prediction.stimulus.value:.4g}",
        notebook.table(header, rows),
        note=" ".join([made_by, *prediction.cautions]),
    )


def _plots(curves: Curves) -> str:
    """The density and the percentile ranks, side by side."""
    return inline_svg(lambda axes: plot(curves, axes, show="density"), lambda axes: plot(curves, axes))


def _matches_table(matches: Iterable[Match]) -> str:
    """A row for each match, with the reason where there is none."""
    header = ("target as it is", "ranks", "looks the same at", "change")
    rows = [
        (
            f"{found.axis} {found.reference_value:.4g} on {found.reference_condition}",
            f"{found.percentile_rank:.3f}",
            f"{with_error(found.pse, found.pse_standard_error)} on {found.comparison_condition}"
            if found.in_gamut
            else found.reason,
            show_change(found),
        )
        for found in matches
    ]
    return notebook.table(header, rows)
