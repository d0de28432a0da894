"""A YAML file to series rules."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ..faulty_option import FaultyOption
from .series_rules import SeriesRules

_TYPES = typing.get_type_hints(SeriesRules)
_PATTERNS = ("kernel", "description", "description_lacks", "kernels")


def read_series_rules(file: Path) -> SeriesRules:
    """Read series rules: a mapping of the fields of :class:`SeriesRules`, each of them optional.

    Raises
    ------
    FaultyOption
        The file cannot be read, is no such mapping, or a field is unknown or of the wrong kind; the message names it.
    """
    try:
        rules = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FaultyOption(f"The series rules cannot be read ({type(error).__name__}).") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise FaultyOption(f"The series rules are no YAML (line {mark.line + 1 if mark else '?'}).") from None
    if not isinstance(rules, dict):
        raise FaultyOption(f"The series rules must be a mapping of fields, found {type(rules).__name__}.")
    return series_rules(rules)


def series_rules(fields: Mapping[str, Any]) -> SeriesRules:
    """Check plain values and make rules of them; a single value stands for a list of one."""
    known = [field.name for field in dataclasses.fields(SeriesRules)]
    for name in fields:
        if name not in known:
            raise FaultyOption(f"Unknown series rule {str(name)[:40]!r}; known are {', '.join(known)}.")
    rules = SeriesRules(**{name: _checked(name, value) for name, value in fields.items()})
    _check_order(rules)
    return rules


def _check_order(rules: SeriesRules) -> None:
    """See that what orders the series can do so: a rule without effect would choose by the hash, unnoticed."""
    if rules.keep and not rules.by:
        raise FaultyOption("Series rule 'keep' needs at least one measure in 'by'.")
    if bool(rules.kernels) != ("kernel" in rules.by):
        raise FaultyOption("Series rules 'kernels' and 'by: [kernel]' go together; one of them is missing.")
    if rules.kernels and not rules.keep:
        raise FaultyOption("Series rule 'kernels' orders the series that 'keep' counts; 'keep' is missing.")


def _checked(name: str, value: Any) -> Any:
    kind = _TYPES[name]
    if typing.get_origin(kind) is tuple:
        values = value if isinstance(value, list) else [value]
        return tuple(_single(name, typing.get_args(kind)[0], item) for item in values)
    return _single(name, kind, value)


def _single(name: str, kind: Any, value: Any) -> Any:
    allowed = typing.get_args(kind)
    if allowed:
        if value not in allowed:
            raise FaultyOption(f"Series rule {name!r}: found {value!r:.40}, expected one of {', '.join(allowed)}.")
    elif kind is str:
        _check_text(name, value)
    elif isinstance(value, bool) or not isinstance(value, int | (float if kind is float else int)) or not value >= 0:
        expected = "a number" if kind is float else "a whole number"
        raise FaultyOption(f"Series rule {name!r}: found {value!r:.40}, expected {expected} of at least 0.")
    return value


def _check_text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise FaultyOption(f"Series rule {name!r}: found {value!r:.40}, expected text (in quotes).")
    if name in _PATTERNS:
        try:
            re.compile(value)
        except re.error:
            raise FaultyOption(f"Series rule {name!r}: {value!r:.40} is no regular expression.") from None
