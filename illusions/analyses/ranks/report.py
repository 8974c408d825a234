"""The report of ``illusions rank``: for each stimulus the figure, the numbers, and what they predict."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from matplotlib.figure import Figure
from PIL import Image

from illusions.analyses.pages.rendering import data_uri, html_table, render_page
from illusions.analyses.ranks.figure import png_bytes, stimulus_figure
from illusions.analyses.ranks.matching import Match, match_all, matches_frame
from illusions.analyses.ranks.ranking import summary
from illusions.analyses.ranks.scales import Curves, average_conditions, over_scales
from illusions.analyses.ranks.wording import caption, match_sentence, prediction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from illusions.stimuli.stimulus import Stimulus


@dataclass(frozen=True, eq=False)
class Ranking:
    """One stimulus, its curves at one scale or several, and the matches that they predict."""

    stimulus: Stimulus
    at_scales: Mapping[float, Curves]

    @cached_property
    def curves(self) -> Curves:
        """By condition; of several scales the mean."""
        return average_conditions(self.at_scales)

    @property
    def matches(self) -> list[Match]:
        """Every ordered pair of conditions, at the physical target."""
        return match_all(self.curves)

    @property
    def caption(self) -> str:
        """What the figure shows, with its model, temperature and scales."""
        return caption(self.curves, self.at_scales, next(iter(self.matches), None))

    def figure(self, *, with_caption: bool) -> Figure:
        """The stimulus above its curves; the match that is marked is that of the first two conditions."""
        text = f"{self.caption} {prediction(self.curves)}" if with_caption else ""
        return stimulus_figure(self.stimulus, self.curves, next(iter(self.matches), None), caption=text)


def report_page(rankings: Sequence[Ranking], *, command: str, settings: Mapping[str, object]) -> str:
    """One self-contained HTML page about one or several stimuli.

    Args:
        rankings: a section each.
        command: the command that made the page.
        settings: model, temperature, seed and whatever else made the numbers, as name and value.
    """
    title = rankings[0].stimulus.title if len(rankings) == 1 else f"Percentile ranks of {len(rankings)} stimuli"
    sections = [_section(ranking) for ranking in rankings]
    return render_page("report", title=title, sections=sections, command=command, settings=settings)


def _section(ranking: Ranking) -> dict[str, Any]:
    stimulus, matches = ranking.stimulus, ranking.matches
    several = len(ranking.curves) > 1
    return {
        "title": stimulus.title,
        "description": stimulus.description,
        "source": stimulus.source,
        "prediction": prediction(ranking.curves),
        "matches": [match_sentence(found) for found in matches],
        "figure": data_uri(png_bytes(ranking.figure(with_caption=False))),
        "caption": ranking.caption,
        "proof": data_uri(_png(stimulus.proof())) if several else "",
        "tables": _tables(ranking.at_scales, matches),
    }


def _tables(at_scales: Mapping[float, Curves], matches: Sequence[Match]) -> list[Markup]:
    """What differs from row to row of ``summary.csv`` and ``matches.csv``; the rest is said elsewhere on the page."""
    scale = ["scale"] if len(at_scales) > 1 else []
    ranks = over_scales([at_scales], summary)[[*scale, "condition", "value", "percentile_rank", "effect"]]
    tables = [html_table(ranks, "The target as it is, in each condition.")]
    if matches:
        columns = ["reference_condition", "comparison_condition", "pse", "pse_standard_error", "change_percent"]
        names = ["looks as on", "target on", "match", "± s.e.", "change, %"]
        frame = matches_frame(matches)[columns].set_axis(names, axis="columns")
        tables.append(
            html_table(
                frame,
                "The match: what the target must be set to in one surround, to look as in another; standard errors "
                "over draws of the noise.",
            )
        )
    return tables


def _png(picture: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG")
    return buffer.getvalue()
