"""``resmtnet data``: annotated scans, in whatever form, to one data list, and from it to a folder to train on."""

from __future__ import annotations

import argparse

from .data_own import add_own
from .data_patches import add_patches
from .data_public import add_public

_ABOUT = """Two steps from your own annotations to training:

  resmtnet data csv nodules.csv LIST --frame lps --scans SCANS   your annotations, to LIST/data_list.json
  resmtnet data patches LIST FOLDER                              what train.yaml takes as --dataset_dir

All positions in a data list are LPS mm. Every converter checks that nodules lie in the image and near a lung, and says
so where most of them would only with x and y negated. A scan that cannot be used is left out and named with a reason;
the others go on."""


def add_data(command: argparse.ArgumentParser) -> None:
    """Add a command for each kind of annotations, and the steps after it."""
    command.description, command.formatter_class = _ABOUT, argparse.RawDescriptionHelpFormatter
    kinds = command.add_subparsers(required=True, metavar="KIND")
    add_own(kinds)
    add_public(kinds)
    add_patches(kinds)
