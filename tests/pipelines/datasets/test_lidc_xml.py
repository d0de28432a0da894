from __future__ import annotations

import pytest

from resmtnet.pipelines.datasets.lidc_idri.parse_reading import parse_reading
from resmtnet.pipelines.datasets.lidc_idri.parse_xml import UnsafeXml, parse_xml
from resmtnet.pipelines.ingest.ingest_error import IngestError

SMALL = "<unblindedReadNodule><noduleID>b</noduleID>{roi}</unblindedReadNodule>"
ROI = (
    "<roi><imageZposition>-12.5 </imageZposition><imageSOP_UID> 1.2.3</imageSOP_UID>"
    "<inclusion>{inclusion}</inclusion>{points}</roi>"
)
POINT = "<edgeMap><xCoord>{}</xCoord><yCoord>{}</yCoord></edgeMap>"
LARGE = (
    "<unblindedReadNodule><noduleID>a</noduleID><characteristics><malignancy>4</malignancy><texture>0</texture>"
    "</characteristics>{roi}</unblindedReadNodule>"
)
NON = (
    "<nonNodule><nonNoduleID>c</nonNoduleID><imageZposition>2.5</imageZposition><imageSOP_UID>1.2.4</imageSOP_UID>"
    "<locus><xCoord>7</xCoord><yCoord>8</yCoord></locus></nonNodule>"
)


def reading(sessions: str, uid: str = "1.2") -> bytes:
    header = f"<ResponseHeader><SeriesInstanceUid>{uid}</SeriesInstanceUid></ResponseHeader>"
    return f'<LidcReadMessage xmlns="http://www.nih.gov">{header}{sessions}</LidcReadMessage>'.encode()


def session(*items: str) -> str:
    return f"<readingSession>{''.join(items)}</readingSession>"


def roi(*points: tuple[object, object], inclusion: str = "TRUE") -> str:
    return ROI.format(inclusion=inclusion, points="".join(POINT.format(*p) for p in points))


def test_outlines_marks_and_ratings_are_told_apart():
    nodule = LARGE.format(roi=roi((3, 4), (5, 4)) + roi((4, 4), (4, 5), inclusion="FALSE"))
    found = parse_reading(reading(session(SMALL.format(roi=roi((1, 2)))) + session(nodule, NON)))
    assert found is not None
    assert (found.series_uid, found.n_readers) == ("1.2", 2)
    (outline,) = found.outlines
    assert outline.reader == 1
    assert outline.ratings == {"malignancy": 4}  # 0 says that nobody rated
    assert [(c.sop_uid, c.z_mm, c.included) for c in outline.contours] == [
        ("1.2.3", -12.5, True),
        ("1.2.3", -12.5, False),
    ]
    assert outline.contours[0].points_ij.tolist() == [[3, 4], [5, 4]]
    small, other = found.marks
    assert (small.reader, small.is_nodule, small.pixel_ij, small.z_mm) == (0, True, (1, 2), -12.5)
    assert (other.reader, other.is_nodule, other.pixel_ij, other.sop_uid) == (1, False, (7, 8), "1.2.4")


def test_the_reading_of_a_radiograph_is_none():
    assert (
        parse_reading(b'<IdriReadMessage xmlns="http://www.nih.gov/idri"><CXRreadingSession/></IdriReadMessage>')
        is None
    )


@pytest.mark.parametrize(
    "faulty",
    [
        roi(("x", 4), (5, 4)),
        roi((1.5, 4), (5, 4)),
        roi((-1, 4), (5, 4)),
        roi((1e9, 4), (5, 4)),
        roi((1, 4), (5, 4), inclusion="MAYBE"),
    ],
)
def test_a_wrong_number_is_said(faulty: str):
    with pytest.raises(IngestError) as error:
        parse_reading(reading(session(LARGE.format(roi=faulty))))
    assert error.value.code == "E_LABEL_VALUE"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no xml", b"<a><b></a>", b"<LidcReadMessage/>", reading(""), reading(session(), uid=""),
        reading(session() * 9), b"<OtherMessage/>",
    ],
)  # fmt: skip
def test_what_is_no_reading_is_unreadable(data: bytes):
    with pytest.raises(IngestError) as error:
        parse_reading(data)
    assert error.value.code == "E_LABEL_UNREADABLE"


ENTITY = '<?xml version="1.0" encoding="{0}"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'


@pytest.mark.parametrize(
    "data",
    [
        ENTITY.format("UTF-8").encode(),
        ENTITY.format("UTF-16").encode("utf-16"),  # no search for bytes would find this one
        b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
        b"<a>&unknown;</a>",
        b"<a>" * 100 + b"</a>" * 100,
    ],
)
def test_dangerous_xml_is_refused(data: bytes):
    with pytest.raises(UnsafeXml):
        parse_xml(data)


def test_plain_xml_is_read_with_its_five_own_entities():
    root = parse_xml(b'<n:a xmlns:n="u"><b c="1">x &lt; y</b></n:a>')
    assert (root.tag, root.findtext("b")) == ("a", "x < y")
