"""The page about a contest: the scores, the figure, and who competed on what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from illusions.analyses.battery.contest import Result, set_names
from illusions.analyses.battery.figure import battery_caption, battery_figure
from illusions.analyses.battery.match_contest import MatchResult
from illusions.analyses.battery.match_figure import match_caption, match_figure
from illusions.analyses.battery.match_scores import best_rival
from illusions.analyses.battery.matches import Group
from illusions.analyses.battery.scores import LEAST_FOR_INTERVAL, RESAMPLES, TIE
from illusions.analyses.battery.tables import CEILING, match_sets
from illusions.analyses.drawing.saving import png_bytes
from illusions.analyses.pages.rendering import data_uri, html_table, render_page

if TYPE_CHECKING:
    from illusions.stimuli.published import PublishedStimulus

#: What the page calls the scores.
_IN_WORDS = {
    "directions": "directions",
    "directions_with_contested": "with contested",
    "strength_correlation": "strengths",
    "share_correlation": "shares",
}


def battery_page(
    results: Sequence[Result],
    scores: pd.DataFrame,
    matches: Sequence[MatchResult] = (),
    *,
    command: str,
    settings: Mapping[str, object],
) -> str:
    """One self-contained HTML page about predictors and what people see.

    Args:
        results: of every predictor of directions, on the same stimuli.
        matches: of every predictor of matches, on the same groups.
        scores: the rows of ``scores.csv``.
        command: the command that made the page.
        settings: whatever made the numbers, as name and value.
    """
    stimuli = results[0].stimuli if results else ()
    settings_of_people = sum(len(group.values) for groups in match_sets(matches).values() for group in groups)
    counts = [
        *([f"{len(results)} predictors, {len(stimuli)} stimuli"] if results else []),
        *([f"{len(matches)} predictors, {settings_of_people} matches"] if matches else []),
    ]
    return render_page(
        "battery",
        title="; ".join(counts),
        sets=[_set_section(results, scores, name) for name in set_names(stimuli)],
        figure=data_uri(png_bytes(battery_figure(results))) if results else "",
        caption=battery_caption(results) if results else "",
        match_sets=[_match_section(matches, scores, groups) for groups in match_sets(matches).values()],
        predictors=_predictors([*results, *matches]),
        failures=_failures(results),
        sources=_sources(results),
        tie=f"{TIE:f}",
        resamples=RESAMPLES,
        least=LEAST_FOR_INTERVAL,
        command=command,
        settings=settings,
    )


def score_in_words(row: Mapping[str, Any]) -> str:
    """A score with its interval: ``"20 of 25 (61–91 %)"``, ``"+0.38 (−0.22 to +0.82)"``, ``"–"`` for none.

    A correlation over few stimuli has no interval, and says over how many: ``"+0.50 (of 3, no interval)"``.
    """
    value, low, high, n = (row[name] for name in ("value", "low", "high", "n"))
    if pd.isna(value):
        return "–"
    if str(row["score"]).startswith("directions"):
        return f"{round(value * n)} of {n} ({100 * low:.0f}–{100 * high:.0f} %)"
    within = f" (of {n}, no interval)" if pd.isna(low) else f" ({low:+.2f} to {high:+.2f})"
    return f"{value:+.2f}{within}".replace("-", "−")


def sentences(results: Sequence[Result], scores: pd.DataFrame) -> list[str]:
    """For each predictor, what it has right of each set: in sample, and cross-validated."""
    shares = scores[scores["score"] == "directions"]
    return [
        f"{result.entry.name}: "
        + "; ".join(
            f"{name} {_right_of(of_set, True)}"
            + (f" ({_right_of(of_set, False)} in sample)" if len(result.entry.settings) > 1 else "")
            for name, of_set in shares[shares["predictor"] == result.entry.name].groupby("set", sort=False)
        )
        for result in results
    ]


def _right_of(of_set: pd.DataFrame, held_out: bool) -> str:
    row = of_set[of_set["left_out"] == ("family" if held_out else "nothing")].iloc[0]
    return f"{round(row['value'] * row['n'])} of {row['n']}"


def _set_section(results: Sequence[Result], scores: pd.DataFrame, name: str) -> dict[str, Any]:
    """The scores on one set: a row per predictor. Of directions in sample too, where settings were chosen."""
    with_settings = {result.entry.name for result in results if len(result.entry.settings) > 1}
    rows: dict[str, dict[str, str]] = {}
    for record in scores[scores["set"] == name].to_dict("records"):
        row = {str(column): value for column, value in record.items()}
        column = _IN_WORDS.get(row["score"], row["score"].replace("_", " "))
        cells = rows.setdefault(row["predictor"], {"predictor": row["predictor"]})
        if row["left_out"] == "family":
            words = score_in_words(row)
            cells[column] = words.partition(" (")[0] if row["score"] == "directions_with_contested" else words
        elif row["score"] == "directions" and with_settings:
            cells["in sample"] = score_in_words(row).partition(" (")[0] if row["predictor"] in with_settings else "–"
    table = pd.DataFrame(list(rows.values())).fillna("–")
    order = ["predictor", "directions", "in sample", _IN_WORDS["directions_with_contested"]]
    first = [column for column in order if column in table.columns]
    return {"name": name, "table": html_table(table[[*first, *table.columns.drop(first)]], "")}


def match_sentences(matches: Sequence[MatchResult], scores: pd.DataFrame) -> list[str]:
    """For each set of matches, the errors of all predictors, surrounds left out one by one, the least first."""
    return [
        f"{name}, error in {groups[0].people.unit}: "
        + "; ".join(f"{row['predictor']} {row['value']:.3g}" for row in _records(_errors(scores, name)))
        for name, groups in match_sets(matches).items()
    ]


def _errors(scores: pd.DataFrame, name: str) -> pd.DataFrame:
    chosen = (scores["set"] == name) & (scores["score"] == "error") & (scores["left_out"] == "surround")
    return scores[chosen].sort_values("value", kind="stable")


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(column): value for column, value in record.items()} for record in frame.to_dict("records")]


def _match_section(matches: Sequence[MatchResult], scores: pd.DataFrame, groups: Sequence[Group]) -> dict[str, Any]:
    """The scores on one set of matches: a row per predictor, the least error first."""
    people = groups[0].people
    of_set = scores[scores["set"] == people.name]
    rows = []
    for record in _records(_errors(scores, people.name)):
        own = of_set[of_set["predictor"] == record["predictor"]]
        cell = {(row["score"], row["left_out"]): _number(row) for row in _records(own)}
        rows.append(
            {
                "predictor": record["predictor"],
                "error": cell["error", "surround"],
                "minus best rival": cell.get(("error_minus_best_rival", "surround"), "–"),
                "correlation": cell["correlation", "surround"],
                "residual": cell["residual_correlation", "surround"],
                "error in sample": cell["error", "nothing"].partition(" (")[0],
                "error, set left out": cell.get(("error", "set"), "–").partition(" (")[0],
            }
        )
    noise = {row["score"]: row["value"] for row in _records(of_set[of_set["predictor"] == CEILING])}
    best = best_rival(matches, groups, "surround")
    return {
        "name": people.name,
        "title": people.title,
        "unit": people.unit,
        "source": people.source,
        "note": people.note,
        "table": html_table(pd.DataFrame(rows), ""),
        "figure": data_uri(png_bytes(match_figure(matches, groups))),
        "caption": match_caption(matches, groups),
        "best": best.entry.name if best else "",
        "noise": {name: f"{value:.3g}" for name, value in noise.items()},
    }


def _number(row: Mapping[str, Any]) -> str:
    """``"3.83 (3.1 to 4.5)"``; a difference or a correlation with its sign."""
    if pd.isna(row["value"]):
        return "–"
    form = "{:.2f}" if row["score"] == "error" else "{:+.2f}"
    within = "" if pd.isna(row["low"]) else f" ({form.format(row['low'])} to {form.format(row['high'])})"
    return f"{form.format(row['value'])}{within}".replace("-", "−")


def _predictors(results: Sequence[Result | MatchResult]) -> list[dict[str, str]]:
    """Name, description and settings of each."""
    return [
        {
            "name": result.entry.name,
            "description": result.entry.description,
            "settings": f"{len(result.entry.settings)} settings{_best(result)}."
            if len(result.entry.settings) > 1
            else "",
        }
        for result in results
    ]


def _best(result: Result | MatchResult) -> str:
    return f"; the best on everything: {result.setting}" if isinstance(result, Result) else ""


def _failures(results: Sequence[Result]) -> Any:
    """A table of what nothing is said about; empty where something is said about all."""
    rows = [
        {"predictor": result.entry.name, "set": stimulus.set, "stimulus": stimulus.name, "why": reason}
        for result in results
        for stimulus, reason in result.failures()
    ]
    return html_table(pd.DataFrame(rows), "Each counts as wrong, and as no effect.") if rows else ""


def _sources(results: Sequence[Result]) -> dict[str, list[dict[str, str]]]:
    """By set: what people see of each stimulus, and where it is written."""
    if not results:
        return {}
    return {
        name: [{"stimulus": s.name, "seen": _seen(s), "source": s.source} for s in results[0].stimuli if s.set == name]
        for name in set_names(results[0].stimuli)
    }


def _seen(stimulus: PublishedStimulus) -> str:
    """``"Target 1, strength 4.18 (unstated)."``."""
    which = f"Target {stimulus.lighter}" if stimulus.lighter else "Equal" if stimulus.equal else "Not known which"
    contested = " (contested)" if stimulus.contested else ""
    strength = "" if stimulus.strength is None else f", strength {stimulus.strength:g} ({stimulus.strength_unit})"
    return f"{which}{contested}{strength}."
