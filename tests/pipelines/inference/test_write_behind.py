from __future__ import annotations

import threading

import pytest

from resmtnet.pipelines.inference.write_behind import WriteBehind


def test_the_caller_goes_on_while_one_thing_is_written_and_waits_before_the_next():
    behind, may_end, order = WriteBehind(), threading.Event(), []

    def first() -> None:
        assert may_end.wait(10)
        order.append("first")

    behind.submit(first)
    order.append("caller goes on")
    assert order == ["caller goes on"]
    threading.Timer(0.05, may_end.set).start()
    behind.submit(lambda: order.append("second"))  # blocks until the first is over
    assert order[:2] == ["caller goes on", "first"]
    behind.wait()
    assert order == ["caller goes on", "first", "second"]
    behind.wait()  # nothing left to wait for


@pytest.mark.parametrize("how", ["submit", "wait"])
def test_what_fails_is_raised_at_the_next_call_once(how):
    behind, done = WriteBehind(), []

    def fails() -> None:
        raise OSError("disk full")

    behind.submit(fails)
    with pytest.raises(OSError, match="disk full"):
        behind.submit(lambda: done.append(1)) if how == "submit" else behind.wait()
    assert done == []
    behind.submit(lambda: done.append(2))
    behind.wait()
    assert done == [2]
