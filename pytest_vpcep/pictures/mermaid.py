"""A diagram as the text of a Mermaid flowchart, which GitHub and others draw in Markdown.

The colours are Mermaid's own, so that they follow the reader's theme; only outlines and arrows
that say something of a request are coloured, in tones that both schemes can show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_vpcep.pictures.diagram import Diagram, Element, Link, Tone
from pytest_vpcep.pictures.lettering import printable

#: Outlines and arrows: 3:1 on white and on GitHub's dark paper, as graphics need.
TONES = {
    Tone.GOOD: "#1a8a3c",
    Tone.BAD: "#e5383b",
    Tone.OPEN: "#b07800",
    Tone.MUTED: "#7d8590",
}
_ARROWS = {Tone.BAD: "-.->", Tone.OPEN: "-.->", Tone.MUTED: "-.->"}

#: What Mermaid or Markdown would read as more than a letter.
_SPECIAL = str.maketrans({character: f"#{ord(character)};" for character in '"#&<>`*_~[]{}|\\'})


def to_mermaid(diagram: Diagram) -> str:
    """Return a diagram as a Mermaid flowchart.

    Args:
        diagram: what to write.

    """
    return "\n".join(_lines(diagram)) + "\n"


def _lines(diagram: Diagram) -> Iterator[str]:
    names = {element.key: f"n{number}" for number, element in enumerate(diagram.elements)}
    yield "flowchart TB"
    yield f"  accTitle: {_escaped(diagram.title)}"
    yield f"  accDescr: {_escaped(diagram.description)}"
    children: dict[str | None, list[Element]] = {}
    for element in diagram.elements:
        children.setdefault(element.inside, []).append(element)
    yield from _nested(None, children, names, "  ")
    for link in diagram.links:
        yield f"  {_arrow(link, names)}"
    yield from _styles(diagram, names)


def _nested(
    inside: str | None,
    children: Mapping[str | None, list[Element]],
    names: Mapping[str, str],
    indent: str,
) -> Iterator[str]:
    for element in children.get(inside, ()):
        label = _label(element)
        if element.key not in children:
            yield f'{indent}{names[element.key]}["{label}"]'
            continue
        yield f'{indent}subgraph {names[element.key]}["{label}"]'
        yield from _nested(element.key, children, names, indent + "  ")
        yield f"{indent}end"


def _label(element: Element) -> str:
    return "<br/>".join(map(_escaped, (element.title, *(line.text for line in element.lines))))


def _escaped(text: str) -> str:
    return printable(text).translate(_SPECIAL)


def _arrow(link: Link, names: Mapping[str, str]) -> str:
    label = f'|"{_escaped(link.label)}"|' if link.label else ""
    return f"{names[link.source]} {_ARROWS.get(link.tone, '-->')}{label} {names[link.target]}"


def _styles(diagram: Diagram, names: Mapping[str, str]) -> Iterator[str]:
    for tone, colour in TONES.items():
        boxes = [names[element.key] for element in diagram.elements if element.tone is tone]
        if boxes:
            yield f"  classDef {tone} stroke:{colour},stroke-width:2px"
            yield f"  class {','.join(boxes)} {tone}"
        arrows = [str(number) for number, link in enumerate(diagram.links) if link.tone is tone]
        if arrows:
            yield f"  linkStyle {','.join(arrows)} stroke:{colour},stroke-width:2px"
