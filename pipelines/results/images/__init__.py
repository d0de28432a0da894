"""The files of image cases and of their runs."""
