"""Scans through a bundle's network, to findings and files.

:func:`.infer.infer` is the whole of it; the other modules are the parts a bundle's ``configs/inference.json`` names.
Importing this package imports neither torch nor MONAI.
"""
