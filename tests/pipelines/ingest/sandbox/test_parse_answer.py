from __future__ import annotations

import json

import pytest

from resmtnet.pipelines.codes import CODES
from resmtnet.pipelines.ingest.pixels.decode_fault import FAULTS, DecodeFault
from resmtnet.pipelines.ingest.sandbox.header_numbers import from_numbers
from resmtnet.pipelines.ingest.sandbox.parse_answer import MAX_ANSWER_BYTES, parse_answer

NO_ANSWERS = {
    "empty": b"",
    "no JSON": b"done",
    "not ASCII": '["done", "", ["é"]]'.encode(),
    "an object": b'{"kind": "done"}',
    "too short": b'["done", ""]',
    "too long": b'["done", "", [], []]',
    "unknown kind": b'["run", "", []]',
    "kind of no text": b'[["done"], "", []]',
    "unknown fault": b'["fault", "os.system", []]',
    "too few numbers": b'["fault", "truncated", []]',
    "too many numbers": b'["fault", "truncated", [1, 2]]',
    "text for a number": b'["fault", "truncated", ["DOE^JOHN"]]',
    "fraction of a count": b'["fault", "truncated", [1.5]]',
    "below zero": b'["fault", "truncated", [-1]]',
    "truth for a number": b'["done", "", [true]]',
    "nothing for a number": b'["done", "", [null]]',
    "list for a number": b'["done", "", [[1]]]',
    "endless": b'["done", "", [Infinity]]',
    "huge": b'["done", "", [%s]]' % (b"9" * 400),
    "many": b'["done", "", [%s0]]' % (b"0," * 100),
    "deep": b"[" * (MAX_ANSWER_BYTES - 1),
    "long": b'["done", "", [%s0]]' % (b" " * MAX_ANSWER_BYTES),
    "done with a name": b'["done", "truncated", []]',
}


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_what_is_no_answer_is_refused(name):
    with pytest.raises(ValueError):  # noqa: PT011 - any
        parse_answer(NO_ANSWERS[name])


def test_answers_are_read():
    assert parse_answer(b'["at", "", [7]]').numbers == (7,)
    assert parse_answer(b'["done", "", [1, -0.5]]').numbers == (1, -0.5)
    fault = parse_answer(b'["fault", "truncated", [12]]').fault
    assert fault is not None
    assert (fault.code, fault.status) == ("E_TRUNCATED", "rejected")
    assert "(12 bytes missing)" in fault.reason


def test_every_fault_comes_over_as_it_is_raised():
    for name, (code, detail, _) in FAULTS.items():
        assert code in CODES
        fault = DecodeFault(name, *range(detail.count("{}")))
        came = parse_answer(json.dumps(["fault", fault.name, fault.numbers]).encode()).fault
        assert came is not None
        assert (came.code, came.reason, came.status) == (fault.code, fault.reason, fault.status)


NO_HEADERS = {
    "nothing": (),
    "too short": (2, 1, 0, 0),
    "axes missing": (2, 1, 0, 0, 3, 10, 10),
    "half an affine": (2, 1, 0, 0, 1, 10, *range(8)),
    "too many axes": (2, 1, 0, 0, 9, *range(9)),
    "axes below zero": (2, 1, 0, 0, -1),
    "fraction of an axis": (2, 1, 0, 0, 1, 10.5),
    "no type": (99, 1, 0, 0, 1, 10),
    "no number at all": (float("nan"), 1, 0, 0, 1, 10),
}


@pytest.mark.parametrize("name", NO_HEADERS)
def test_numbers_that_are_no_header_are_refused(name):
    with pytest.raises(ValueError):  # noqa: PT011 - any
        from_numbers(NO_HEADERS[name])
