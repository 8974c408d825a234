"""The words and the page about a count in photographs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from illusions.analyses.counting.counts import Counting
from illusions.analyses.counting.figure import counting_figure, places_figure
from illusions.analyses.counting.tables import summary
from illusions.analyses.drawing.saving import png_bytes
from illusions.analyses.pages.rendering import data_uri, html_table, render_page
from illusions.analyses.ranks.wording import prediction_sentence, scales_in_words


def counting_caption(counting: Counting, photographs: int) -> str:
    """Caption of the figure, with its numbers."""
    size = counting.counts[0].template.size
    return (
        "Above: the stimulus. Below, by scale (patch ÷ target): the surround of the target in a patch of "
        f"{size}×{size} was laid over every place of {photographs} photographs; shown are the targets at the places "
        "where it correlates best (by r or more). Lines: the stimulus' own target, the same colour in all conditions, "
        "which stands differently in each surround; rank: its percentile rank ± 1 standard error over photographs. No "
        f"model is asked. {prediction_sentence(counting.prediction)} Ranks in this sentence: "
        f"{scales_in_words(counting.at_scales)}."
    )


def places_caption(counting: Counting) -> str:
    """Caption of the contact sheet."""
    return (
        "First of each row: what is looked for. Then the places in photographs whose surround is most like it, "
        "whatever their target, at most one of each photograph. r: the correlation of the surrounds; t: the target, "
        "in standard deviations of its surround from the surround's mean. "
        f"{counting.name[:1].upper()}{counting.name[1:]}."
    )


def counting_page(
    countings: Sequence[Counting], photographs: int, *, command: str, settings: Mapping[str, object]
) -> str:
    """One self-contained HTML page about one or several stimuli.

    Args:
        countings: a section each.
        photographs: how many were searched.
        command: the command that made the page.
        settings: whatever made the numbers, as name and value.
    """
    title = countings[0].stimulus.title if len(countings) == 1 else f"{len(countings)} stimuli, counted in photographs"
    sections = [_section(counting, photographs) for counting in countings]
    return render_page("counting", title=title, sections=sections, command=command, settings=settings)


def _section(counting: Counting, photographs: int) -> dict[str, Any]:
    sheet = places_figure(counting)
    columns = ["condition", "percentile_rank", "percentile_rank_standard_error", "effect", "effect_standard_error"]
    columns += ["places", "photographs", "lowest_correlation", "why_no_count"]
    table = summary(counting)[["scale", *columns]].rename(columns=lambda name: name.replace("standard_error", "s.e."))
    return {
        "title": counting.stimulus.title,
        "description": counting.stimulus.description,
        "source": counting.stimulus.source,
        "prediction": prediction_sentence(counting.prediction),
        "figure": data_uri(png_bytes(counting_figure(counting))),
        "caption": counting_caption(counting, photographs),
        "sheet": data_uri(png_bytes(sheet)) if sheet else "",
        "sheet_caption": places_caption(counting),
        "table": html_table(table, "The target as it is, in each condition, among the targets of the places counted."),
    }
