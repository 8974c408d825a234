from __future__ import annotations

import multiprocessing
import os
import threading
import time

import numpy as np
import pytest
import torch

from illusions import InputError, progress
from illusions.models import threads
from illusions.models.glow import Architecture
from illusions.models.model import Model
from illusions.models.scoring import Scorer
from illusions.models.threads import in_parallel, own_cores, set_threads
from tests.models.flows import random_flow, random_patches
from tests.models.test_model import RECIPE


@pytest.fixture(autouse=True)
def _as_before():
    yield
    set_threads(None)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_scores_are_the_same_to_the_last_bit_on_any_number_of_threads(dtype):
    shape = Architecture(size=16, levels=2, steps=3, hidden=64)
    scorer = Scorer(random_flow(shape, dtype=dtype))
    scorer.batch = 7
    x = random_patches(40, shape, dtype=dtype)
    scores = []
    for n in (1, 2, 3, 8):
        set_threads(n)
        scores.append(scorer(x))
    assert all(torch.equal(scores[0], other) for other in scores[1:])


def test_few_patches_are_cut_so_that_every_thread_has_some(monkeypatch):
    scorer = Scorer(random_flow(Architecture(size=16, steps=1, hidden=16)))
    sizes = []
    monkeypatch.setattr(scorer, "_log_prob", lambda x: sizes.append(len(x)) or x.new_zeros(len(x)))
    for n, expected in ((5, [5]), (40, [14, 13, 13]), (800, [100] * 8)):
        sizes.clear()
        assert len(scorer(torch.zeros(n, 16, 16, 3))) == n
        assert sorted(sizes, reverse=True) == expected, n
    scorer.batch = 300
    sizes.clear()
    scorer(torch.zeros(8100, 16, 16, 3))
    assert sizes == [300] * 27
    sizes.clear()
    in_parallel(scorer, [torch.zeros(40, 16, 16, 3)])
    assert sizes == [40]  # the other threads have parts of their own


def test_results_come_in_order_from_threads_that_have_one_core_each():
    set_threads(3)
    begun = threading.Barrier(3, timeout=20)  # passed only if three are at work at once

    def work(thing):
        begun.wait()
        return thing, torch.get_num_threads(), threading.current_thread().name

    results = in_parallel(work, range(3))
    assert [thing for thing, _, _ in results] == [0, 1, 2]
    assert {n for _, n, _ in results} == {1}
    assert len({name for _, _, name in results}) == 3


def test_training_keeps_its_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        set_threads(5)
        in_parallel(lambda thing: torch.get_num_threads(), range(5))
        assert torch.get_num_threads() == 3
        later = []
        thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
        thread.start()
        thread.join()
        assert later == [3]
    finally:
        torch.set_num_threads(before)


def test_what_is_parallel_within_is_done_in_turn():
    set_threads(2)
    outer = in_parallel(lambda thing: in_parallel(lambda other: thing + other, range(4)), range(4))
    assert outer == [[thing + other for other in range(4)] for thing in range(4)]


def test_progress_is_heard_from_every_thread():
    set_threads(2)
    heard = []
    with progress.reported_to(heard.append):
        in_parallel(progress.report, range(10))
    assert sorted(heard) == list(range(10))


def test_an_error_comes_out_and_what_has_not_begun_does_not_begin():
    set_threads(1)
    done = []

    def work(thing):
        done.append(thing)
        time.sleep(0.01)
        raise InputError(f"no {thing}")

    with pytest.raises(InputError, match="no 0"):
        in_parallel(work, range(1000))
    assert len(done) < 1000


def test_a_forked_process_has_threads_of_its_own():
    in_parallel(abs, range(4))
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(in_parallel, (abs, [-1, -2])).get(timeout=60) == [1, 2]


def test_less_than_one_thread_is_none():
    with pytest.raises(InputError, match="0 threads: expected 1 or more"):
        set_threads(0)


@pytest.mark.parametrize(("given", "expected"), [("1", 1), ("1,4", 1), ("1000", None), ("", None), ("many", None)])
def test_openmp_says_how_many_cores_at_most(monkeypatch, given, expected):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = own_cores()
    assert 1 <= cores <= (os.cpu_count() or 1)
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert own_cores() == (expected or cores)


def test_affinity_counts(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 3, 5}, raising=False)
    monkeypatch.setattr(threads, "_quotas", lambda *of: iter(()))
    assert own_cores() == 3


@pytest.mark.parametrize(
    ("membership", "files", "expected"),
    [
        ("0::/\n", {"cpu.max": "150000 100000\n"}, [2]),
        ("0::/a/b\n", {"a/cpu.max": "300000 100000\n", "a/b/cpu.max": "max 100000\n"}, [3]),
        ("0::/hidden/by/a/namespace\n", {"cpu.max": "100000 100000\n"}, [1]),
        (
            "4:cpu,cpuacct:/docker/x\n2:memory:/docker/x\n",
            {"cpu/cpu.cfs_quota_us": "250000\n", "cpu/cpu.cfs_period_us": "100000\n"},
            [3],
        ),
        ("4:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, []),
        ("0::/\n", {}, []),
        ("0::/\n", {"cpu.max": "nonsense\n"}, []),
    ],
)
def test_a_quota_counts_as_the_cores_that_it_is_worth(tmp_path, membership, files, expected):
    (tmp_path / "memberships").write_text(membership)
    for name, text in files.items():
        (tmp_path / "groups" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "groups" / name).write_text(text)
    assert list(threads._quotas(tmp_path / "groups", tmp_path / "memberships")) == expected
    assert list(threads._quotas(tmp_path / "groups", tmp_path / "none")) == []


def test_a_model_gives_the_same_numbers_on_any_number_of_threads():
    model = Model("tiny", random_flow(RECIPE.flow.architecture(), scale=0.1), RECIPE)
    model._scorer.batch = 5
    rng = np.random.default_rng(0)
    patches = rng.integers(0, 256, (13, model.size, model.size, 3), dtype=np.uint8)
    picture = rng.integers(0, 256, (model.size + 3, model.size + 9, 3), dtype=np.uint8)
    found = []
    for n in (1, 4):
        set_threads(n)
        found.append((model.log_likelihood_draws(patches, draws=3, seed=1), model.likelihood_map(picture)))
    assert np.array_equal(found[0][0], found[1][0])
    assert np.array_equal(found[0][1], found[1][1])
