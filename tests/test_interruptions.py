from __future__ import annotations

import os
import signal
import threading

import pytest

from illusions.interruptions import SIGNALS, ignored, interrupts, like_ctrl_c

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows sends none of these")


def send(number):
    os.kill(os.getpid(), number)


@pytest.fixture(autouse=True)
def _handlers_are_put_back():
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    assert [signal.getsignal(number) for number in SIGNALS] == before


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_ends_programs_is_like_ctrl_c(number):
    with pytest.raises(KeyboardInterrupt), like_ctrl_c():
        send(number)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_is_waited_for_and_the_second_is_not(number):
    with interrupts() as event:
        send(number)
        assert event.is_set()
        with pytest.raises(KeyboardInterrupt):
            send(number)


def test_what_is_ignored_stays_ignored_as_under_nohup():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with like_ctrl_c(), interrupts() as event:
            send(signal.SIGHUP)
            assert not event.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_for_a_moment_all_are_ignored():
    with like_ctrl_c(), ignored():
        for number in SIGNALS:
            send(number)


def test_other_threads_than_the_first_handle_none():
    heard = []

    def run():
        with like_ctrl_c(), interrupts() as event, ignored():
            heard.append(event.is_set())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert heard == [False]
