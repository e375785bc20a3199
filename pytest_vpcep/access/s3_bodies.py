"""What of an S3 request's XML body takes part in authorization: keys, tags, locations."""

from __future__ import annotations

from xml.parsers import expat

from pytest_vpcep.errors import RequestError


def records(body: bytes, name: str) -> tuple[dict[str, str], ...]:
    """Every element of a name, as its children's texts by their names.

    Namespaces are left aside, as S3 does. Document type declarations, and so entities, are
    refused.

    Args:
        body: the XML document; empty for none.
        name: the element's local name, such as ``Object`` in a ``Delete`` document.

    Returns:
        One mapping for each element; of children of one name the last.

    Raises:
        RequestError: the body is not well-formed XML.
    """
    if not body.strip():
        return ()
    reader = _Reader(name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes its last flag by position only
    except expat.ExpatError as error:
        raise RequestError(f"request body is not well-formed XML: {error}") from error
    return tuple(reader.found)


class _Reader:
    """Collects elements of one name while expat walks the document."""

    def __init__(self, name: str) -> None:
        self.found: list[dict[str, str]] = []
        self._name = name
        self._path: list[str] = []
        self._open: list[tuple[int, dict[str, str]]] = []
        self._text: list[str] = []

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._path.append(tag.rpartition(":")[2])
        self._text = []
        if self._path[-1] == self._name:
            record: dict[str, str] = {}
            self._open.append((len(self._path), record))
            self.found.append(record)

    def end(self, _tag: str) -> None:
        if self._open and self._open[-1][0] == len(self._path):
            self._open.pop()
        if self._open and self._open[-1][0] == len(self._path) - 1:
            self._open[-1][1][self._path[-1]] = "".join(self._text)
        self._path.pop()
        self._text = []

    def text(self, data: str) -> None:
        self._text.append(data)

    def refuse_doctype(self, *_declaration: object) -> None:
        raise RequestError("request body has a document type declaration; S3's bodies have none")
