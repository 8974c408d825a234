"""Tables as CSV: names are read as written, and only empty cells are missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Columns that hold names, whatever these look like: a condition may be called NA, None, 007 or true.
NAMES = (
    "stimulus", "condition", "reference_condition", "comparison_condition", "axis", "model", "reference", "picture",
    "predictor", "set", "family", "observer", "file",
)  # fmt: skip
#: What pandas takes for a missing value unless it is told not to, but for the empty cell; R takes NA.
_MISSING = {
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
    "NaN", "None", "n/a", "nan", "null",
}  # fmt: skip


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV, UTF-8, a line per row, without the index; a missing value is an empty cell."""
    table.to_csv(path, index=False)


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table that a command wrote.

    As `pandas.read_csv`, which takes names such as NA, None or null for missing values and 007 for a number; here the
    columns of names (`NAMES`) hold text, and of the others only empty cells are missing.

    Args:
        path: a CSV file.

    Returns:
        The rows as they were written. An empty name is ``""``, an empty number NaN.
    """
    import pandas as pd

    table = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(NAMES, str))
    named = [column for column in table.columns if column in NAMES]
    table[named] = table[named].fillna("")
    return table


def read_as_missing(table: pd.DataFrame) -> list[str]:
    """Names in a table that `pandas.read_csv` takes for missing values unless it is told not to, sorted."""
    return sorted({value for column in table.columns if column in NAMES for value in table[column]} & _MISSING)
