"""Runs on more than one machine."""
