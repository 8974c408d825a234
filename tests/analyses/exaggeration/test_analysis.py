from __future__ import annotations

import math

import pandas as pd
import pytest
from pydantic import ValidationError

from illusions.analyses.claims.verdicts import NO, UNDECIDED, YES
from illusions.analyses.exaggeration.analysis import ExaggerationAnalysis, _surround
from illusions.analyses.exaggeration.wording import _likely
from illusions.errors import InputError
from illusions.models.evaluation import Estimate
from tests.analyses.tiny import drawn, run_tiny

KEYS = {
    "kind": "exaggeration",
    "title": "t",
    "crop": [2, 3, 48, 44],
    "target": {"centre": [30, 20], "extent": 8},
    "stride": 8,
    "axes": ["brightness"],
    "claim": {"source": "s", "text": "t."},
}


def analysis(photographs, **keys):
    return ExaggerationAnalysis.model_validate(KEYS | {"photograph": photographs[0]} | keys)


def test_a_photograph_is_exaggerated_and_measured(photographs):
    found = run_tiny(analysis(photographs))
    assert set(found.table["eta"]) == {0.6, -0.8}
    assert set(found.table["measure"]) == {"log-likelihood", "bits per dimension", "brightness rank"}
    assert {"before", "after", "change", "change_standard_error", "model"} <= set(found.table.columns)
    assert "of the target are the same in all 3 pictures" in found.measured
    assert "a patch every 8 pixels" in found.caption
    pictures = ["as it is", "η = +0.6", "η = −0.8"]
    *_, ranks, bits = axes = drawn(found)
    assert [panel.get_title() for panel in axes if panel.get_title()] == pictures
    assert [text.get_text() for text in ranks.get_legend().texts] == pictures
    rows = found.table[found.table["measure"] == "bits per dimension"]
    heights = [bar.lines[0].get_ydata()[0] for bar in bits.containers]
    assert heights == pytest.approx([rows["before"].iloc[0], *rows["after"]])
    certain = rows["change"].abs() > 2 * rows["change_standard_error"]
    wrong = certain & ((rows["change"] > 0) == (rows["eta"] > 0))
    assert ("went the other way" in found.measured) == wrong.any()
    right = (certain & ~wrong).sum()
    assert found.verdict == {2: "holds", 1: "holds in part"}.get(right, "does not hold" if wrong.any() else "undecided")


def surround(up, down, error=0.01):
    return pd.DataFrame(
        {
            "eta": [0.6, 0.6, -0.8],
            "measure": ["brightness rank", "bits per dimension", "bits per dimension"],
            "change": [0.5, up, down],
            "change_standard_error": error,
        }
    )


@pytest.mark.parametrize(
    ("up", "down", "expected"),
    [
        (-0.3, 0.3, [YES, YES]),
        (0.3, 0.3, [NO, YES]),
        (-0.3, -0.3, [YES, NO]),
        (0.001, 0.3, [UNDECIDED, YES]),
        (-0.3, 0.005, [YES, UNDECIDED]),
    ],
)
def test_fewer_bits_is_likelier(up, down, expected):
    """Above its standard error, and by 0.01 bits per dimension or more."""
    assert _surround(surround(up, down, 0.001)) == expected


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (-0.3, 0.01, "it is more likely than before"),
        (0.3, 0.01, "it is less likely than before"),
        (-0.005, 0.0001, "it is as likely as before"),
        (-0.3, 0.2, "too little, or too uncertain, to say whether it is likelier than before"),
        (-0.3, math.nan, "too little, or too uncertain, to say whether it is likelier than before"),
    ],
)
def test_a_surround_is_likelier_above_the_standard_error(change, error, says):
    assert _likely(Estimate(change, error)) == says


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"etas": [-0.8, 0.6]}, "expected an η above 0, then one below"),
        ({"axes": []}, "at least 1 item"),
        ({"crop": [0, 0, 8, 40]}, "greater than or equal to 16"),
        ({"target": {"centre": [30, 20], "extent": 8, "shape": "star"}}, "shape"),
    ],
)
def test_bad_keys(photographs, keys, message):
    with pytest.raises(ValidationError, match=message):
        analysis(photographs, **keys)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"crop": [40, 3, 48, 44]}, r"key 'crop': leaves photo-0.png, which has 70×60 pixels"),
        ({"target": {"centre": [46, 20], "extent": 8}}, r"key 'target': leaves the crop of 48×44 pixels"),
    ],
)
def test_places_outside_of_the_photograph(photographs, keys, message):
    with pytest.raises(InputError, match=message):
        run_tiny(analysis(photographs, **keys))
