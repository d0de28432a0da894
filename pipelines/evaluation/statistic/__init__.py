"""Figures of weighted rows, for many weightings at once.

A statistic takes weights ``(draws, rows)`` (how often each row was drawn) and returns one value per draw, nan where it
is not defined. With weights of one it is the figure itself. The value of a weighting is that of the rows repeated so
often, so that a bootstrap needs no loop over draws.
"""
