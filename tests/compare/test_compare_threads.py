"""Tasks run side by side, few at a time, and none fails unheard."""

import threading

import pytest

from galseg.compare.threads import run_in_threads


def test_tasks_are_taken_only_as_they_are_done(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    lock, waiting, most, done = threading.Lock(), 0, 0, []

    def task(number):
        nonlocal waiting
        with lock:
            waiting -= 1
            done.append(number)

    def tasks():
        nonlocal waiting, most
        for number in range(200):
            with lock:
                waiting += 1
                most = max(most, waiting)
            yield lambda number=number: task(number)

    run_in_threads(tasks())
    assert sorted(done) == list(range(200))
    assert most <= 5


def test_what_a_task_raises_is_raised():
    def fail():
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        run_in_threads([lambda: None, fail, lambda: None])
