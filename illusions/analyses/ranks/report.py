"""The report of ``illusions rank``: for each stimulus the figure, the numbers, and what they predict."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from matplotlib.figure import Figure
from PIL import Image

from illusions.analyses.drawing.saving import png_bytes
from illusions.analyses.pages.rendering import data_uri, html_table, render_page
from illusions.analyses.ranks.figure import stimulus_figure
from illusions.analyses.ranks.matching import Match, matches_frame
from illusions.analyses.ranks.scales import Ranking
from illusions.analyses.ranks.wording import caption, draws_in_words, match_sentence, prediction_sentence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def ranking_caption(ranking: Ranking) -> str:
    """What the figure shows, with its model, temperature and scales."""
    return caption(ranking.curves, ranking.at_scales, next(iter(ranking.matches), None), unit=ranking.unit)


def ranking_figure(ranking: Ranking, *, with_caption: bool) -> Figure:
    """The stimulus above its curves; the match that is marked is that of the first two conditions."""
    found, prediction = next(iter(ranking.matches), None), ranking.prediction
    of_match = [caution for caution in (found.cautions if found else ()) if caution not in prediction.noted]
    text = " ".join([ranking_caption(ranking), prediction_sentence(prediction), *of_match]) if with_caption else ""
    return stimulus_figure(ranking.stimulus, ranking.curves, found, caption=text)


def report_page(rankings: Sequence[Ranking], *, command: str, settings: Mapping[str, object]) -> str:
    """One self-contained HTML page about one or several stimuli.

    Args:
        rankings: a section each.
        command: the command that made the page.
        settings: model, temperature, seed and whatever else made the numbers, as name and value.
    """
    titles = list(dict.fromkeys(ranking.stimulus.title for ranking in rankings))
    title = titles[0] if len(titles) == 1 else f"Percentile ranks of {len(titles)} stimuli"
    at_several = len({ranking.stimulus.name for ranking in rankings}) < len(rankings)
    sections = [_section(ranking, with_temperature=at_several) for ranking in rankings]
    return render_page("report", title=title, sections=sections, command=command, settings=settings)


def _section(ranking: Ranking, *, with_temperature: bool) -> dict[str, Any]:
    stimulus, matches = ranking.stimulus, ranking.matches
    several = len(ranking.curves) > 1
    return {
        "title": f"{stimulus.title}, T = {ranking.temperature:g}" if with_temperature else stimulus.title,
        "description": stimulus.description,
        "source": stimulus.source,
        "prediction": prediction_sentence(ranking.prediction),
        "matches": [match_sentence(found, said=ranking.prediction.noted) for found in matches],
        "figure": data_uri(png_bytes(ranking_figure(ranking, with_caption=False))),
        "caption": ranking_caption(ranking),
        "proof": data_uri(_png(stimulus.proof())) if several else "",
        "tables": _tables(ranking, matches),
    }


def _tables(ranking: Ranking, matches: Sequence[Match]) -> list[Markup]:
    """What differs from row to row of ``summary.csv`` and ``matches.csv``; the rest is said elsewhere on the page."""
    scale = [ranking.unit] if len(ranking.at_scales) > 1 else []
    columns = ["condition", "value", "percentile_rank", "effect", "effect_standard_error"]
    columns += ["lowest_value", "highest_value", "values", "coverage"]
    ranks = ranking.prediction.summary()[[*scale, *columns]]
    ranks = ranks.rename(columns={"effect_standard_error": "± s.e.", "values": "values swept"})
    tables = [html_table(ranks, "The target as it is, in each condition.")]
    if matches:
        columns = ["reference_condition", "comparison_condition", "pse", "pse_standard_error", "change_percent"]
        names = ["looks as on", "target on", "match", "± s.e.", "change, %"]
        frame = matches_frame(matches)[columns].set_axis(names, axis="columns")
        tables.append(
            html_table(
                frame,
                "The match: what the target must be set to in one surround, to look as in another; standard errors "
                f"over {draws_in_words(ranking.unit)}.",
            )
        )
    return tables


def _png(picture: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG")
    return buffer.getvalue()
