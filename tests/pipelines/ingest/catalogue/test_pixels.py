"""Rows on stored values: rescale, bits, sign, padding, what is no grey image of a CT."""

from __future__ import annotations

import numpy as np
import pytest

from resmtnet.pipelines.phantom.linear import linear_phantom

FORMAT, RESCALE = "E_PIXEL_FORMAT", "E_BAD_RESCALE"


def edited(edit):
    return lambda series: series.write(lambda k, ds: edit(series, k, ds))


def rescale_per_slice(series, k, ds):
    hu = series.stored(ds) - 1024
    ds.RescaleIntercept = -1024 - k
    series.store(ds, hu + 1024 + k)


def rescale(slope, intercept, kind="<i2"):
    def edit(series, k, ds):
        hu = series.stored(ds) - 1024
        ds.RescaleSlope, ds.RescaleIntercept, ds.PixelRepresentation = slope, intercept, int(kind == "<i2")
        series.store(ds, np.rint((hu - float(intercept)) / float(slope)), kind)

    return edited(edit)


def fraction_in_one_slice(series, k, ds):
    if k == 5:
        hu = series.stored(ds) - 1024
        ds.RescaleSlope = "0.5"
        series.store(ds, (hu + 1024) * 2)


def garbage_above(signed):
    def edit(series, k, ds):
        series.recode(ds, bits=12, signed=signed)
        series.store(ds, (series.stored(ds) & 0x0FFF) | 0xA000, "<u2")

    return edited(edit)


def bits_at_the_top(series, k, ds):
    ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 12, 15, 0
    series.store(ds, (series.stored(ds) << 4) | 0x5, "<u2")


def bits_in_the_middle(series, k, ds):
    """Signed values of 12 bits, two bits up, with garbage on both sides."""
    hu = series.stored(ds) - 1024
    ds.BitsStored, ds.HighBit, ds.PixelRepresentation, ds.RescaleIntercept = 12, 13, 1, 0
    series.store(ds, ((hu & 0x0FFF) << 2) | 0x8001, "<u2")


def bits_and_sign_differ(series, k, ds):
    series.recode(ds, bits=(12, 13, 16)[k % 3], signed=bool(k % 2))


def smallest_and_largest_lie(series, k, ds):
    ds.SmallestImagePixelValue, ds.LargestImagePixelValue = 5, 6


def no_sign(value):
    def edit(series, k, ds):
        if value is None:
            del ds.PixelRepresentation
        else:
            ds.PixelRepresentation = value

    return edited(edit)


def slope_bytes(new):
    def make(series):
        for path in series.write():
            series.replace(path, b"\x28\x00\x53\x10DS\x04\x001.0 ", b"\x28\x00\x53\x10DS\x04\x00" + new)

    return make


ROWS = {
    "row31_rescale_per_slice": (edited(rescale_per_slice), ""),
    "row31_fractions": (rescale("0.25", "-1000.5"), "", {"tolerance_hu": 0.76}),
    "row31_fraction_in_one_slice": (edited(fraction_in_one_slice), ""),
    "row31_stored_above_32767": (rescale("1", "-40000", "<u2"), ""),
    "row31_negative_slope": (rescale("-1", "500"), ""),
    "row31_slope_4": (rescale("4", "-1024"), "", {"tolerance_hu": 2.51}),
    "row32_no_slope": (lambda s: s.drop("RescaleSlope"), "E_NO_RESCALE"),
    "row32_no_intercept_in_one": (lambda s: s.drop("RescaleIntercept", only=7), "E_NO_RESCALE"),
    "row32_slope_empty": (lambda s: s.set(RescaleSlope=None), "E_NO_RESCALE"),
    "row33_slope_zero": (lambda s: s.set(RescaleSlope=0), RESCALE),
    "row33_slope_zero_in_one": (lambda s: s.set(5, RescaleSlope=0), RESCALE),
    "row33_two_slopes": (lambda s: s.set(RescaleSlope=[1, 2]), RESCALE),
    "row33_slope_no_number": (slope_bytes(b"1_0 "), RESCALE),
    "row33_modality_lut_beside_it": (edited(lambda s, k, ds: setattr(ds, "ModalityLUTSequence", [])), RESCALE),
    "row34_MONOCHROME1": (lambda s: s.set(PhotometricInterpretation="MONOCHROME1"), ""),
    "row35_garbage_above_12_bits": (garbage_above(False), ""),
    "row35_garbage_above_12_bits_signed": (garbage_above(True), ""),
    "row35_12_bits_at_the_top": (edited(bits_at_the_top), ""),
    "row35_12_signed_bits_in_the_middle": (edited(bits_in_the_middle), ""),
    "row35_bits_and_sign_differ_between_slices": (edited(bits_and_sign_differ), ""),
    "row35_smallest_and_largest_value_lie": (edited(smallest_and_largest_lie), ""),
    "row35_sign_unknown": (no_sign(None), FORMAT),
    "row35_sign_neither_0_nor_1": (no_sign(3), FORMAT),
    "row35_more_bits_stored_than_allocated": (lambda s: s.set(BitsStored=17, HighBit=16), FORMAT),
    "row35_high_bit_below_bits_stored": (lambda s: s.set(BitsStored=16, HighBit=11), FORMAT),
    "row35_8_bits_allocated": (lambda s: s.set(BitsAllocated=8, BitsStored=8, HighBit=7), FORMAT),
    "row35_32_bits_allocated": (lambda s: s.set(BitsAllocated=32, BitsStored=32, HighBit=31), FORMAT),
    "row35_colour": (lambda s: s.set(PhotometricInterpretation="RGB"), FORMAT),
    "row35_palette": (lambda s: s.set(PhotometricInterpretation="PALETTE COLOR"), FORMAT),
    "row35_three_samples": (lambda s: s.set(SamplesPerPixel=3, PlanarConfiguration=1), FORMAT),
    "beyond_other_rescale_type": (lambda s: s.set(RescaleType="US"), "W_RESCALE_TYPE"),
    "beyond_constant": (edited(lambda s, k, ds: s.store(ds, s.stored(ds) * 0)), "E_CONSTANT"),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(name, check_row):
    make, expected, *more = ROWS[name]
    check_row(make, expected, **(more[0] if more else {}))


# where padding stands there is no phantom: these volumes are compared with one whose padding was put to -1024
PADDING = {
    "row36_minus_2000_in_a_corner": (-2000, {}),
    "row36_named_by_its_tag": (-2000, {"PixelPaddingValue": -976}),
    "row36_lowest_number": (-32768 - 1024, {"PixelPaddingValue": -32768}),
}


@pytest.mark.parametrize("name", PADDING)
def test_padding_is_clipped_and_said(name, series, ingest):
    hu, tags = PADDING[name]

    def edit(k, ds):
        values = series.stored(ds)
        values[:2, :3] = hu + 1024
        series.store(ds, values)
        for tag, value in tags.items():
            ds.add_new(tag, "SS", value)

    series.write(edit)
    (volume,) = ingest(series.folder).volumes
    truth = linear_phantom(series.shape, series.affine)
    truth[:, :2, :3] = -1024
    assert volume.codes == ("W_PADDING_CLIPPED",)
    np.testing.assert_array_equal(volume.hu, truth)


def test_row36_what_is_too_bright_is_clipped_and_said(series, ingest):
    def edit(k, ds):
        ds.PixelRepresentation = 0
        values = series.stored(ds)
        values[3, 4] = 65535
        series.store(ds, values, "<u2")

    series.write(edit)
    (volume,) = ingest(series.folder).volumes
    truth = linear_phantom(series.shape, series.affine)
    truth[:, 3, 4] = 32767
    assert volume.codes == ("W_HIGH_CLIPPED",)
    np.testing.assert_array_equal(volume.hu, truth)
