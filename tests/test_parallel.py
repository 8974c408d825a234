from __future__ import annotations

import os
from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from illusions import load_stimulus
from illusions.analyses.counting.counts import count
from illusions.analyses.maps.likelihood_map import likelihood_maps
from illusions.analyses.patches import scores
from illusions.analyses.patches.crops import crop_files
from illusions.errors import InputError
from illusions.parallel import each, on_all_cores
from illusions.progress import reported_to
from tests.analyses.tiny import some_picture, tiny_model
from tests.work import die_always, die_once, twice


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Nine photographs, one of which is none."""
    folder = tmp_path_factory.mktemp("photos")
    for i in range(9):
        Image.fromarray(some_picture(30 + i, 41, seed=i)).save(folder / f"{i}.png")
    (folder / "4.png").write_text("no picture")
    return sorted(folder.glob("*.png"))


@pytest.fixture(scope="module")
def here(photos):
    """What is computed in this process."""
    return numbers(photos)


@pytest.fixture
def processes():
    """Two processes of joblib's own."""
    with joblib.parallel_config("loky", n_jobs=2):
        yield


def test_work_is_done_here_unless_somebody_says_otherwise():
    heard = []
    with reported_to(heard.append):
        outcomes = list(each(twice, range(5)))
    assert [outcome if isinstance(outcome, InputError) else outcome[0] for outcome in outcomes][:3] == [0, 2, 4]
    assert str(outcomes[3]) == "3 is no number of mine"
    assert {outcome[1] for outcome in outcomes if isinstance(outcome, tuple)} == {os.getpid()}
    assert sum(heard) == 10


def test_in_processes_it_is_the_same_in_the_same_order_and_heard(processes):
    heard = []
    with reported_to(heard.append):
        outcomes = list(each(twice, range(20)))
    assert [outcome[0] for outcome in outcomes if isinstance(outcome, tuple)] == [2 * i for i in range(20) if i != 3]
    assert str(outcomes[3]) == "3 is no number of mine"
    assert os.getpid() not in {outcome[1] for outcome in outcomes if isinstance(outcome, tuple)}
    assert sum(heard) == sum(range(20))


def test_a_process_that_dies_costs_its_things_a_second_try(processes, tmp_path):
    assert list(each(partial(die_once, folder=tmp_path), range(20))) == list(range(20))
    assert (tmp_path / "5").exists()


def test_a_thing_whose_process_dies_twice_is_passed_over(processes):
    outcomes = list(each(die_always, range(12)))
    assert "5: the process that worked on it died twice" in str(outcomes[5])
    assert [outcome for outcome in outcomes if not isinstance(outcome, InputError)] == [i for i in range(12) if i != 5]


def test_all_cores_are_used_where_it_is_worth_it_and_nobody_has_set_up_something_else(monkeypatch):
    monkeypatch.setattr(joblib, "cpu_count", lambda: 3)
    with on_all_cores(100):
        assert joblib.effective_n_jobs(None) == 3
    with on_all_cores(3):
        assert joblib.effective_n_jobs(None) == 1
    with joblib.parallel_config("threading", n_jobs=2), on_all_cores(100):
        assert joblib.effective_n_jobs(None) == 2


def numbers(photos):
    """Counts, maps and scores of these photographs, and what was passed over."""
    counted = count([load_stimulus("white"), load_stimulus("munker")], photos, [4], places=50, share=0.2)
    model = tiny_model()
    maps = dict(likelihood_maps(photos, model, seed=1))
    crops = crop_files(photos, model.size, 7, seed=2)
    return (
        [count.places for counting in counted.countings for count in counting.counts],
        counted.skipped,
        {path: str(found) if isinstance(found, InputError) else found[1] for path, found in maps.items()},
        _score_in_parts(crops, model),
        crops.skipped,
    )


def _score_in_parts(crops, model):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scores, "AT_ONCE", 16)
        return scores.score(crops, model, seed=3)


def assert_same(first, second):
    for one, other in zip(first[0], second[0], strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert sum(map(len, first[0])) >= 100
    assert [len(one[k]) for one in (first, second) for k in (1, 4)] == [1, 1, 1, 1]
    assert "4.png: is no picture" in first[1][0]
    for path, found in first[2].items():
        assert np.array_equal(found, second[2][path], equal_nan=True) if path.stem != "4" else "is no picture" in found
    pd.testing.assert_frame_equal(first[3], second[3], check_exact=True)


def test_counts_maps_and_scores_are_the_same_to_the_last_bit_in_processes(photos, here):
    with joblib.parallel_config("loky", n_jobs=2):
        assert_same(here, numbers(photos))


@pytest.mark.filterwarnings("default")  # Dask's own
def test_counts_maps_and_scores_are_the_same_to_the_last_bit_on_a_cluster(photos, here, tmp_path):
    distributed = pytest.importorskip("distributed", reason="needs Dask's cluster: pip install distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config("dask"),
    ):
        assert joblib.effective_n_jobs(None) == 2
        assert_same(here, numbers(photos))
        marked = tmp_path / "marks"
        marked.mkdir()
        arrays = [np.full(1000, number) for number in range(20)]  # so large that joblib would keep them in one worker
        assert list(each(partial(die_once, folder=marked), arrays)) == list(range(20))
