"""Stop at any time, and go on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import ignite.distributed as idist
from ignite.engine import Engine, Events

from .checkpoint_error import CheckpointError
from .checkpoint_file import checkpoint_files, load_checkpoint, save_checkpoint
from .random_states import random_states, set_random_states

_PROGRESS = ("epoch", "iteration", "skipped_steps")
_BEST = ("best_metric", "best_metric_epoch")


class Stateful(Protocol):
    """What a checkpoint can hold: a module, an optimiser, a schedule, a sampler."""

    def state_dict(self) -> dict[str, Any]: ...  # noqa: D102
    def load_state_dict(self, state: dict[str, Any], /) -> Any: ...  # noqa: D102


class CheckpointHandler:
    """Write everything that the rest of a run depends on, and read it at the start of a resumed run.

    On one CPU thread a resumed run gives the same weights as an undisturbed one, bit for bit. A run that was stopped
    within an epoch goes on from the last checkpoint. The last two are kept.

    This handler must be the first of the trainer's handlers, so that the others start with what was loaded. It saves
    after all others have done what they do at the end of an epoch: it registers for that when the run starts.

    Parameters
    ----------
    folder : of the files ``checkpoint_EPOCH.pt``, written by the first process.
    parts : what to keep besides progress, random states and loss scaler, by name.
    evaluator : whose best metric is kept.
    every : epochs between checkpoints; the last epoch has one, too.
    resume : true: go on from the newest checkpoint of ``folder``; auto: the same, or start where there is none; a path:
        go on from this file; false: start. May be text, as it comes from a command line.
    settings : plain values that must be the same in a resumed run; those that a checkpoint does not hold are not
        compared.

    Raises
    ------
    CheckpointError
        At the start, if there is no checkpoint, it cannot be read, or it is of a run with other settings.
    """

    def __init__(
        self,
        folder: str | Path,
        parts: Mapping[str, Stateful],
        *,
        evaluator: Engine | None = None,
        every: int = 1,
        resume: bool | str | Path = False,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        self.folder, self.parts, self.evaluator = Path(folder), dict(parts), evaluator
        self.every, self.resume, self.settings = every, str(resume), dict(settings or {})
        self._saved = 0

    def attach(self, engine: Engine) -> None:
        """Load at the start, save at the end of epochs."""
        engine.add_event_handler(Events.STARTED, self.start)

    def start(self, engine: Any) -> None:
        """Load, and follow the other handlers."""
        self.load(engine)
        if not engine.has_event_handler(self.save):
            engine.add_event_handler(Events.EPOCH_COMPLETED(every=self.every), self.save)
            engine.add_event_handler(Events.COMPLETED, self.save)

    def save(self, engine: Any) -> None:
        """Write a checkpoint of the epoch that has ended."""
        if engine.state.epoch == self._saved:
            return
        self._saved = engine.state.epoch
        state = {
            "settings": self.settings,
            "progress": {name: getattr(engine.state, name, 0) for name in _PROGRESS},
            "parts": {name: part.state_dict() for name, part in self.parts.items()},
            "best": {name: _plain(getattr(self.evaluator.state, name)) for name in _BEST} if self.evaluator else {},
            "scaler": engine.scaler.state_dict() if engine.scaler is not None else {},
            "random": random_states(),
        }
        if idist.get_rank() == 0:
            save_checkpoint(state, self.folder, engine.state.epoch)

    def load(self, engine: Any) -> None:
        """Go on from a checkpoint, if that is wanted."""
        path = self._path()
        if path is None:
            return
        state = load_checkpoint(path)
        self._check(state, path)
        for name, part in self.parts.items():
            _fill(part, state["parts"][name], f"{path.name}, {name}")
        for name, value in state["progress"].items():
            setattr(engine.state, name, value)
        for name, value in state["best"].items():
            setattr(self.evaluator.state, name, value)  # type: ignore[union-attr]
        if engine.scaler is not None and state["scaler"]:
            engine.scaler.load_state_dict(state["scaler"])
        set_random_states(state["random"])
        self._saved = engine.state.epoch
        engine.logger.info(f"going on after epoch {engine.state.epoch}, from {path.name}")

    def _path(self) -> Path | None:
        wish = self.resume.lower()
        if wish in ("false", "none", ""):
            return None
        if wish not in ("true", "auto"):
            given = Path(self.resume)
            return (checkpoint_files(given) or [given / "checkpoint_*.pt"])[-1] if given.is_dir() else given
        files = checkpoint_files(self.folder)
        if not files and wish == "true":
            raise CheckpointError("there is no checkpoint to go on from; --resume auto starts anew in that case")
        return files[-1] if files else None

    def _check(self, state: Mapping[str, Any], path: Path) -> None:
        missing = set(self.parts) ^ set(state["parts"])
        if missing:
            raise CheckpointError(f"{path.name} is of another kind of run: {', '.join(sorted(missing))} is not in both")
        there = state["settings"]
        other = [name for name in sorted(there) if self.settings.get(name) != there[name]]
        if other:
            said = "; ".join(f"{name}: {there[name]} there, {self.settings.get(name)} here" for name in other)
            raise CheckpointError(f"{path.name} is of a run with other settings ({said}). Go on with the same ones.")


def _fill(part: Stateful, state: dict[str, Any], what: str) -> None:
    try:
        part.load_state_dict(state)
    except (RuntimeError, ValueError, KeyError) as error:
        raise CheckpointError(f"{what}: it is of another network or optimiser. Go on with the same one.") from error


def _plain(value: Any) -> float | int:
    return value if isinstance(value, int) else float(value)
