"""The reports of ``illusions rank`` and ``match``: a page whose reader moves T, and the same in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from illusions.analyses.densities.matching import Match
from illusions.analyses.pages.rendering import (
    data_uri,
    html_table,
    markdown_table,
    picture_uri,
    reader_scripts,
    render_page,
    render_text,
)
from illusions.analyses.ranks.explorer import explorable
from illusions.analyses.ranks.wording import (
    curves_caption,
    draws_in_words,
    match_sentence,
    prediction_sentence,
    ranking_caption,
)
from illusions.analyses.readings.scales import Ranking
from illusions.analyses.wording import and_list, percent, with_error
from illusions.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from illusions.stimuli.stimulus import Stimulus

#: Stands for the surround where it is taken away.
_GREY = 232
#: What a report is about: a command.
About = Literal["rank", "match"]
_TITLES: dict[About, str] = {"rank": "Percentile ranks of {} stimuli", "match": "Matches of {} stimuli"}


def report_page(
    rankings: Sequence[Ranking], *, command: str, settings: Mapping[str, object], about: About = "rank"
) -> str:
    """One self-contained HTML page about one or several stimuli: pictures, proof, curves at any T, tables.

    Args:
        rankings: a section per stimulus; at several temperatures, their curves are those of the first.
        command: the command that made the page.
        settings: model, temperature, seed and whatever else made the numbers, as name and value.
        about: the command, whose sentences come first.
    """
    by_stimulus = _by_stimulus(rankings)
    return render_page(
        "report",
        title=_title(rankings, about),
        sections=[_section(number, read, about) for number, read in enumerate(by_stimulus)],
        scripts=reader_scripts([explorable(read[0]) for read in by_stimulus]),
        command=command,
        settings=settings,
    )


def report_text(
    rankings: Sequence[Ranking],
    pictures: Sequence[Mapping[str, str]],
    *,
    command: str,
    settings: Mapping[str, object],
    about: About = "rank",
) -> str:
    """The same in Markdown, for a supplement: sentences, tables, and the files of the figures.

    Args:
        rankings: a section each.
        pictures: of each ranking, the files beside the text, each with what it shows.
        command: the command that made it.
        settings: as for ``report_page``.
        about: as for ``report_page``.
    """
    several = len(_by_stimulus(rankings)) < len(rankings)
    sections = [
        {
            **_words(ranking, about),
            "title": f"{ranking.stimulus.title}{f', T = {ranking.temperature:g}' if several else ''}",
            "caption": ranking_caption(ranking),
            "pictures": [{"file": file, "words": words} for file, words in files.items()],
            "tables": [{"words": words, "rows": markdown_table(rows)} for words, rows in _tables(ranking).values()],
        }
        for ranking, files in zip(rankings, pictures, strict=True)
    ]
    return render_text("report", title=_title(rankings, about), sections=sections, command=command, settings=settings)


def proof_in_words(stimulus: Stimulus) -> str:
    """What the pixels of the targets are, counted in the pictures; empty where a target fills no pixel."""
    try:
        pixels = {name: stimulus.picture(name)[stimulus.target_mask(name)] for name in stimulus.conditions}
    except InputError:
        return ""
    colours = np.unique(np.concatenate(list(pixels.values())), axis=0)
    counts = and_list([f"{len(of):,} on “{name}”" for name, of in pixels.items()])
    if len(colours) > 1:
        return f"The targets have {counts} pixels, in {len(colours)} colours."
    shown = ", ".join(map(str, colours[0]))
    if len(pixels) == 1:
        return f"Every pixel of the target has the bytes {shown} (sRGB)."
    return f"Every pixel of {'both' if len(pixels) == 2 else 'all'} targets has the bytes {shown} (sRGB): {counts}."


def explorer_parts(read: Sequence[Ranking], number: int) -> dict[str, Any]:
    """What ``explorer.html.j2`` needs of the n-th curves in the page, read at one temperature or several."""
    ranking = read[0]
    tables = {name: html_table(frame, words, role=name) for name, (words, frame) in _tables(ranking).items()}
    return {
        "curves": number,
        "title": ranking.stimulus.title,
        "temperature": f"{ranking.temperature:.4g}",
        "presets": [{"temperature": at.temperature, "label": f"as asked for, T = {at.temperature:.4g}"} for at in read],
        "caption": " ".join(
            filter(None, [curves_caption(ranking.curves, ranking.at_scales, unit=ranking.unit), _of_the_sweep(ranking)])
        ),
        "matches": [
            {"reference": found.reference_condition, "comparison": found.comparison_condition}
            for found in ranking.matches
        ],
        "ranks_table": tables["ranks"],
        "matches_table": tables.get("matches", ""),
    }


def _of_the_sweep(ranking: Ranking) -> str:
    """What a reader who moves T must know of a sweep in which not every value was scored."""
    curves = ranking.curves.values()
    if all(curve.scored is None for curve in curves):
        return ""
    return (
        f"Not every value was scored, but those that ranks at T = {ranking.temperature:.4g} depend on; far from this T "
        "a rank may be off in the third decimal place (--full-sweep scores all)."
    )


def targets_alone(stimulus: Stimulus) -> NDArray[np.uint8]:
    """The pair with its targets and nothing else, on a light grey; shape (h, w, 3)."""
    low, high = (stimulus.pair({name: float(value) for name in stimulus.conditions}) for value in _two_values(stimulus))
    return np.where((low != high).any(axis=2, keepdims=True), stimulus.pair(), np.uint8(_GREY))


def _two_values(stimulus: Stimulus) -> tuple[float, float]:
    """Two values of a target between which some byte of it changes, wherever it is."""
    values = stimulus.values()
    return float(values[0]), float(values[len(values) // 2 if stimulus.axis.circular else -1])


def _by_stimulus(rankings: Sequence[Ranking]) -> list[list[Ranking]]:
    found: dict[str, list[Ranking]] = {}
    for ranking in rankings:
        found.setdefault(ranking.stimulus.name, []).append(ranking)
    return list(found.values())


def _title(rankings: Sequence[Ranking], about: About) -> str:
    stimuli = len(_by_stimulus(rankings))
    return rankings[0].stimulus.title if stimuli == 1 else _TITLES[about].format(stimuli)


def _match_sentences(ranking: Ranking) -> list[str]:
    return [match_sentence(found, said=ranking.prediction.noted) for found in ranking.matches]


def _words(ranking: Ranking, about: About) -> dict[str, Any]:
    stimulus = ranking.stimulus
    sentences = [prediction_sentence(ranking.prediction), *_match_sentences(ranking)]
    if about == "match":
        sentences = [*sentences[1:], sentences[0]]
    return {
        "name": stimulus.name,
        "title": stimulus.title,
        "description": stimulus.description,
        "source": stimulus.source,
        "prediction": sentences[0],
        "matches": sentences[1:],
        "proof_words": proof_in_words(stimulus),
    }


def _section(number: int, read: Sequence[Ranking], about: About) -> dict[str, Any]:
    stimulus = read[0].stimulus
    several = len(stimulus.conditions) > 1
    words = [_words(ranking, about) for ranking in read]
    return {
        **words[0],
        "outlined": _outlined(read[0]),
        "at": [
            {"temperature": f"T = {ranking.temperature:g}: " if len(read) > 1 else "", **of_it}
            for ranking, of_it in zip(read, words, strict=True)
        ],
        "pair": picture_uri(stimulus.pair()),
        "alone": picture_uri(targets_alone(stimulus)) if several else "",
        "proof": picture_uri(stimulus.proof()) if several else "",
        "explorer": explorer_parts(read, number),
    }


def _outlined(ranking: Ranking) -> str:
    """A picture of one's own with its targets outlined; nothing for other stimuli, which need no Matplotlib."""
    if not ranking.stimulus.outlined:
        return ""
    from illusions.analyses.drawing.saving import png_bytes
    from illusions.analyses.ranks.outlined import outlined_figure

    return data_uri(png_bytes(outlined_figure(ranking.stimulus, ranking.seen)))


def _tables(ranking: Ranking) -> dict[str, tuple[str, pd.DataFrame]]:
    """What differs from row to row of ``summary.csv`` and ``matches.csv``, each with what it shows."""
    found, errors = ranking.prediction, f"Standard errors are over {draws_in_words(ranking.unit)}."
    swept = ranking.stimulus.values()
    ranks, effects = found.ranks[found.whole], found.effects(found.whole)
    tables = {
        "ranks": (
            f"The target as it is, in each condition; the effect is its rank minus the mean of the others. {errors}",
            pd.DataFrame(
                {
                    "target on": list(ranks),
                    "percentile rank": [with_error(rank.value, rank.standard_error) for rank in ranks.values()],
                    "effect": _shown((each.value, each.standard_error) for each in effects.values()),
                    "coverage": [f"{found.coverage[found.whole][name]:.2g}" for name in ranks],
                    "swept": f"{swept[0]:.4g} to {swept[-1]:.4g}, {len(swept)} values",
                }
            ),
        )
    }
    if ranking.matches:
        tables["matches"] = (
            f"The match: what the target must be set to in one surround, to look as in another. {errors}",
            pd.DataFrame([_match_row(match) for match in ranking.matches]),
        )
    return tables


def _match_row(found: Match) -> dict[str, str]:
    return {
        "looks as on": found.reference_condition,
        "target on": found.comparison_condition,
        "match": with_error(found.pse, found.pse_standard_error) if found.in_gamut else "none in the gamut",
        "change": "–" if np.isnan(found.change_percent) else percent(found.change_percent),
    }


def _shown(numbers: Iterable[tuple[float, float]]) -> list[str]:
    return ["–" if np.isnan(value) else with_error(value, error) for value, error in numbers]
