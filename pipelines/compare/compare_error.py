"""Results or scans that cannot be compared."""


class CompareError(Exception):
    """The message says what is missing or does not fit, and what to do; it names no patient, path or date."""
