"""Files as the page writes them, and what may have happened to them since."""

from __future__ import annotations

import csv
import io
import json

import pytest

from illusions.analyses.experiment.responses import SEALED, read_responses, seal
from illusions.errors import InputError


def row(part, **columns):
    return {"part": part, "session": "s1", "observer": "ab", **columns}


def trial(part, match, *, reference="dark", comparison="light", **columns):
    own = {"stimulus": "x", "fingerprint": "f", "axis": "brightness", "reference_value": 0.5, "repetition": 1}
    pair = {"reference_condition": reference, "comparison_condition": comparison, "comparison_place": "left"}
    steps = {"reference_step": 128, "steps": 256, "match_step": round(match * 255), "start": 0.0, "match": match}
    rest = {"rt": 4000, "adjustments": 3, "magnification": 1, "picture_degrees": None}
    return row(part, **own, **pair, **steps, **rest, **columns)


def session(*trials, **screen):
    """The rows of a session, sealed."""
    rows = [
        row("screen", **{"format": 1, "version": "0.1.0", "experiment": "12e4567890123456", "touch": False} | screen),
        row("about", viewing_distance_cm=57, css_pixels_per_mm=None),
        row("gamma", gamma=2.2),
        *trials,
        row("end", format=1, complete=True, reason="done"),
    ]
    rows[-1] |= {"rows": len(rows), "seal": seal([written(row) for row in rows])}
    return [*rows, {"trial_type": "fullscreen", "session": "s1", "observer": "ab"}]


def written(row):
    return {key: as_written(value) for key, value in row.items()}


def as_written(value):
    return value if isinstance(value, str) else json.dumps(value)


GOOD = [trial("catch", 0.5, comparison="dark"), trial("trial", 0.62), trial("trial", 0.1, reference="light")]


def as_json(rows):
    return json.dumps(rows)


def as_csv(rows):
    text = io.StringIO(newline="")
    columns = dict.fromkeys(key for row in rows for key in row)
    table = csv.DictWriter(text, columns, quoting=csv.QUOTE_ALL)
    table.writeheader()
    table.writerows(written(row) for row in rows)
    return text.getvalue()


@pytest.fixture(params=[("json", as_json), ("csv", as_csv)], ids=["json", "csv"])
def file(request, tmp_path):
    """Write rows in either format; `edit` is done to the text."""
    suffix, text = request.param

    def file(rows, edit=lambda text: text, name="matches"):
        path = tmp_path / f"{name}.{suffix}"
        path.write_text(edit(text(rows)), "utf-8", newline="")
        return path

    return file


def reason(path, **fingerprints):
    responses = read_responses([path], fingerprints)
    assert responses.matches.empty
    assert responses.sessions.empty
    return responses.left_out[path]


def test_a_file_is_read(file):
    responses = read_responses([file(session(*GOOD))], {"x": "f", "y": "g"})
    assert not responses.left_out
    assert responses.matches["match"].tolist() == [0.62, 0.1]
    assert responses.matches["reference_condition"].tolist() == ["dark", "light"]
    assert responses.matches["picture_degrees"].isna().all()
    assert responses.matches["rt"].tolist() == [4000, 4000]
    (found,) = responses.sessions.to_dict("records")
    assert (found["observer"], found["touch"], found["gamma"], found["complete"]) == ("ab", False, 2.2, True)
    assert (found["experiment"], found["css_pixels_per_mm"]) == ("12e4567890123456", None)
    assert found["catch_error"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_file_that_is_cut_off_is_left_out(share, file):
    assert "cut off" in reason(file(session(*GOOD), lambda text: text[: int(share * len(text))]))


def test_a_file_that_ends_between_two_rows_is_left_out(file):
    assert reason(file(session(*GOOD)[:-2])) == "is cut off: its end is missing"


@pytest.mark.parametrize(("old", "new"), [("0.62", "0.52"), ("4000", "400"), ("ab", "cd"), ("light", "dark")])
def test_an_edited_file_is_left_out(old, new, file):
    assert reason(file(session(*GOOD), lambda text: text.replace(old, new))).startswith("was edited")


def test_a_row_taken_out_is_an_edit(file):
    rows = session(*GOOD)
    assert reason(file(rows[:4] + rows[5:])).startswith("was edited")


def test_numbers_written_anew_are_an_edit(file):
    assert reason(file(session(*GOOD), lambda text: text.replace("0.62", "0.620"))).startswith("was edited")


def test_another_format_is_left_out(file):
    found = reason(file(session(*GOOD, format=2, version="9.0")))
    assert found == "is of another version: format 2, written by illusions 9.0; expected format 1"


def test_a_stimulus_that_has_changed_since_is_left_out(file):
    assert reason(file(session(*GOOD)), x="new") == "is of another version: “x” has changed since the page was made"


@pytest.mark.parametrize(("settings", "fails"), [([0.5, 0.59, 0.9], False), ([0.5, 0.62, 0.9], True), ([0.3], True)])
def test_who_fails_the_catch_trials_is_left_out(settings, fails, file):
    path = file(session(*(trial("catch", value) for value in settings), trial("trial", 0.5)))
    left_out = read_responses([path]).left_out
    assert [why.split(":")[0] for why in left_out.values()] == ["failed the catch trials"] * fails


def test_nothing_to_judge_by_and_nothing_to_use(file):
    assert "no catch trial" in reason(file(session(trial("trial", 0.5))))
    assert "holds no match" in reason(file(session(trial("catch", 0.5))))


def test_the_same_session_is_used_once(file, tmp_path):
    first, second = file(session(*GOOD), name="a"), file(session(*GOOD), name="b")
    responses = read_responses([first, second])
    assert len(responses.matches) == 2
    assert responses.left_out == {second: f"holds the same session as {first}"}


@pytest.mark.parametrize("text", ["", "hello", '{"a": 1}', "[]", "a,b\n1,2\n", "[1, 2]", "\0\x01"])
def test_what_is_no_file_of_an_experiment_is_left_out(text, tmp_path):
    path = tmp_path / "matches.json"
    path.write_text(text)
    assert "is no file of such an experiment" in reason(path) or "is empty" in reason(path)


def test_a_picture_is_left_out_and_a_missing_file_is_an_error(tmp_path):
    path = tmp_path / "matches.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    assert "not text" in reason(path)
    with pytest.raises(InputError, match=r"nowhere\.json: cannot be read"):
        read_responses([tmp_path / "nowhere.json"])


def test_page_and_reader_seal_the_same_columns():
    from pathlib import Path

    source = (Path(__file__).parents[3] / "experiment" / "src" / "seal.js").read_text("utf-8")
    listed = source[source.index("SEALED = [") : source.index("];")]
    assert tuple(listed.split('"')[1::2]) == SEALED


OWN = {
    **{"observer": "ab", "stimulus": "x", "axis": "brightness", "reference_condition": "dark"},
    **{"comparison_condition": "light", "reference_value": "0.5", "match": "0.6"},
}


def table(path, *rows):
    columns = ",".join(rows[0])
    path.write_text("\n".join([columns, *(",".join(row.values()) for row in rows)]) + "\n", "utf-8")
    return path


def test_a_table_of_ones_own_is_read_and_known_as_such(tmp_path):
    other = OWN | {"observer": "cd", "match": "0.7"}
    responses = read_responses([table(tmp_path / "own.csv", OWN | {"rt": ""}, other | {"rt": "3000"})])
    assert responses.matches["match"].tolist() == [0.6, 0.7]
    assert responses.matches["rt"].isna().tolist() == [True, False]
    (found,) = responses.sessions.to_dict("records")
    assert (found["observer"], found["sealed"], found["complete"]) == ("ab, cd", False, None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"match": "much"}, "has no number in line 3: match is “much”"),
        ({"match": ""}, "has no number in line 3: match is “”"),
        ({"match": "nan"}, "has no number in line 3: match is “nan”"),
        ({"observer": " "}, "lacks the observer in line 3"),
    ],
)
def test_a_table_of_ones_own_with_a_gap_is_left_out(change, why, tmp_path):
    assert reason(table(tmp_path / "own.csv", OWN, OWN | change)) == why


def test_a_table_without_a_match_column_is_none(tmp_path):
    rest = {column: value for column, value in OWN.items() if column != "match"}
    assert "is no file of such an experiment" in reason(table(tmp_path / "own.csv", rest))
