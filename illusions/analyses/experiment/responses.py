"""What people set in the page of an experiment: read, checked, and left out by name where it cannot be used."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from illusions.errors import InputError

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
#: The columns of a table that no page has saved: that of the script for PsychoPy, or of an experiment of one's own.
TABLE = ("observer", "stimulus", "axis", "reference_condition", "comparison_condition", "reference_value", "match")
#: The columns of ``Responses.matches``, in their order, and which of them are numbers.
_TEXTS = ("observer", "session", "stimulus", "axis", "reference_condition", "comparison_condition", "comparison_place")
_NUMBERS = (
    *("reference_value", "repetition", "start", "match", "rt", "adjustments", "magnification", "picture_degrees"),
)
#: The columns of ``Responses.sessions`` besides observer, session and file: what is known once, by the part of the
#: session that knows it. First what is text, then numbers and truths.
_SCREEN = ("version", "experiment", "date", "browser", "browser_version", "os", "colour_gamut", "dynamic_range")
_SIZES = ("screen_width", "screen_height", "device_pixel_ratio", "colour_depth", "vsync_rate")
_TRUTHS = ("mobile", "touch", "forced_colours", "inverted_colours", "reduced_motion")
_ONCE: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "screen": ((*_SCREEN, "colour_scheme"), (*_SIZES, *_TRUTHS)),
    "about": ((), ("viewing_distance_cm", "css_pixels_per_mm")),
    "gamma": ((), ("gamma",)),
    "end": ((), ("complete",)),
}

#: A row of a file, every value as it is written there: ``"0.5"``, ``"true"``, ``"null"``, ``""`` where there is none.
Row: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Responses:
    """The matches of several observers, as far as they can be used.

    Attributes:
        matches: a row per match: observer, session, stimulus, axis, reference_condition, comparison_condition,
            comparison_place, reference_value, repetition, start, match (both in the axis' units), rt (ms), adjustments,
            magnification (screen pixels per pixel of the picture), picture_degrees (its width; NaN if not known), file.
        sessions: a row per session: observer, session, what was noted once of screen and room, the median error in
            catch trials as a share of the sweep, sealed (whether the page saved it; false for a table of one's own, of
            which nothing shows whether it was edited and whether the observer looked), file.
        left_out: why a file was left out, by file, in the order given.
    """

    matches: pd.DataFrame
    sessions: pd.DataFrame
    left_out: Mapping[Path, str]


class _Unusable(Exception):
    """Why a file is left out."""


def read_responses(files: Iterable[str | Path], fingerprints: Mapping[str, str] | None = None) -> Responses:
    """Read the files that pages have saved, ``.json`` or ``.csv``, and tables of one's own.

    A table of one's own is a CSV file with the columns of `TABLE` and a row per match, such as ``adjust.py`` writes in
    PsychoPy; it may have rt, adjustments, picture_degrees and other columns of ``Responses.matches`` besides.

    Left out, with the reason, are files that are cut off, that are no data of such a page or of another format, that
    were changed after the page had saved them, whose observer failed the catch trials or did none, that hold no match,
    and those of a session that another file has brought already (a page saves both formats).

    Args:
        files: one or more.
        fingerprints: of stimuli, by name (``page.fingerprint``); a file in which one of them looked different is left
            out. A stimulus that is not named is not compared.

    Raises:
        InputError: a file does not exist or cannot be read.
    """
    used: dict[str, tuple[Path, Sequence[Row]]] = {}
    left_out: dict[Path, str] = {}
    for file in map(Path, files):
        try:
            rows = _rows(file)
            _check(rows, fingerprints or {})
            session = rows[0]["session"]
            if session in used:
                raise _Unusable(f"holds the same session as {used[session][0]}")
        except _Unusable as reason:
            left_out[file] = str(reason)
        else:
            used[session] = (file, rows)
    return Responses(
        matches=_matches_frame(used.values()),
        sessions=pd.DataFrame([_session(file, rows) for file, rows in used.values()]),
        left_out=left_out,
    )


def catch_error(rows: Iterable[Row]) -> float:
    """The median distance of the two targets in catch trials, as a share of the sweep; NaN if there were none."""
    errors = [
        abs(float(row["match_step"]) - float(row["reference_step"])) / (float(row["steps"]) - 1)
        for row in rows
        if row["part"] == "catch"
    ]
    return float(pd.Series(errors, dtype=float).median())


def seal(rows: Iterable[Row]) -> str:
    """SHA-256 of the sealed columns of rows, as the page computes it."""
    lines = ["\t".join(row.get(column, "") for column in SEALED) for row in rows]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _rows(file: Path) -> list[Row]:
    """The rows of a file, in which every column of `SEALED` occurs."""
    try:
        text = file.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise _Unusable("is no file of such an experiment: it is not text") from None
    if not text.strip():
        raise _Unusable("is empty")
    rows = _json_rows(text) if text.lstrip()[0] in "[{" else _csv_rows(text)
    if rows and set(TABLE) <= rows[0].keys() and "part" not in rows[0]:
        return _trials(rows, hashlib.sha256(text.encode()).hexdigest()[:16])
    if not rows or not any(row.get("part") == "screen" for row in rows):
        raise _Unusable("is no file of such an experiment: it does not begin as one")
    return [dict.fromkeys(SEALED, "") | row for row in rows]


def _trials(rows: Sequence[Row], session: str) -> list[Row]:
    """The rows of a table of one's own as the page would name them."""
    for line, row in enumerate(rows, start=2):
        for column in TABLE[:5]:
            if not row[column].strip():
                raise _Unusable(f"lacks the {column} in line {line}")
        for column in sorted(set(_NUMBERS) & row.keys()):
            needed = column in TABLE or row[column] != ""
            if needed and not _is_number(row[column]):
                raise _Unusable(f"has no number in line {line}: {column} is “{row[column]}”")
    return [{**row, "part": "trial", "session": session} for row in rows]


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_sealed(rows: Sequence[Row]) -> bool:
    """Whether a page has saved the rows."""
    return any(row["part"] == "screen" for row in rows)


def _json_rows(text: str) -> list[dict[str, str]]:
    try:
        rows = json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError:
        raise _Unusable("is cut off: its JSON is not complete") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _Unusable("is no file of such an experiment: its JSON is no list of trials")
    return [{key: _written(value) for key, value in row.items()} for row in rows]


def _csv_rows(text: str) -> list[dict[str, str]]:
    try:
        table = csv.reader(io.StringIO(text, newline=""), strict=True)
        header, *lines = list(table)
    except csv.Error:
        raise _Unusable("is cut off: its last line is not complete") from None
    if any(len(line) != len(header) for line in lines):
        raise _Unusable("is cut off, or was edited: its lines are not of the same length")
    return [dict(zip(header, line, strict=True)) for line in lines]


def _written(value: Any) -> str:
    """A value as JavaScript writes it into the CSV file; numbers have been left as text."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _check(rows: Sequence[Row], fingerprints: Mapping[str, str]) -> None:
    """Raise why rows that a page has saved cannot be used."""
    if not _is_sealed(rows):
        return
    first = next(row for row in rows if row["part"] == "screen")
    if first["format"] != str(FORMAT):
        raise _Unusable(
            f"is of another version: format {first['format'] or 'unknown'}, written by illusions {first['version']}; "
            f"expected format {FORMAT}"
        )
    end = rows[-1]
    if not any(row["part"] == "end" for row in rows):
        raise _Unusable("is cut off: its end is missing")
    _check_seal(rows)
    for row in rows:
        if row["fingerprint"] and fingerprints.get(row["stimulus"], row["fingerprint"]) != row["fingerprint"]:
            raise _Unusable(f"is of another version: “{row['stimulus']}” has changed since the page was made")
    if not any(row["part"] == "trial" for row in rows):
        raise _Unusable(f"holds no match (it ends: {end.get('reason') or 'stopped'})")
    error = catch_error(rows)
    if math.isnan(error):
        raise _Unusable("has no catch trial, so that nothing says whether the observer looked")
    if error > CATCH_TOLERANCE:
        raise _Unusable(
            f"failed the catch trials: both targets were {error:.0%} of the range apart (median); expected at most "
            f"{CATCH_TOLERANCE:.0%}"
        )


def _check_seal(rows: Sequence[Row]) -> None:
    """The end row seals those before it and itself; a trial that follows it (leaving full screen) does not count."""
    last = next(i for i, row in enumerate(rows) if row["part"] == "end")
    if rows[last].get("rows") != str(last + 1) or rows[last].get("seal") != seal(rows[: last + 1]):
        raise _Unusable("was edited, or saved anew by a table program: its seal does not fit; expected it as saved")


def _matches_frame(used: Iterable[tuple[Path, Sequence[Row]]]) -> pd.DataFrame:
    found = [{**row, "file": str(file)} for file, rows in used for row in rows if row["part"] == "trial"]
    frame = pd.DataFrame(found, columns=[*_TEXTS, *_NUMBERS, "file"])
    return frame.assign(**{name: pd.to_numeric(frame[name].replace({"null": None})) for name in _NUMBERS})


def _session(file: Path, rows: Sequence[Row]) -> dict[str, Any]:
    """What was noted once, each value as what it is: text, a number, true or false; None where it is not known."""
    once: dict[str, Any] = {}
    for part, (texts, others) in _ONCE.items():
        row: Row = next((row for row in rows if row["part"] == part), {})
        once |= {column: row.get(column) or None for column in texts}
        once |= {column: json.loads(row.get(column) or "null") for column in others}
    observers = dict.fromkeys(row["observer"] for row in rows if row["part"] in ("screen", "trial"))
    own = {"observer": ", ".join(observers), "session": rows[0]["session"]}
    return {**own, **once, "catch_error": catch_error(rows), "sealed": _is_sealed(rows), "file": str(file)}
