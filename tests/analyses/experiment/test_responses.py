"""Files as the page writes them, and what may have happened to them since."""

from __future__ import annotations

import csv
import io
import json

import pytest

from illusions.analyses.experiment.response_files import TableFormat
from illusions.analyses.experiment.responses import SEALED, read_responses, seal, several_sessions
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
    return responses.left_out[str(path)]


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
    assert responses.left_out == {str(second): f"holds the same session as {first}"}


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
    path = table(tmp_path / "own.csv", OWN | {"rt": ""}, other | {"rt": "3000"})
    responses = read_responses([path])
    assert responses.matches["match"].tolist() == [0.6, 0.7]
    assert responses.matches["rt"].isna().tolist() == [True, False]
    found = responses.sessions.to_dict("records")
    assert [(each["observer"], each["sealed"], each["complete"]) for each in found] == [
        ("ab", False, None),
        ("cd", False, None),
    ]
    assert responses.notes[str(path)] == [
        "a table of your own; nothing shows whether it was edited and whether people looked"
    ]


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


def test_what_a_table_lacks_is_named(tmp_path):
    rest = {column: value for column, value in OWN.items() if column not in ("match", "axis")}
    why = reason(table(tmp_path / "own.csv", rest | {"response": "0.6"}))
    assert why.startswith("lacks the columns axis, match in its header, which has observer, stimulus, reference_cond")
    assert "response; expected observer, stimulus, axis" in why
    assert why.endswith("or --columns OURS=YOURS")


WIDE = {"participant": "ab", "date": "2026-01-02", "": ""}


@pytest.mark.parametrize(
    "text",
    [
        lambda text: "\ufeff" + text,
        lambda text: text + "\n",
        lambda text: "\n" + text,
        lambda text: text + ",,,,,,\n,,,,,,\n",
        lambda text: text.replace(",", ";").replace("0.", "0,").replace("\n", "\r\n"),
        lambda text: "sep=;\n" + text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace(",", "\t").replace("0.", "0,"),
        lambda text: text.replace("0.7", '"0,7"').replace("0.6", '"0,6"').replace("0.5", '"0,5"'),
        lambda text: text.replace(",", " , "),
        lambda text: text.replace("observer", "Observer").replace("match\n", "Match\n"),
        lambda text: "\n".join(f"{line},{'part' if i == 0 else 1}," for i, line in enumerate(text.splitlines())),
        lambda text: "\n".join(f"{line},,," for line in text.splitlines()),
        lambda text: text + text.splitlines()[0] + "\n",
        lambda text: text.replace("\n", "\r"),
    ],
)
def test_a_table_as_others_write_it_has_the_same_numbers(text, tmp_path):
    path = table(tmp_path / "own.csv", OWN, OWN | {"match": "0.7"})
    path.write_text(text(path.read_text("utf-8")), "utf-8", newline="")
    responses = read_responses([path])
    assert not responses.left_out
    assert responses.matches[["observer", "reference_value", "match"]].to_numpy().tolist() == [
        ["ab", 0.5, 0.6],
        ["ab", 0.5, 0.7],
    ]


def test_a_table_in_utf_16_is_read_and_one_in_latin_1_is_refused_by_its_line(tmp_path):
    path = table(tmp_path / "own.csv", OWN | {"observer": "Jürgen"})
    text = path.read_text("utf-8")
    path.write_text(text.replace(",", "\t"), "utf-16")
    assert read_responses([path]).matches["observer"].tolist() == ["Jürgen"]
    path.write_text(text, "latin-1")
    assert reason(path) == "is not text in UTF-8: line 2 is not; expected UTF-8 (in Excel: “CSV UTF-8”)"


def test_rows_of_psychopy_without_values_are_skipped_and_counted(tmp_path):
    empty = dict.fromkeys(OWN, "") | WIDE
    path = table(tmp_path / "own.csv", empty, OWN | WIDE, empty)
    table_format = TableFormat(columns={"observer": "participant"})
    responses = read_responses([path], table_format=table_format)
    assert responses.matches["observer"].tolist() == ["ab"]
    assert responses.notes[str(path)][:2] == ["read as: observer is “participant”", "2 rows without values skipped"]


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda text: text.replace("0.6", "0,6"), "line 2 has 8 cells, and the header 7"),
        (
            lambda text: text.replace(",", ";").replace("0.6", "0,6"),
            "has a decimal comma in line 2 and a decimal point in line 2; expected one kind",
        ),
        (lambda text: text.replace("0.6", "6_0"), "has no number in line 2: match is “6_0”"),
        (lambda text: text.replace("axis", "match"), "has two columns called match; expected one"),
        (lambda text: text.replace("axis", "Match").replace("match", "MATCH"), "has the columns Match and MATCH"),
        (lambda text: text.replace("brightness", ""), "lacks the axis in line 2"),
        (lambda text: text[:-8], "line 2 has 6 cells, and the header 7"),
        (lambda text: text.replace("0.6", '"0."6'), "has a stray quotation mark in line 2"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_by_its_line(edit, why, tmp_path):
    path = table(tmp_path / "own.csv", OWN)
    path.write_text(edit(path.read_text("utf-8")), "utf-8")
    assert why in reason(path)


def test_own_names_of_columns_and_conditions_are_mapped_and_said(tmp_path):
    own = {"participant": "ab", "response": "0.6"} | {k: v for k, v in OWN.items() if k not in ("observer", "match")}
    path = table(tmp_path / "own.csv", own | {"reference_condition": "black"})
    names = TableFormat({"observer": "participant", "match": "response"}, {"dark": "black"})
    responses = read_responses([path], table_format=names)
    (row,) = responses.matches.to_dict("records")
    assert (row["observer"], row["match"], row["reference_condition"]) == ("ab", 0.6, "dark")
    said = "read as: observer is “participant”, match is “response”, condition dark is “black”"
    assert responses.notes[str(path)][0] == said
    with pytest.raises(InputError, match="no table has a condition “blakc”"):
        read_responses([path], table_format=TableFormat(names.columns, {"dark": "blakc"}))


def test_rows_with_the_same_condition_twice_are_catch_trials(tmp_path):
    catch = OWN | {"comparison_condition": "dark"}
    rows = [OWN, catch | {"match": "0.52"}, OWN | {"observer": "cd"}, catch | {"observer": "cd", "match": "0.9"}]
    path = table(tmp_path / "own.csv", *rows)
    responses = read_responses([path])
    assert responses.matches[["observer", "match"]].to_numpy().tolist() == [["ab", 0.6]]
    assert responses.sessions["catch_error"].tolist() == pytest.approx([0.02])
    assert responses.notes[str(path)][0] == "2 rows with the same condition twice taken as catch trials"
    assert list(responses.left_out) == [f"{path}, observer cd"]
    assert "both targets were 40% of the range apart" in responses.left_out[f"{path}, observer cd"]


def test_hue_in_degrees_becomes_turns_and_a_catch_trial_goes_the_shorter_way_round(tmp_path):
    hue = OWN | {"axis": "hue", "reference_value": "0.0833", "match": "36.0"}
    catch = hue | {"comparison_condition": "dark", "reference_value": "3.6", "match": "356.4"}
    path = table(tmp_path / "own.csv", hue, hue | {"reference_value": "30"}, catch)
    responses = read_responses([path], table_format=TableFormat(hue_unit="degrees"))
    assert responses.matches["match"].tolist() == pytest.approx([0.1, 0.1])
    assert responses.matches["reference_value"].tolist() == pytest.approx([0.0833, 30 / 360])
    assert responses.sessions["catch_error"].tolist() == pytest.approx([0.02])
    assert "hue is in degrees" in responses.notes[str(path)]


def sealed(observer, match, *, caught=0.5, session_code=None):
    """A session of an observer, as the page saves it."""
    code = session_code or f"s-{observer}"
    rows = session(trial("catch", caught, comparison="dark"), trial("trial", match))
    rows = [each | {"session": code, "observer": observer} for each in rows]
    rows[-2]["seal"] = seal([written({k: v for k, v in each.items() if k != "seal"}) for each in rows[:-1]])
    return rows


def json_lines(*sessions):
    return "\n".join(json.dumps(rows) for rows in sessions) + "\n"


def json_added(*sessions):
    return json.dumps([row for rows in sessions for row in rows])


def json_of_lists(*sessions):
    return json.dumps(sessions)


def stacked(*sessions):
    return "".join(as_csv(rows) for rows in sessions)


def stacked_under_one_header(*sessions):
    return as_csv([row for rows in sessions for row in rows])


JOINED = [json_lines, json_added, json_of_lists, stacked, stacked_under_one_header]


@pytest.mark.parametrize("join", JOINED)
def test_every_session_of_a_joined_file_is_checked_by_itself(join, tmp_path):
    edited = sealed("ef", 0.7)
    edited[4]["match"] = 0.9
    careless, other_format = sealed("cd", 0.7, caught=0.9), sealed("gh", 0.7)
    other_format[0]["format"] = 2
    path = tmp_path / "joined.txt"
    path.write_text(join(careless, sealed("ab", 0.61), edited, other_format, sealed("ij", 0.62)), "utf-8", newline="")
    responses = read_responses([path])
    assert responses.matches[["observer", "match"]].to_numpy().tolist() == [["ab", 0.61], ["ij", 0.62]]
    assert {key: why.split(":")[0] for key, why in responses.left_out.items()} == {
        f"{path}, observer cd": "failed the catch trials",
        f"{path}, observer ef": "was edited, or saved anew by a table program",
        f"{path}, observer gh": "is of another version",
    }


@pytest.mark.parametrize("join", JOINED)
def test_two_sessions_under_one_code_are_said(join, tmp_path):
    path = tmp_path / "joined.txt"
    failed = sealed("ab", 0.6, caught=0.9, session_code="third")
    path.write_text(join(sealed("ab", 0.6), sealed("ab", 0.62, session_code="other"), failed), "utf-8", newline="")
    responses = read_responses([path])
    assert len(responses.matches) == 2
    assert several_sessions(responses.sessions) == ["ab: 2 sessions"]
    assert list(responses.left_out) == [f"{path}, observer ab, session third"]


def test_of_a_session_that_was_sent_several_times_the_last_state_is_used(tmp_path):
    whole = session(*GOOD)
    part = session(*GOOD[:2])
    for rows in ((part, whole), (whole, part)):
        path = tmp_path / "joined.txt"
        path.write_text(json_lines(*rows), "utf-8")
        responses = read_responses([path])
        assert responses.matches["match"].tolist() == [0.62, 0.1]
        assert not responses.left_out
    left = session(*GOOD)
    left[-2] |= {"complete": False, "reason": "left"}
    left[-2]["seal"] = seal([written({k: v for k, v in row.items() if k != "seal"}) for row in left[:-1]])
    path.write_text(json_lines(left, whole), "utf-8")  # after the last answer, and at the end
    assert read_responses([path]).sessions["complete"].tolist() == [True]
    early = tmp_path / "early.json"
    early.write_text(json.dumps(part))
    responses = read_responses([early, path])
    assert len(responses.matches) == 2
    assert list(responses.left_out) == [str(early)]


@pytest.mark.parametrize(("join", "place"), [(json_lines, ", line 2"), (stacked, ", observer cd")])
def test_a_joined_file_that_is_cut_off_keeps_the_sessions_before(join, place, tmp_path):
    path = tmp_path / "joined.txt"
    text = join(sealed("ab", 0.6), sealed("cd", 0.7))
    path.write_text(text[: int(0.9 * len(text))], "utf-8", newline="")
    responses = read_responses([path])
    assert responses.matches["observer"].tolist() == ["ab"]
    assert list(responses.left_out) == [f"{path}{place}"]
    assert responses.left_out[f"{path}{place}"].startswith("is cut off")


def test_a_trial_after_the_seal_or_without_a_session_is_no_match(tmp_path):
    path = tmp_path / "matches.json"
    rows = session(*GOOD)
    path.write_text(json.dumps([*rows, trial("trial", 0.9)]))
    assert read_responses([path]).matches["match"].tolist() == [0.62, 0.1]
    path.write_text(json.dumps([*rows, trial("trial", 0.9) | {"session": ""}]))
    responses = read_responses([path])
    assert responses.matches["match"].tolist() == [0.62, 0.1]
    assert list(responses.left_out) == [f"{path}, rows without a session"]


def test_rows_of_the_page_without_its_first_and_last_are_no_table_of_ones_own(file):
    assert "does not begin as one" in reason(file(GOOD[1:]))
