"""Whether parts belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..inference.shard import Shard
from ..inference.usage_error import UsageError
from .part import Part

_ALIKE = ("bundle", "config_hash", "weights_hash", "outputs")


def check_parts(parts: Sequence[Part], *, partial: bool = False) -> None:
    """See that the parts are all those of one division, made by the same model.

    ``partial`` lets some be missing.

    Raises
    ------
    UsageError
        They were made by different models, with different outputs or from different inputs, are no shards, are shards
        of different divisions, come twice, or some are missing.
    """
    for name in _ALIKE:
        values = {str(getattr(part.run, name)) for part in parts}
        if len(values) > 1 or len({part.of_images for part in parts}) > 1:
            raise UsageError(f"The parts differ in {name}: {' and '.join(sorted(values))}. Run them with one model.")
    whole = [str(part.folder) for part in parts if not part.run.shard]
    if whole:
        raise UsageError(f"{whole[0]} is no part: it was run without --shard.")
    shards = Counter(part.run.shard for part in parts)
    twice = [shard for shard, times in shards.items() if times > 1]
    if twice:
        raise UsageError(f"Shard {twice[0]} was given {shards[twice[0]]} times.")
    counts = {Shard.parse(shard).count for shard in shards}
    if len(counts) > 1:
        raise UsageError(f"The parts are of runs divided by {' and '.join(map(str, sorted(counts)))}.")
    if len({part.run.all_cases_hash for part in parts}) > 1:
        raise UsageError(
            "The parts were drawn from different scans: they had different inputs, or files came or went in between. "
            "Run the shards again with one input; what is finished is kept."
        )
    missing = [number for number in range(1, counts.pop() + 1) if number not in {_number(part) for part in parts}]
    if missing and not partial:
        words = ", ".join(map(str, missing))
        raise UsageError(f"Shards are missing: {words}. Give them, too, or say --partial to merge without them.")


def _number(part: Part) -> int:
    return Shard.parse(part.run.shard).number
