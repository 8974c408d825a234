from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from illusions.analyses.foundations.training import TrainingAnalysis, read_log
from illusions.errors import InputError
from illusions.models.training_log import LogRow


def log(rows=20):
    i = np.arange(1, rows + 1)
    return pd.DataFrame(
        {
            "update": 1000 * i,
            "patches": 64000 * i,
            "seconds": 300.0 * i,
            "learning_rate": 1e-3,
            "train_bits_per_dimension": 3.5 - 0.01 * i,
            "gradient_norm": 20.0,
            "validation_bits_per_dimension": 3.4 - 0.01 * i,
            "standard_error": 0.05,
            "patches_per_second": 400.0,
        }
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "recipe.toml").touch()  # which makes it the folder of a model
    log().to_csv(tmp_path / "mine" / "log.csv", index=False)
    return tmp_path / "mine"


def run(folder):
    analysis = TrainingAnalysis(kind="training", title="t", model=str(folder))
    return analysis.run(lambda name: pytest.fail("no model is needed"), seed=0)


def test_the_curve_and_what_it_ends_at(folder):
    found = run(folder)
    assert "After 1.28 million patches (20,000 updates, 1.7 hours) it needs 3.200 ± 0.050 bits" in found.measured
    assert "The last tenth of the training brought 0.020." in found.measured
    assert (found.claim, found.verdict) == (None, None)
    assert "mine: bits per dimension" in found.caption
    figure = found.draw("")
    lines = {line.get_label(): line.get_ydata()[-1] for axes in figure.axes for line in axes.lines}
    assert lines == {"training": pytest.approx(3.3), "validation": pytest.approx(3.2)}


def test_the_columns_are_those_that_training_writes():
    assert list(log().columns) == list(LogRow.__dataclass_fields__)


def test_a_model_without_a_log(folder):
    (folder / "log.csv").unlink()
    with pytest.raises(InputError, match=r"log.csv: no such file; expected the log that 'illusions train' writes"):
        run(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("update,patches\n1,2\n", "is no log of a training run; expected rows with the columns update, patches, "),
        (",".join(LogRow.__dataclass_fields__) + "\n", "is no log of a training run"),
        ("", "cannot be read as the log"),
        (log(1).to_csv(index=False) + "2000,128000,x,1,1,1,nan,1,1\n", "row 3 holds something that is not a finite"),
    ],
)
def test_a_log_that_is_none(folder, text, message):
    (folder / "log.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_log(folder / "log.csv")
