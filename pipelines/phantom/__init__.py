"""Analytic phantoms with known truth, written as real DICOM series."""
