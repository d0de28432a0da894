"""The sign of a folder with results."""

MARKER = ".resmtnet"
"""A folder with a file of this name is ours: earlier results in it may be replaced and removed, and none is input."""
