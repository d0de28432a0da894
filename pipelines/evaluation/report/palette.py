"""Colours that stay apart for the colour-blind, by day and by night.

Okabe and Ito (2008), "Color Universal Design"; the first four, and lighter ones of the same set on dark paper. Series
also differ by shape and dash, so that grey print can be read.
"""

from __future__ import annotations

LIGHT = {
    **{"paper": "#ffffff", "ink": "#1d242c", "quiet": "#5c6873", "grid": "#dde3e9"},
    **{"series1": "#0072b2", "series2": "#d55e00", "series3": "#009e73", "series4": "#a8558a"},
}
DARK = {
    **{"paper": "#181e26", "ink": "#e6ebf0", "quiet": "#98a4b0", "grid": "#2a333d"},
    **{"series1": "#56b4e9", "series2": "#e69f00", "series3": "#3fc9a0", "series4": "#dd98c0"},
}
SERIES = ("series1", "series2", "series3", "series4")
