from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import illusions
from illusions.tables import _MISSING, read_as_missing, read_table, write_table

#: Names that other programs take for something else.
NAMES = [*sorted(_MISSING), "", "007", "1e5", "true", "-inf", "grün, links", 'a "b"', "=1+1", "αβγ", "two\nlines"]


@pytest.mark.parametrize("column", ["condition", "reference_condition", "stimulus", "model", "picture", "axis"])
def test_any_name_survives_beside_numbers_that_are_missing(tmp_path, column):
    table = pd.DataFrame({column: NAMES, "value": np.arange(len(NAMES)) / 7, "effect": [np.nan] * len(NAMES)})
    write_table(tmp_path / "table.csv", table)
    read = illusions.read_table(tmp_path / "table.csv")
    assert list(read[column]) == NAMES
    assert read["value"].tolist() == table["value"].tolist()
    assert read["effect"].isna().all()


def test_one_name_alone_survives(tmp_path):
    for name in NAMES:
        write_table(tmp_path / "table.csv", pd.DataFrame({"condition": [name], "value": [0.5]}))
        assert list(read_table(tmp_path / "table.csv")["condition"]) == [name]


def test_infinite_numbers_and_truth_survive(tmp_path):
    table = pd.DataFrame({"value": [np.inf, -np.inf, np.nan], "in_gamut": [True, False, True], "places": [1, 2, 3]})
    write_table(tmp_path / "table.csv", table)
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv"), table)


def test_what_is_said_to_read_as_missing_does_so_in_pandas():
    table = pd.DataFrame({"condition": NAMES, "number": 1})
    read = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    lost = {name for name, gone in zip(NAMES, read["condition"].isna(), strict=True) if gone}
    assert set(read_as_missing(table)) == lost - {""}
    assert read_as_missing(pd.DataFrame({"reason": ["None"], "condition": ["dark"]})) == []
