"""Responses of observers: read and checked, with unusable sessions left out by name."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from illusions.analyses.experiment.response_files import (
    CONTRASTS,
    DISC,
    NUMBERS,
    FileContents,
    Recording,
    Row,
    TableFormat,
    Unusable,
    read_contents,
)
from illusions.errors import InputError
from illusions.stimuli.axes import AXES

#: The format of the columns; the page writes it into its data.
FORMAT = 1
#: An observer whose targets in catch trials, where both surrounds are the same, are further apart than this share of
#: the sweep (median over the trials) has not looked, or has not understood. The limit is ours.
CATCH_TOLERANCE = 0.1
#: The columns under the seal, in its order; ``experiment/src/seal.js`` has the same list.
SEALED = (
    *("session", "observer", "part", "stimulus", "fingerprint", "axis", "reference_condition", "comparison_condition"),
    *("comparison_place", "repetition", "reference_value", "reference_step", "steps", "start", "match", "match_step"),
    *("rt", "adjustments", "magnification", "picture_degrees", "format", "version", "experiment", "complete"),
)
#: Those of rows in which hue and contrast were set at once.
SEALED_OF_DISC = ("s_scale", "reference_contrast", "start_contrast", "match_contrast", "off")
#: The columns of ``Responses.matches``, in their order; `NUMBERS` follow.
_TEXTS = ("observer", "session", "stimulus", "axis", "reference_condition", "comparison_condition", "comparison_place")
#: The columns of ``Responses.sessions`` besides observer, session and file: what is known once, by the part of the
#: session that knows it. First what is text, then numbers and truths.
_SCREEN = ("version", "experiment", "date", "browser", "browser_version", "os", "colour_gamut", "dynamic_range")
_SIZES = ("screen_width", "screen_height", "device_pixel_ratio", "colour_depth", "vsync_rate")
_TRUTHS = ("mobile", "touch", "forced_colours", "inverted_colours", "reduced_motion", "darkened")
_ONCE: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "screen": ((*_SCREEN, "colour_scheme"), (*_SIZES, *_TRUTHS)),
    "about": ((), ("viewing_distance_cm", "css_pixels_per_mm")),
    "gamma": ((), ("gamma",)),
    "end": ((), ("complete",)),
}


@dataclass(frozen=True, eq=False)
class Responses:
    """The matches of several observers, as far as they can be used.

    Attributes:
        matches: a row per match: observer, session, stimulus, axis, reference_condition, comparison_condition,
            comparison_place, reference_value, repetition, start, match (both in the axis' units), rt (ms, without the
            time away), away (ms that the page was hidden), adjustments, magnification (screen pixels per pixel of the
            picture), picture_degrees (its width; NaN if not known), file.
        colours: a row per match of hue and contrast at once: the same, in degrees of azimuth, and reference_contrast,
            start_contrast and match_contrast.
        sessions: a row per session: observer, session, what was noted once of screen and room, the median error in
            catch trials as a share of the sweep, sealed (whether the page saved it; false for a table of one's own, of
            which nothing shows whether it was edited; an observer in it is a session), file.
        left_out: why a file, or an observer in it, was left out, by what messages call it, in the order given.
        notes: by file, how it was read where that is not plain, and what is to be known of its sessions.
    """

    matches: pd.DataFrame
    colours: pd.DataFrame
    sessions: pd.DataFrame
    left_out: Mapping[str, str]
    notes: Mapping[str, Sequence[str]]


def read_responses(
    files: Iterable[str | Path], fingerprints: Mapping[str, str] | None = None, table_format: TableFormat | None = None
) -> Responses:
    """Read the files that pages have saved, ``.json`` or ``.csv``, one session or several in each, and tables.

    A table of one's own has the columns of ``response_files.TABLE`` and a row per match, such as ``adjust.py`` writes
    in PsychoPy; it may have rt, adjustments, picture_degrees and other columns of ``Responses.matches`` besides. Rows
    whose two conditions are the same are catch trials.

    Every session is checked by itself. Left out, with the reason, are those that are cut off, that are no data of such
    a page or of another format, that were changed after the page had saved them, whose observer failed the catch
    trials or, on the page, did none, and that hold no match. Of a session that occurs several times the longest is
    used: a page saves both formats, and hands what there is so far to its host.

    Args:
        files: one or more.
        fingerprints: of stimuli, by name (``page.fingerprint``); a session in which one of them looked different is
            left out. A stimulus that is not named is not compared.
        table_format: of tables of one's own, where it differs from ours.

    Raises:
        InputError: a file does not exist or cannot be read, or a condition of the table format occurs in none.
    """
    table_format = table_format or TableFormat()
    good: list[tuple[Recording, str]] = []
    left_out: dict[str, str] = {}
    notes: dict[str, Sequence[str]] = {}
    met: set[str] = set()
    for file in map(Path, files):
        try:
            contents = read_contents(file, table_format)
        except Unusable as reason:
            left_out[str(file)] = str(reason)
            continue
        met |= contents.conditions
        notes[str(file)] = contents.notes
        left_out |= {f"{file}, {place}": why for place, why in contents.flaws.items()}
        for recording, label in _labelled(file, contents):
            try:
                good.append((_checked(recording, fingerprints or {}), label))
            except Unusable as reason:
                left_out[label] = str(reason)
    if strange := [name for name in table_format.conditions.values() if name not in met]:
        raise InputError(f"no table has a condition “{strange[0]}”; expected the names in the tables, OURS=YOURS")
    used = _longest(good, left_out)
    return Responses(
        matches=_matches_frame(used),
        colours=_matches_frame(used, of_disc=True),
        sessions=pd.DataFrame([_session(recording) for recording in used]),
        left_out=left_out,
        notes={file: [*said, *_of_sessions(file, used)] for file, said in notes.items()},
    )


def several_sessions(sessions: pd.DataFrame) -> list[str]:
    """Which codes have several sessions: ``"ab: 2 sessions"``. Their trials are averaged as those of one person."""
    counts = Counter(sessions["observer"])
    return [f"{observer}: {count} sessions" for observer, count in counts.items() if observer and count > 1]


def catch_error(rows: Iterable[Row]) -> float:
    """The median distance of the two targets in catch trials, as a share of the sweep; NaN if there were none."""
    return float(pd.Series([_off(row) for row in rows if row["part"] == "catch"], dtype=float).median())


def _off(row: Row) -> float:
    """How far apart the targets of a catch trial are: in steps of the sweep, or in a table of one's own by value."""
    if row.get("off"):
        return float(row["off"])
    if row.get("match_step"):
        return abs(float(row["match_step"]) - float(row["reference_step"])) / (float(row["steps"]) - 1)
    axis = AXES.get(row["axis"])
    if axis is None:
        return math.nan
    off = abs(float(row["match"]) - float(row["reference_value"])) / axis.span
    return min(off % 1, 1 - off % 1) if axis.circular else off


def seal(rows: Iterable[Row]) -> str:
    """SHA-256 of the sealed columns of rows, as the page computes it."""
    lines = [
        "\t".join(
            row.get(column, "") for column in (*SEALED, *(SEALED_OF_DISC if row.get("reference_contrast") else ()))
        )
        for row in rows
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _labelled(file: Path, contents: FileContents) -> list[tuple[Recording, str]]:
    """The sessions of a file with what messages call them: the file, where it holds a single one of the page."""
    recordings = contents.recordings
    if len(recordings) == 1 and not contents.flaws:
        return [(recordings[0], str(file))]
    codes = Counter(recording.observer for recording in recordings)
    return [
        (each, f"{file}, observer {each.observer}" + (f", session {each.session}" if codes[each.observer] > 1 else ""))
        for each in recordings
    ]


def _longest(good: Sequence[tuple[Recording, str]], left_out: dict[str, str]) -> list[Recording]:
    """Of each session the recording with the most rows, or the first of them; the others are left out by name."""
    best: dict[str, tuple[Recording, str]] = {}
    for recording, label in good:
        known = best.setdefault(recording.session, (recording, label))
        if _fullness(recording) > _fullness(known[0]):
            best[recording.session] = (recording, label)
    for recording, label in good:
        kept, where = best[recording.session]
        if recording is not kept and recording.file != kept.file:
            left_out[label] = f"holds the same session as {where}"
    return [recording for recording, _ in best.values()]


def _fullness(recording: Recording) -> tuple[int, bool]:
    """How much of a session a recording has: its rows, and whether they end as the page ended, not as it was left."""
    return len(recording.rows), recording.rows[-1].get("reason") != "left"


def _of_sessions(file: str, used: Iterable[Recording]) -> list[str]:
    """What is to be known of the sessions of a file that are used."""
    its = [recording for recording in used if str(recording.file) == file]
    own = any(not _is_sealed(recording.rows) for recording in its)
    words = "a table of your own; nothing shows whether it was edited"
    unwatched = any(math.isnan(catch_error(recording.rows)) for recording in its)
    return [
        *([f"{words}{' and whether people looked' if unwatched else ''}"] if own else []),
        *(
            f"observer {recording.observer}: the browser darkened the page, the ground around the pictures, too"
            for recording in its
            if any(row["part"] == "trial" and row.get("darkened") == "true" for row in recording.rows)
        ),
    ]


def _is_sealed(rows: Sequence[Row]) -> bool:
    """Whether a page has saved the rows."""
    return any(row["part"] == "screen" for row in rows)


def _checked(recording: Recording, fingerprints: Mapping[str, str]) -> Recording:
    """A recording up to its end: rows after that are not sealed.

    Raises:
        Unusable: it cannot be used, and why.
    """
    if recording.flaw:
        raise Unusable(recording.flaw)
    rows: list[Row] = [{**dict.fromkeys(SEALED, ""), **row} for row in recording.rows]
    if "match_step" in recording.rows[0] or any(row["part"] in ("screen", "end") for row in rows):
        rows = _sealed_rows(rows, fingerprints)
    if not any(row["part"] == "trial" for row in rows):
        raise Unusable(f"holds no match{_ending(rows[-1])}")
    error = catch_error(rows)
    if math.isnan(error) and _is_sealed(rows):
        raise Unusable("has no catch trial, so that nothing says whether the observer looked")
    if error > CATCH_TOLERANCE:
        raise Unusable(
            f"failed the catch trials: both targets were {error:.0%} of the range apart (median); expected at most "
            f"{CATCH_TOLERANCE:.0%}"
        )
    return replace(recording, rows=rows)


def _ending(last: Row) -> str:
    return f" (it ends: {last.get('reason') or 'stopped'})" if last["part"] == "end" else ""


def _sealed_rows(rows: Sequence[Row], fingerprints: Mapping[str, str]) -> list[Row]:
    """The rows of a session that a page has saved, up to its end."""
    first = next((row for row in rows if row["part"] == "screen"), None)
    if first is None:
        raise Unusable("is no file of such an experiment: it does not begin as one")
    if first["format"] != str(FORMAT):
        raise Unusable(
            f"is of another version: format {first['format'] or 'unknown'}, written by illusions {first['version']}; "
            f"expected format {FORMAT}"
        )
    last = next((i for i, row in enumerate(rows) if row["part"] == "end"), None)
    if last is None:
        raise Unusable("is cut off: its end is missing")
    sealed = list(rows[: last + 1])
    if sealed[-1].get("rows") != str(last + 1) or sealed[-1].get("seal") != seal(sealed):
        raise Unusable("was edited, or saved anew by a table program: its seal does not fit; expected it as saved")
    for row in sealed:
        if row["fingerprint"] and fingerprints.get(row["stimulus"], row["fingerprint"]) != row["fingerprint"]:
            raise Unusable(f"is of another version: “{row['stimulus']}” has changed since the page was made")
    return sealed


def _matches_frame(used: Iterable[Recording], *, of_disc: bool = False) -> pd.DataFrame:
    trials = [{**row, "file": str(each.file)} for each in used for row in each.rows if row["part"] == "trial"]
    numbers = (*NUMBERS, *(CONTRASTS if of_disc else ()))
    found = [row for row in trials if (row["axis"] == DISC) == of_disc]
    frame = pd.DataFrame(found, columns=[*_TEXTS, *numbers, "file"])
    return frame.assign(**{name: pd.to_numeric(frame[name].replace({"null": None, "": None})) for name in numbers})


def _session(recording: Recording) -> dict[str, Any]:
    """What was noted once, each value as what it is: text, a number, true or false; None where it is not known."""
    once: dict[str, Any] = {}
    sealed = _is_sealed(recording.rows)
    for part, (texts, others) in _ONCE.items():
        row: Row = next((row for row in recording.rows if row["part"] == part), {})
        once |= {column: row.get(column) or None for column in texts}
        once |= {column: json.loads(row.get(column) or "null") for column in others}
    own = {"observer": recording.observer, "session": recording.session}
    end = {"catch_error": catch_error(recording.rows), "sealed": sealed, "file": str(recording.file)}
    return {**own, **once, **end}
