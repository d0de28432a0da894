"""Losses, each masked per case for partial labels."""
