"""Files of matches, as the page saves them, as hosts join them, and as laboratories write tables of their own."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from illusions.errors import InputError
from illusions.stimuli.axes import AXES

#: The columns of a table that no page has saved: that of the script for PsychoPy, or of an experiment of one's own.
TABLE = ("observer", "stimulus", "axis", "reference_condition", "comparison_condition", "reference_value", "match")
#: The columns of a table of one's own that are numbers, where it has them.
NUMBERS = (
    *("reference_value", "repetition", "start", "match", "rt", "away", "adjustments", "magnification"),
    "picture_degrees",
)
#: The column ``axis`` where hue and contrast are set at once, and the numbers that are there besides.
DISC = "dkl-plane"
CONTRASTS = ("reference_contrast", "start_contrast", "match_contrast")
_CONDITIONS = ("reference_condition", "comparison_condition")
#: Those of the numbers that are values on the axis.
_VALUES = ("reference_value", "start", "match")
#: Columns that only the page writes: rows with one of them are rows of the page, even if others were removed.
_OF_THE_PAGE = {"fingerprint", "match_step", "seal"}
#: The plugin of jsPsych whose trials are matches; in a table with such rows all others are skipped.
_PLUGIN = "illusions-adjustment"
_DELIMITERS = ",;\t"
_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)
#: What a zip archive begins with, as workbooks and the archives of hosts do.
_ARCHIVE = b"PK\x03\x04"

#: A row of a file, every value as it is written there: ``"0.5"``, ``"true"``, ``"null"``, ``""`` where there is none.
Row: TypeAlias = Mapping[str, str]


class Unusable(Exception):
    """Why a file, or a session in it, is left out."""


@dataclass(frozen=True)
class TableFormat:
    """How tables of one's own are written, where they differ from ours; files of the page are not concerned."""

    columns: Mapping[str, str] = field(default_factory=dict)  #: their names by ours: ``{"observer": "participant"}``.
    conditions: Mapping[str, str] = field(default_factory=dict)  #: their names by ours, of all stimuli.
    #: of matches and starts on circular axes: ``"turns"`` or ``"degrees"``. A reference value of at most a turn is one
    #: in turns in either case.
    hue_unit: Literal["turns", "degrees"] = "turns"


@dataclass(frozen=True, eq=False)
class Recording:
    """The rows of one session."""

    file: Path  #: that holds it.
    session: str  #: its code; of a table of one's own, made from its rows.
    observer: str  #: a code.
    #: in their order. Those of the page are as they are in the file; of a table of one's own, as the page would name
    #: them.
    rows: Sequence[Row]
    flaw: str = ""  #: why its rows are not all there; empty where nothing shows it.


@dataclass(frozen=True, eq=False)
class FileContents:
    """What a file holds."""

    recordings: Sequence[Recording]  #: the sessions, in their order.
    notes: Sequence[str] = ()  #: how the file was read, where that is not plain.
    flaws: Mapping[str, str] = field(default_factory=dict)  #: why parts of the file belong to no session, by the place.
    #: names of conditions, of those that ``TableFormat.conditions`` has, that occur.
    conditions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Line:
    """A row, and where it stands: ``"line 3"``."""

    place: str
    row: dict[str, str]


@dataclass(frozen=True)
class _Parsed:
    """The rows of a file; and, where it ends too early, the place and the reason."""

    lines: Sequence[_Line]
    flaw_place: str = ""
    flaw: str = ""


def read_contents(file: Path, table_format: TableFormat) -> FileContents:
    """Read a file with the sessions of one or several observers.

    What the page saved is JSON or CSV, and may be joined: JATOS exports a list of JSON per line, ``jq -s add`` makes
    one list of several, and CSV files may be stacked, with their headers or without. A table of one's own has the
    columns of `TABLE`, separated by commas, semicolons or tabs; or it is what a page with ``illusionsTimeline`` saved.

    Args:
        file: any.
        table_format: of a table of one's own.

    Raises:
        InputError: the file does not exist or cannot be read.
        Unusable: it is no such file, or no table in which every number can be read in one way only.
    """
    text = _text(file)
    if not text.strip():
        raise Unusable("is empty")
    parsed = _parse_json(text) if text.lstrip()[0] in "[{" else _parse_csv(text, table_format)
    if any(_OF_THE_PAGE & line.row.keys() or line.row.get("part") in ("screen", "end") for line in parsed.lines):
        return _page_contents(file, parsed)
    if parsed.flaw:
        raise Unusable(parsed.flaw)
    return _table_contents(file, parsed.lines, table_format)


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror or error})") from None
    if data.startswith(_ARCHIVE):
        raise Unusable("is an archive or a workbook; expected the text in it, of a workbook saved as “CSV UTF-8”")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        return data.decode(encoding).replace("\ufeff", "")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unusable(f"is not text in UTF-8: line {line} is not; expected UTF-8 (in Excel: “CSV UTF-8”)") from None


def _parse_json(text: str) -> _Parsed:
    """Lists of rows, lists of such lists, or rows, one after the other."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str)
    lines: list[_Line] = []
    at = 0
    while at := _next(text, at):
        place = f"line {text.count(chr(10), 0, at - 1) + 1}"
        try:
            value, at = decoder.raw_decode(text, at - 1)
        except json.JSONDecodeError:
            return _Parsed(lines, place, "is cut off: its JSON is not complete")
        try:
            lines += [_Line(f"row {len(lines) + i}", row) for i, row in enumerate(_json_rows(value), start=1)]
        except TypeError:
            raise Unusable("is no file of such an experiment: its JSON is no list of trials") from None
    return _Parsed(lines)


def _next(text: str, at: int) -> int:
    """One more than the place of the next character that is no space; 0 at the end."""
    found = re.compile(r"\S").search(text, at)
    return found.start() + 1 if found else 0


def _json_rows(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        yield {key: _written(each) for key, each in value.items()}
    elif isinstance(value, list):
        for each in value:
            yield from _json_rows(each)
    elif value is not None:
        raise TypeError


def _written(value: Any) -> str:
    """A value as JavaScript writes it into the CSV file; numbers have been left as text."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _parse_csv(text: str, table_format: TableFormat) -> _Parsed:
    """Rows of one table or of several, each beneath its own header or all beneath the first."""
    delimiter, skipped = _delimiter(text)
    body = "".join(text.splitlines(keepends=True)[skipped:])
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    lines: list[_Line] = []
    while True:
        place = f"line {skipped + reader.line_num + 1}"
        try:
            cells = next(reader, None)
        except csv.Error as error:
            end = "unexpected end" in str(error)
            flaw = "is cut off: its last line is not complete" if end else f"has a stray quotation mark in {place}"
            return _Parsed(lines, place, flaw)
        if cells is None:
            return _Parsed(lines)
        if not any(cell.strip() for cell in cells):
            continue
        if not header or _is_header(cells, header, table_format):
            header = _header(cells)
            continue
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(header):
            flaw = f"is cut off, or was edited: {place} has {len(cells)} cells, and the header {len(header)}"
            return _Parsed(lines, place, flaw)
        lines.append(_Line(place, dict(zip(header, cells, strict=True))))


def _delimiter(text: str) -> tuple[str, int]:
    """What separates cells, and how many lines precede the header: Excel may write ``sep=;`` first."""
    first = text.splitlines()[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5 and first[4] in _DELIMITERS:
        return first[4], 1
    header = next(line for line in text.splitlines() if line.strip(_DELIMITERS + " "))
    return max(_DELIMITERS, key=lambda each: len(next(csv.reader([header], delimiter=each)))), 0


def _is_header(cells: Sequence[str], header: Sequence[str], table_format: TableFormat) -> bool:
    """Whether a line names columns anew, as where files were stacked."""
    names = {cell.strip() for cell in cells}
    table = {table_format.columns.get(name, name) for name in TABLE}
    return {"part", "session", "trial_type"} <= names or table <= names or names == set(header)


def _header(cells: Sequence[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    twice = next((name for name in names if name in (*TABLE, *NUMBERS) and names.count(name) > 1), None)
    if twice:
        raise Unusable(f"has two columns called {twice}; expected one")
    return names


def _page_contents(file: Path, parsed: _Parsed) -> FileContents:
    """The sessions of rows that pages have saved; a session that occurs twice is there twice."""
    by_session: dict[str, list[list[Row]]] = {}
    for line in parsed.lines:
        copies = by_session.setdefault(line.row.get("session", ""), [])
        if not copies or (line.row.get("part") == "screen" and copies[-1]):
            copies.append([])
        copies[-1].append(line.row)
    flaws: dict[str, str] = {}
    if "" in by_session:
        rows = [row for copy in by_session.pop("") for row in copy]
        flaws["rows without a session"] = f"holds {len(rows)} of them: it was edited, or joined with something else"
    found = [(session, copy) for session, copies in by_session.items() for copy in copies]
    last = parsed.lines[-1].row.get("session", "")
    is_of_last = parsed.flaw and parsed.flaw_place and last in by_session and not _is_json(parsed)
    if parsed.flaw and not is_of_last:
        flaws[parsed.flaw_place] = parsed.flaw
    recordings = [
        Recording(
            file=file,
            session=session,
            observer=_observer(rows),
            rows=rows,
            flaw=parsed.flaw if is_of_last and session == last and rows is by_session[last][-1] else "",
        )
        for session, rows in found
    ]
    return FileContents(recordings, flaws=flaws)


def _is_json(parsed: _Parsed) -> bool:
    return parsed.lines[0].place.startswith("row")


def _observer(rows: Iterable[Row]) -> str:
    return next((row["observer"] for row in rows if row.get("observer")), "")


def _table_contents(file: Path, lines: Sequence[_Line], table_format: TableFormat) -> FileContents:
    """The sessions of a table of one's own: one per observer."""
    matches = [line for line in lines if line.row.get("trial_type") == _PLUGIN]
    others, lines = (len(lines) - len(matches), matches) if matches else (0, lines)
    names = _own_names(lines, table_format)
    named = [
        _Line(line.place, {**line.row, **{ours: line.row[theirs] for ours, theirs in names.items()}}) for line in lines
    ]
    full = [line for line in named if any(line.row[column].strip() for column in TABLE[1:])]
    check = _NumberReader(full)
    conditions = {theirs: ours for ours, theirs in table_format.conditions.items()}
    rows = [_own_row(line, check, conditions, table_format) for line in full]
    by_observer: dict[str, list[Row]] = {}
    for row in rows:
        by_observer.setdefault(row["observer"], []).append(row)
    same = sum(row["part"] == "catch" for row in rows)
    occurring = {line.row[column].strip() for line in full for column in _CONDITIONS} & conditions.keys()
    mapped = [f"{ours} is “{theirs}”" for ours, theirs in names.items() if ours != theirs]
    mapped += [f"condition {conditions[theirs]} is “{theirs}”" for theirs in sorted(occurring)]
    hues = table_format.hue_unit == "degrees" and any(_is_circular(row["axis"]) for row in rows)
    notes = [
        *([f"read as: {', '.join(mapped)}"] if mapped else []),
        *(["its numbers have decimal commas"] if check.has_commas else []),
        *(["hue is in degrees"] if hues else []),
        *([f"{_counted(others, 'row')} of other trials skipped"] if others else []),
        *([f"{_counted(len(lines) - len(full), 'row')} without values skipped"] if len(full) < len(lines) else []),
        *([f"{_counted(same, 'row')} with the same condition twice taken as catch trials"] if same else []),
    ]
    recordings = [
        Recording(file, session, observer, [{**row, "session": session} for row in its])
        for observer, its in by_observer.items()
        for session in [_digest(its)]
    ]
    return FileContents(recordings, notes, conditions=frozenset(occurring))


def _own_names(lines: Sequence[_Line], table_format: TableFormat) -> dict[str, str]:
    """The columns of a table by our names.

    Raises:
        Unusable: one is missing, or could be two.
    """
    header = list(dict.fromkeys(name for line in lines for name in line.row))
    if not lines or not (set(TABLE) | set(table_format.columns.values())) & set(header):
        raise Unusable("is no file of such an experiment: it does not begin as one")
    names: dict[str, str] = {}
    for ours in (*TABLE, *NUMBERS):
        theirs = table_format.columns.get(ours, ours)
        alike = [name for name in header if name.casefold() == theirs.casefold()]
        found = [theirs] if theirs in alike else alike
        if len(found) > 1:
            raise Unusable(f"has the columns {' and '.join(found)}; expected one of them")
        if found:
            names[ours] = found[0]
        elif ours in table_format.columns and ours in header:
            names[ours] = ours
    missing = [table_format.columns.get(name, name) for name in TABLE if name not in names]
    if missing:
        raise Unusable(
            f"lacks {'the column' if len(missing) == 1 else 'the columns'} {', '.join(missing)} in its header, which "
            f"has {', '.join(name for name in header if name)}; expected {', '.join(TABLE)}, or --columns OURS=YOURS"
        )
    for line in lines:
        gaps = [theirs for theirs in names.values() if theirs not in line.row]
        if gaps:
            raise Unusable(f"lacks the {gaps[0]} in {line.place}")
    return names


class _NumberReader:
    """Reads numbers with a decimal point, or all with a decimal comma."""

    def __init__(self, lines: Iterable[_Line]) -> None:
        places = {"comma": "", "point": ""}
        for line in lines:
            for column in (*NUMBERS, *CONTRASTS):
                cell = line.row.get(column, "").strip()
                kind = "comma" if _COMMA.fullmatch(cell) else "point" if _POINT.fullmatch(cell) and "." in cell else ""
                if kind and not places[kind]:
                    places[kind] = line.place
        if all(places.values()):
            raise Unusable(
                f"has a decimal comma in {places['comma']} and a decimal point in {places['point']}; expected one kind"
            )
        self.has_commas = bool(places["comma"])

    def __call__(self, cell: str) -> str | None:
        """A number as Python writes it; None if there is none."""
        pointed = cell.strip().replace(",", ".") if self.has_commas else cell.strip()
        return pointed if _POINT.fullmatch(pointed) else None


def _own_row(line: _Line, number: _NumberReader, conditions: Mapping[str, str], table_format: TableFormat) -> Row:
    """A row of a table of one's own as the page would name it."""
    row = {column: cell.strip() for column, cell in line.row.items()}
    for column in TABLE[:5]:
        if not row[column]:
            raise Unusable(f"lacks the {column} in {line.place}")
    needed = (*TABLE, *CONTRASTS) if row["axis"] == DISC else TABLE
    for column in (*NUMBERS, *CONTRASTS):
        cell = row.get(column, "")
        if (column in needed and column != "start_contrast") or cell not in ("", "null"):
            found = number(cell)
            if found is None:
                raise Unusable(f"has no number in {line.place}: {column} is “{cell}”")
            row[column] = found
    row |= {column: conditions.get(row[column], row[column]) for column in _CONDITIONS}
    if table_format.hue_unit == "degrees" and _is_circular(row["axis"]):
        row |= _in_turns(row)
    return row | {"part": "catch" if row[_CONDITIONS[0]] == row[_CONDITIONS[1]] else "trial"}


def _is_circular(axis: str) -> bool:
    return axis in AXES and AXES[axis].circular


def _in_turns(row: Row) -> dict[str, str]:
    """Values of a circular axis, from degrees."""
    turn = AXES[row["axis"]].high
    wanted = [name for name in _VALUES if row.get(name) and (name != "reference_value" or float(row[name]) > turn)]
    return {name: repr(float(row[name]) / 360 * turn) for name in wanted}


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _digest(rows: Iterable[Row]) -> str:
    """The same for the same rows, in whatever format they were written."""
    written = [sorted((column, cell) for column, cell in row.items() if column and cell) for row in rows]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()[:16]
