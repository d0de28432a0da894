"""Pixel words without the bits that hold no pixels."""

from __future__ import annotations

import numpy as np

_WORD_BITS = 16


def mask_words(value: bytes, stored_bits: int, high_bit: int, signed: bool) -> bytes:
    """Clear the unused bits of little endian 16-bit words, where overlays once were put (PS3.5 8.1.1).

    Above the high bit of signed values stands their sign, as readers that do not look at the number of bits expect.
    Words whose bits make no sense are given back as they are: reading refuses them.
    """
    if not 0 < stored_bits < _WORD_BITS or not stored_bits - 1 <= high_bit < _WORD_BITS:
        return value
    low = high_bit + 1 - stored_bits
    words = np.frombuffer(value, "<u2") & np.uint16((2**stored_bits - 1) << low)
    if signed:
        words |= np.where(words >> high_bit & 1, np.uint16(2**_WORD_BITS - 2 ** (high_bit + 1)), np.uint16(0))
    return words.astype("<u2").tobytes()
