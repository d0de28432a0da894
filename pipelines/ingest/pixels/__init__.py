"""Stored values of DICOM slices to HU."""
