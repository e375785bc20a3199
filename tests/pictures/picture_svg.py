"""An SVG document, parsed, with what tests ask of it."""

from __future__ import annotations

from xml.etree import ElementTree

from pytest_vpcep.pictures.lettering import printable

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    """The root of a document that is well-formed and uses each id once."""
    parser = ElementTree.XMLPullParser(["end"])
    parser.feed(svg)
    parser.close()
    *_, (_, root) = parser.read_events()
    assert isinstance(root, ElementTree.Element)
    assert root.tag == f"{SVG}svg"
    ids = [node.attrib["id"] for node in root.iter() if "id" in node.attrib]
    assert len(ids) == len(set(ids))
    return root


def texts(svg: str) -> list[str]:
    """The lines of text that a document shows."""
    return [node.text or "" for node in parsed(svg).iter(f"{SVG}text")]


def shows(svg: str, text: str) -> bool:
    """Whether a text is shown in full, in one line."""
    return any(printable(text) in line for line in texts(svg))
