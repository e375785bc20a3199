"""Where each box, arrow and line of text of a diagram goes.

graphlay lays out: layers from top to bottom, boxes inside boxes, arrows at right angles. It is
imported only here, and only when something is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.pictures.diagram import Diagram, Element, Line, Link, Tone
from pytest_vpcep.pictures.geometry import Point, Rectangle, free_place, segments, squared
from pytest_vpcep.pictures.lettering import (
    ASCENT,
    LINE_HEIGHT,
    printable,
    text_width,
    title_width,
)

if TYPE_CHECKING:
    import graphlay

#: More boxes than this no page shows, and their layout takes seconds.
MOST_ELEMENTS = 500

_INSET = 12.0
_MARGIN, _PADDING = 16.0, 16.0
_NODE_GAP, _LAYER_GAP = 24.0, 28.0
#: The smaller draft is taken: the first keeps a path straight, the second packs a wide topology.
_MANNERS: tuple[dict[str, Any], ...] = (
    {},
    {"coords": {"branch_style": "symmetric"}, "compaction": {"mode": "priority"}},
)
#: graphlay's lines are off the right angle by up to so much.
_ASKEW = 2.0
#: Between an arrow and the text beside it.
_CLEAR = 8.0
#: What an arrow with a label is longer, so that it can be seen above and below the words.
_LABEL_GAP = 22.0


@dataclass(frozen=True)
class Letters:
    """One line of text and the room it takes; its left end is the room's."""

    text: str
    room: Rectangle
    tone: Tone
    is_title: bool = False

    @property
    def baseline(self) -> float:
        """The y its letters stand on."""
        return self.room.y + ASCENT


@dataclass(frozen=True)
class Box:
    """A placed element and the text in it."""

    element: Element
    room: Rectangle
    letters: tuple[Letters, ...]
    is_container: bool


@dataclass(frozen=True)
class Arrow:
    """A placed link: the corners of its line from tail to head, and its label."""

    link: Link
    points: tuple[Point, ...]
    label: Letters | None


@dataclass(frozen=True)
class Arrangement:
    """A placed diagram: its size, and its parts, containers before what is in them."""

    diagram: Diagram
    size: Point
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def arrange(diagram: Diagram) -> Arrangement:
    """Place a diagram.

    Args:
        diagram: what to place.

    Raises:
        SnapshotError: it has more boxes than a page can show.

    """
    if len(diagram.elements) > MOST_ELEMENTS:
        raise SnapshotError(
            f"the picture would have {len(diagram.elements)} boxes, more than {MOST_ELEMENTS}; "
            "draw less of the snapshot, such as one VPC with --vpc ID"
        )
    if not diagram.elements:
        return Arrangement(diagram, (2 * _MARGIN, 2 * _MARGIN), (), ())
    laid_out = _lay_out(diagram)
    rooms = {key: _room(node) for key, node in zip(laid_out.ids, laid_out.nodes, strict=True)}
    edges = laid_out.edges[: len(diagram.links)]
    lines = [_points(edge) for edge in edges]
    labels = [_label_room(*pair) for pair in zip(diagram.links, edges, strict=True)]
    corners = [corner for item in diagram.elements for corner in rooms[item.key].corners]
    corners += [corner for label in labels if label for corner in label.corners]
    corners += [point for line in lines for point in line]
    left, top = min(x for x, _ in corners) - _MARGIN, min(y for _, y in corners) - _MARGIN
    right, bottom = max(x for x, _ in corners) + _MARGIN, max(y for _, y in corners) + _MARGIN
    shift = (-left, -top)
    arrows = tuple(
        _arrow(link, line, label, shift)
        for link, line, label in zip(diagram.links, lines, labels, strict=True)
    )
    shifted = {key: room.shifted(shift) for key, room in rooms.items()}
    boxes = tuple(_boxes(diagram, shifted, arrows))
    return Arrangement(diagram, (right - left, bottom - top), boxes, arrows)


def _lay_out(diagram: Diagram) -> graphlay.Layout:
    """Have graphlay place the diagram's elements, and the headers of those with others inside.

    A header is a box like others, so that arrows keep clear of its text; arrows that are not drawn
    hold it above what the element has inside.
    """
    import graphlay

    graph = graphlay.Graph()
    containers = diagram.containers
    numbers: dict[str, int] = {}
    for element in diagram.elements:
        width, height = _needed(element)
        fields: dict[str, Any] = {"width": width, "height": height}
        if element.inside is not None:
            fields["parent"] = numbers[element.inside]
        number = graph.node(element.key, **fields)
        numbers[element.key] = number
        if element.key in containers:
            width, height = width - 2 * _INSET, height - 2 * _INSET
            graph.node(_header(element.key), width=width, height=height, parent=number)
    for link in diagram.links:
        graph.edge(link.source, link.target, **_label_fields(link))
    for above, below in _held_together(diagram):
        graph.edge(above, below)
    options = {
        "direction": "topbottom",
        "spacing": {"node_gap": _NODE_GAP, "layer_gap": _LAYER_GAP, "compound_padding": _PADDING},
        "labels": {"reservation": "always"},
    }
    drafts = [graphlay.layout(graph, options={**options, **manner}) for manner in _MANNERS]
    return min(drafts, key=_area)


def _area(laid_out: graphlay.Layout) -> float:
    first, last = laid_out.bounds["min"], laid_out.bounds["max"]
    return float((last["x"] - first["x"]) * (last["y"] - first["y"]))


def _label_fields(link: Link) -> dict[str, Any]:
    label = printable(link.label)
    if not label:
        return {}
    room = {"width": text_width(label) + 2 * _CLEAR, "height": LINE_HEIGHT + _LABEL_GAP}
    return {"label_size": room}


def _header(key: str) -> str:
    return f"header of {key}"


def _held_together(diagram: Diagram) -> Iterator[tuple[str, str]]:
    """Yield the arrows that are not drawn, from each header to what comes first below it."""
    inside = {element.key: element.inside for element in diagram.elements}
    onward: dict[str, list[str]] = {}
    follows = set()
    for link in diagram.links:
        if inside[link.source] == inside[link.target]:
            onward.setdefault(link.source, []).append(link.target)
            follows.add(link.target)
    below: set[str] = set()
    # What follows nothing comes first; of things in a circle, the one that is listed first does.
    for element in sorted(diagram.elements, key=lambda element: element.key in follows):
        if element.inside is None or element.key in below:
            continue
        container = element.key in diagram.containers
        yield _header(element.inside), _header(element.key) if container else element.key
        _mark_all_below(element.key, onward, below)


def _mark_all_below(start: str, onward: Mapping[str, Sequence[str]], below: set[str]) -> None:
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key not in below:
            below.add(key)
            waiting.extend(onward.get(key, ()))


def _needed(element: Element) -> tuple[float, float]:
    """Return the width and height that an element's own text needs."""
    widths = [title_width(printable(element.title))]
    widths += [text_width(printable(line.text)) for line in element.lines]
    return max(widths) + 2 * _INSET, LINE_HEIGHT * len(widths) + 2 * _INSET


def _room(node: dict[str, Any]) -> Rectangle:
    width, height = node["size"]["width"], node["size"]["height"]
    return Rectangle(
        node["center"]["x"] - width / 2, node["center"]["y"] - height / 2, width, height
    )


def _points(edge: dict[str, Any]) -> tuple[Point, ...]:
    points = [(point["x"], point["y"]) for point in edge["points"]]
    return squared(points, _ASKEW)


def _label_room(link: Link, edge: dict[str, Any]) -> Rectangle | None:
    anchor = edge.get("label_anchor")
    if not link.label or anchor is None:
        return None
    width = text_width(printable(link.label))
    return Rectangle(anchor["x"] - width / 2, anchor["y"] - LINE_HEIGHT / 2, width, LINE_HEIGHT)


def _arrow(link: Link, line: Sequence[Point], label: Rectangle | None, shift: Point) -> Arrow:
    points = tuple((x + shift[0], y + shift[1]) for x, y in line)
    if label is None:
        return Arrow(link, points, None)
    return Arrow(link, points, Letters(printable(link.label), label.shifted(shift), link.tone))


def _boxes(
    diagram: Diagram, rooms: Mapping[str, Rectangle], arrows: Sequence[Arrow]
) -> Iterator[Box]:
    containers = diagram.containers
    taken = [part for arrow in arrows for part in segments(arrow.points, _CLEAR)]
    for element in diagram.elements:
        room, is_container = rooms[element.key], element.key in containers
        corner = (room.x + _INSET, room.y + _INSET)
        if is_container:
            corner = _leftmost(room, rooms[_header(element.key)], taken)
        yield Box(element, room, tuple(_letters(element, *corner)), is_container)


def _leftmost(room: Rectangle, header: Rectangle, taken: Sequence[Rectangle]) -> Point:
    """Return where a container's text begins: at its left, unless arrows leave no room there."""
    top = replace(header, x=room.x + _INSET, y=room.y + _INSET, width=room.width - 2 * _INSET)
    x = free_place(top, header.width, taken)
    return (header.x, header.y) if x is None else (x, top.y)


def _letters(element: Element, x: float, y: float) -> Iterator[Letters]:
    title = printable(element.title)
    yield Letters(
        title, Rectangle(x, y, title_width(title), LINE_HEIGHT), element.tone, is_title=True
    )
    for number, line in enumerate(element.lines, 1):
        text = printable(line.text)
        room = Rectangle(x, y + number * LINE_HEIGHT, text_width(text), LINE_HEIGHT)
        yield Letters(text, room, _tone_of(line, element))


def _tone_of(line: Line, element: Element) -> Tone:
    return Tone.MUTED if element.tone is Tone.MUTED else line.tone
