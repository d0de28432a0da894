"""XML to a tree, without anything that makes XML dangerous."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

LARGEST_BYTES = 64 * 2**20
"""The largest file of the LIDC release has 2.2 MB."""
_DEEPEST = 32
"""The release nests 6 deep."""


class UnsafeXml(ValueError):
    """The text is not well formed, declares a document type or entities, or is larger or deeper than any reading."""


def parse_xml(data: bytes) -> Element:
    """Parse XML; tags lose their namespace.

    A document type declaration is refused where it begins, so that no entity is ever defined, expanded or fetched.

    Raises
    ------
    UnsafeXml
        Saying what was found, without a word of the text.
    """
    if len(data) > LARGEST_BYTES:
        raise UnsafeXml(f"it has {len(data)} bytes, more than {LARGEST_BYTES}")
    builder = TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise UnsafeXml(f"it nests deeper than {_DEEPEST}")
        builder.start(name.rpartition(" ")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition(" ")[2])

    def refuse(*_: object) -> None:
        raise UnsafeXml("it declares a document type or entities")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = refuse  # type: ignore[assignment]
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise UnsafeXml(f"it is not well formed (line {error.lineno})") from None
    return builder.close()
