"""What workers answer. Exceptions would come with their text in Ray's logs, which may quote paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from ..inference.usage_error import UsageError
from ..ingest.input_path_error import InputPathError
from ..name_fault import name_fault
from ..results.output_not_writable import OutputNotWritable
from ..told_fault import told_fault

_KINDS = {"usage": UsageError, "input": InputPathError, "output": OutputNotWritable, "internal": RuntimeError}
Kind = Literal["usage", "input", "output", "internal"]


@dataclass(frozen=True)
class Ready:
    """The worker has read the weights and waits for scans; ``computed_on`` as :class:`.CaseEvaluator` says it."""

    computed_on: Mapping[str, str]


@dataclass(frozen=True)
class Done:
    """The folder of a case is written; ``seconds`` by stage."""

    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Refusal:
    """The worker cannot go on, and nor can others: a fault of the call, or of the program."""

    kind: Kind
    text: str = field(repr=False)

    @classmethod
    def of(cls, error: BaseException, host: str) -> Refusal:
        """Say what ended the work on a machine."""
        told = told_fault(error)
        for kind, known in _KINDS.items():
            if isinstance(told, known):
                return cls(kind, str(told))  # type: ignore[arg-type]  # the keys are the kinds
        return cls("internal", f"The worker on {host} ended: {name_fault(error)}.")

    def raise_it(self) -> NoReturn:
        """Raise the exception that it stands for."""
        raise _KINDS[self.kind](self.text)
