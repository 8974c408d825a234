"""Sentences about a comparison, and its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from illusions.analyses.drawing.saving import png_bytes
from illusions.analyses.drawing.style import current_style
from illusions.analyses.experiment.comparison_figure import comparison_caption, comparison_figure
from illusions.analyses.experiment.observers import PAIR, mean_over_observers
from illusions.analyses.experiment.responses import several_sessions
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
from illusions.analyses.ranks.report import explorer_parts
from illusions.analyses.readings.calibration import LOWEST, TemperatureFit
from illusions.estimates import with_error

if TYPE_CHECKING:
    from illusions.analyses.experiment.comparison import Predictor
    from illusions.analyses.experiment.responses import Responses
    from illusions.analyses.readings.scales import Ranking
    from illusions.stimuli.stimulus import Stimulus

#: What the table of errors shows.
_ERRORS = (
    "How far predictions are off, and the two that need no model on the same stimuli: root mean square, % of the range."
)
#: What the page shows of the sessions.
_SESSIONS = {
    "observer": "observer", "date": "date", "browser": "browser", "os": "system", "screen_width": "screen, px",
    "device_pixel_ratio": "pixel ratio", "viewing_distance_cm": "distance, cm", "gamma": "gamma",
    "catch_error": "catch error", "sealed": "sealed",
}  # fmt: skip


def comparison_page(
    comparison: pd.DataFrame,
    errors: pd.DataFrame,
    means: pd.DataFrame,
    stimuli: Sequence[Stimulus],
    predictors: Sequence[Predictor],
    responses: Responses,
    *,
    sizes: Sequence[str] = (),
    command: str,
    settings: Mapping[str, object],
) -> str:
    """One self-contained HTML page about observers' matches and predictions, at any T.

    Args:
        comparison: the rows of ``comparison.csv``.
        errors: of ``errors_frame``.
        means: the rows of ``matches.csv``.
        stimuli: those that people saw.
        predictors: whose curves are in the page.
        responses: whose files were used and left out.
        sizes: at which size stimuli were read, in sentences.
        command: the command that made the page.
        settings: whatever made the numbers, as name and value.
    """
    curves: list[dict[str, Any]] = []
    sections = []
    for stimulus in stimuli:
        explorers = []
        for name, ranking, observers, presets in _curves_of(stimulus, predictors):
            parts = explorer_parts([ranking], len(curves))
            of = mean_over_observers(means[means["observer"].isin(list(observers))]) if observers else comparison
            curves.append(explorable(ranking, group=name, people=_set_by_people(of, stimulus.name)))
            explorers.append({"name": name, "parts": {**parts, "presets": presets}})
        sections.append(
            {
                "name": stimulus.name,
                "title": stimulus.title,
                "pair": picture_uri(stimulus.pair()),
                "table": html_table(_of_stimulus(comparison, stimulus.name), ""),
                "explorers": explorers,
            }
        )
    return render_page(
        "comparison",
        title=_title(means, stimuli),
        sentences=people_sentences(comparison),
        figure=data_uri(png_bytes(comparison_figure(comparison, means, stimuli))),
        caption=comparison_caption(),
        errors=html_table(_in_percent(errors), _ERRORS),
        stimuli=sections,
        means=html_table(_of_observers(means), ""),
        sessions=html_table(_sessions(responses.sessions), ""),
        left_out=left_out_sentences(responses.left_out),
        notes=[*note_sentences(responses), *sizes],
        scripts=reader_scripts(curves),
        command=command,
        settings=settings,
    )


def comparison_text(
    comparison: pd.DataFrame,
    errors: pd.DataFrame,
    means: pd.DataFrame,
    stimuli: Sequence[Stimulus],
    responses: Responses,
    *,
    sizes: Sequence[str] = (),
    command: str,
    settings: Mapping[str, object],
) -> str:
    """The same in Markdown, for a supplement; arguments as for `comparison_page`."""
    return render_text(
        "comparison",
        title=_title(means, stimuli),
        sentences=people_sentences(comparison),
        file=current_style().file("comparison"),
        caption=comparison_caption(),
        errors_words=_ERRORS,
        errors=markdown_table(_in_percent(errors)),
        stimuli=[
            {"title": stimulus.title, "table": markdown_table(_of_stimulus(comparison, stimulus.name))}
            for stimulus in stimuli
        ],
        means=markdown_table(_of_observers(means)),
        sessions=markdown_table(_sessions(responses.sessions)),
        left_out=left_out_sentences(responses.left_out),
        notes=[*note_sentences(responses), *sizes],
        command=command,
        settings=settings,
    )


def settings_sentences(frame: pd.DataFrame) -> list[str]:
    """What was set and what is predicted, for every pair: of several observers their mean."""
    found = []
    for (stimulus, reference, comparison), rows in frame.groupby(PAIR, sort=False):
        row = rows.iloc[-1]
        observers = len(rows) - 1 if len(rows) > 1 else 1
        said = (
            f"{stimulus}: the target on “{comparison}” was set to {row['match']}, to look as on “{reference}”: "
            f"{_turn_and_ratio(row, '')} ({observers} observer{'s' if observers > 1 else ''})."
        )
        if row["model"]:
            said += f" {row['model']} predicts {row['predicted_match']}: {_turn_and_ratio(row, 'predicted_')}."
        found.append(said)
    return found


def _turn_and_ratio(row: Any, which: str) -> str:
    if not np.isfinite(row["contrast_ratio"]):  # of a grey
        return f"L−M {row[f'{which}delta_l_m']:+.3f}, S−(L+M) {row[f'{which}delta_s_lm']:+.3f}"
    hue, ratio = (
        with_error(row[which + name], row[f"{which}{name}_standard_error"]) for name in ("hue_shift", "contrast_ratio")
    )
    return f"hue turned by {hue}°, contrast times {ratio}"


def people_sentences(comparison: pd.DataFrame) -> list[str]:
    """Sentences about observers' matches."""
    return [
        f"{row['stimulus']}: to look as on “{row['reference_condition']}”, the target on "
        f"“{row['comparison_condition']}” was set to {row['axis']} {row['match']:.3g}"
        f"{_interval(row['low'], row['high'])}, {counted(row['observers'], 'observer')}; physically the same is "
        f"{row['reference_value']:.3g}."
        for row in _records(comparison.drop_duplicates(PAIR))
    ]


def error_sentences(errors: pd.DataFrame) -> list[str]:
    """For each predictor, how far it is off."""
    return [
        f"{row['predictor']}: off by {100 * row['error']:.1f} % of the range (root mean square over "
        f"{counted(row['stimuli'], 'stimulus', 'stimuli')})."
        for row in _records(errors)
    ]


def left_out_sentences(left_out: Mapping[str, str]) -> list[str]:
    """Which files, or observers in them, were left out, and why."""
    return [f"{what}: left out: it {why}" for what, why in left_out.items()]


def note_sentences(responses: Responses) -> list[str]:
    """How files were read where that is not plain; who has several sessions."""
    notes = [f"{file}: {note}" for file, its in responses.notes.items() for note in its]
    return notes + several_sessions(responses.sessions)


def fit_sentences(fit: TemperatureFit, *, unit: str, over: str) -> list[str]:
    """Sentences about the fit and its errors."""
    interval = (
        f"95 % {_number(fit.low)} to {_number(fit.high)}, by the bootstrap over {over}"
        if pd.notna(fit.low)
        else "its uncertainty is unknown with a single observer"
    )
    side = "" if fit.side is None else f" in a field of {fit.side:g}°"
    sentences = [
        f"T = {_number(fit.temperature)} {unit}{side} ({interval}) predicts {counted(fit.matches, 'match', 'matches')} "
        f"of {counted(fit.stimuli, 'stimulus', 'stimuli')} best: off by {100 * fit.error:.1f} % of the range "
        "(root mean square).",
        "With a single stimulus it is unknown how well T predicts another."
        if fit.stimuli < 2
        else f"Each stimulus predicted with the T of all others: off by {100 * fit.held_out:.1f} %.",
        f"Without a model: the physical value is off by {100 * fit.veridical:.1f} %, equal contrast to the surround by "
        f"{100 * fit.equal_contrast:.1f} %.",
    ]
    if fit.tells_little:
        sentences.append(
            f"At no T that was tried are they off by more than {100 * fit.worst:.1f} %: these matches hardly tell one "
            "T from another."
        )
    elif fit.is_at_an_end:
        end = (
            "That is the highest T that was tried: the less of an illusion is predicted, the better"
            if fit.temperature > LOWEST
            else "That is the lowest T that was tried: the more of an illusion is predicted, the better"
        )
        sentences.append(f"{end}. No temperature makes these predictions fit.")
    return sentences


def counted(n: int, one: str, many: str = "") -> str:
    """``"1 observer"``, ``"3 observers"``."""
    return f"{n} {one if n == 1 else many or f'{one}s'}"


def _title(means: pd.DataFrame, stimuli: Sequence[Stimulus]) -> str:
    return f"{counted(means['observer'].nunique(), 'observer')}, {counted(len(stimuli), 'stimulus', 'stimuli')}"


def _curves_of(
    stimulus: Stimulus, predictors: Sequence[Predictor]
) -> Iterator[tuple[str, Ranking, Sequence[str], list[dict[str, Any]]]]:
    """Of each predictor with curves of its own, and size at which observers saw the stimulus: name, ranking,
    observers (none for all), and the temperatures to go to.
    """
    for predictor in predictors:
        found = [] if predictor.reads_as else predictor.of(stimulus.name)
        same = [each for each in predictors if predictor.name in (each.name, each.reads_as)]
        presets = [{"label": each.name, "temperature": each.rankings[0].temperature} for each in same]
        for ranking, observers in found:
            if len(found) == 1:
                yield predictor.name, ranking, (), presets
            else:
                who = f"{counted(len(observers), 'observer')}: {', '.join(observers)}"
                size = f"target {ranking.stimulus.target_degrees:.2g}° long ({who})"
                yield f"{predictor.name}, {size}", ranking, observers, presets


def _set_by_people(comparison: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    """What people set of a stimulus, as ``explorable`` takes it."""
    return [
        {
            "reference": row["reference_condition"],
            "comparison": row["comparison_condition"],
            "match": row["match"],
            "low": None if pd.isna(row["low"]) else row["low"],
            "high": None if pd.isna(row["high"]) else row["high"],
        }
        for row in _records(comparison[comparison["stimulus"] == name].drop_duplicates(PAIR))
    ]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _number(temperature: float) -> str:
    return f"{temperature:.3g}" if temperature < 1000 else f"{temperature:.0f}"


def _interval(low: float, high: float) -> str:
    return "" if pd.isna(low) else f" (95 % {low:.3g} to {high:.3g})"


def _of_stimulus(comparison: pd.DataFrame, name: str) -> pd.DataFrame:
    """What differs from row to row; the differences in per cent."""
    of = comparison[comparison["stimulus"] == name]
    frame = pd.DataFrame(
        {
            "looks as on": of["reference_condition"],
            "target on": of["comparison_condition"],
            "people": [f"{row['match']:.3g}{_interval(row['low'], row['high'])}" for row in _records(of)],
            "predictor": of["predictor"],
            "predicted": of["predicted"],
            "off, %": 100 * of["difference"],
        }
    )
    if of["in_gamut"].all():
        return frame
    return frame.assign(**{"in the gamut": of["in_gamut"].tolist()})


def _of_observers(means: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "observer": means["observer"],
            "stimulus": means["stimulus"],
            "looks as on": means["reference_condition"],
            "target on": means["comparison_condition"],
            "trials": means["trials"],
            "set to": [f"{row['match']:.3g}{_interval(row['low'], row['high'])}" for row in _records(means)],
        }
    )


def _in_percent(errors: pd.DataFrame) -> pd.DataFrame:
    shown = {"error": "off by", "veridical": "veridical", "equal_contrast": "equal contrast"}
    percent = errors.assign(**{name: 100 * errors[name] for name in shown})
    return percent.rename(columns=shown)


def _sessions(sessions: pd.DataFrame) -> pd.DataFrame:
    shown = sessions[list(_SESSIONS)].rename(columns=_SESSIONS)
    return shown.astype(object).where(shown.notna(), "–")
