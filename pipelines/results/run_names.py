"""The names of the files of a run, of all kinds of runs."""

RUN_NAMES = frozenset({"findings.csv", "images.csv", "index.html", "run.json"})
"""A run removes those of an earlier one of another kind, which would tell of that."""
