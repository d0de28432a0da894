"""Res-MTNet: lung nodules found, outlined, measured and rated in hospital CT.

Research use only; not a medical device.
"""
