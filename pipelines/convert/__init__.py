"""Scans to NIfTI files, read as for inference; :func:`.convert_scans.convert_scans` is the whole of it.

Importing this package imports neither torch nor MONAI.
"""
