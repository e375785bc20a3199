"""A diagram as SVG, in light and dark, with its text as text."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from html import escape

from pytest_vpcep.pictures.arrangement import Arrangement, Arrow, Box, Letters, arrange
from pytest_vpcep.pictures.diagram import Diagram, Tone
from pytest_vpcep.pictures.lettering import TEXT_SIZE, TITLE_SIZE, printable
from pytest_vpcep.pictures.palette import DARK, LIGHT, PREFIX, style_sheet

#: How far the head of an arrow reaches, and half its breadth, in px.
_HEAD_LENGTH, _HEAD_BREADTH = 9.0, 4.0
_CORNER = 6.0
_SURFACES = {"vpc": "vpc", "subnet": "subnet", "s3": "group", "services": "group"}

_SHAPES = (
    f".{PREFIX} text{{font-family:system-ui,'DejaVu Sans',sans-serif;font-size:{TEXT_SIZE:g}px}}"
    f".{PREFIX} .{PREFIX}-title{{font-size:{TITLE_SIZE:g}px;font-weight:600}}"
    f".{PREFIX} rect{{stroke-width:1.5}}"
    f".{PREFIX}-line{{fill:none;stroke-width:1.5}}"
    f".{PREFIX}-line-good,.{PREFIX}-line-bad,.{PREFIX}-line-open{{stroke-width:2.5}}"
    f".{PREFIX}-line-bad{{stroke-dasharray:7 4}}"
    f".{PREFIX}-line-open{{stroke-dasharray:2 4}}"
    f".{PREFIX}-line-muted,.{PREFIX}-outline-muted{{stroke-dasharray:3 3}}"
    f".{PREFIX} .{PREFIX}-outline-good,.{PREFIX} .{PREFIX}-outline-bad,"
    f".{PREFIX} .{PREFIX}-outline-open{{stroke-width:2.5}}"
    # A rim of paper around it keeps text readable where an arrow passes beneath.
    f"[class*='{PREFIX}-rim-']{{paint-order:stroke;stroke-width:4;stroke-linejoin:round}}"
)


def to_svg(diagram: Diagram) -> str:
    """Return a diagram as an SVG document that can stand alone or inside an HTML page.

    Args:
        diagram: what to draw.

    Raises:
        SnapshotError: it has more boxes than a page can show.

    """
    arrangement = arrange(diagram)
    # In a page with several pictures each needs ids of its own.
    mark = f"{PREFIX}-{sha256(repr(diagram).encode()).hexdigest()[:8]}"
    return "\n".join(_document(arrangement, mark)) + "\n"


def _document(arrangement: Arrangement, mark: str) -> Iterator[str]:
    width, height = (f"{length:.0f}" for length in arrangement.size)
    diagram = arrangement.diagram
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{PREFIX}" role="img" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'aria-labelledby="{mark}-title {mark}-desc">'
    )
    yield f'<title id="{mark}-title">{_text(diagram.title)}</title>'
    yield f'<desc id="{mark}-desc">{_text(diagram.description)}</desc>'
    yield "<style>"
    yield _SHAPES
    yield style_sheet(LIGHT)
    yield f"@media (prefers-color-scheme: dark){{{style_sheet(DARK)}}}"
    yield "</style>"
    yield f'<rect class="{PREFIX}-paper" width="{width}" height="{height}" stroke="none"/>'
    yield from (_rectangle(box) for box in arrangement.boxes)
    for arrow in arrangement.arrows:
        yield from _arrow(arrow)
    for box in arrangement.boxes:
        rim = f" {PREFIX}-rim-{_surface(box)}" if box.is_container else ""
        yield from (_letters(letters, rim) for letters in box.letters)
    for arrow in arrangement.arrows:
        if arrow.label:
            yield _letters(arrow.label, f" {PREFIX}-rim-paper")
    yield "</svg>"


def _surface(box: Box) -> str:
    return _SURFACES.get(box.element.kind, "box")


def _rectangle(box: Box) -> str:
    room, tone = box.room, box.element.tone
    outline = "" if tone is Tone.PLAIN else f" {PREFIX}-outline-{tone}"
    return (
        f'<rect class="{PREFIX}-{_surface(box)}{outline}" x="{room.x:.1f}" y="{room.y:.1f}" '
        f'width="{room.width:.1f}" height="{room.height:.1f}" rx="{_CORNER:g}"/>'
    )


def _arrow(arrow: Arrow) -> Iterator[str]:
    tone, (*before, tail, head) = arrow.link.tone, arrow.points
    length = max(abs(head[0] - tail[0]), abs(head[1] - tail[1]))
    if length == 0:
        return
    along = ((head[0] - tail[0]) / length, (head[1] - tail[1]) / length)
    neck = (head[0] - along[0] * _HEAD_LENGTH, head[1] - along[1] * _HEAD_LENGTH)
    corners = " L".join(f"{x:.1f} {y:.1f}" for x, y in (*before, tail, neck))
    yield f'<path class="{PREFIX}-line {PREFIX}-line-{tone}" d="M{corners}"/>'
    sides = [
        (neck[0] + sign * along[1] * _HEAD_BREADTH, neck[1] + sign * along[0] * _HEAD_BREADTH)
        for sign in (1, -1)
    ]
    tip = " L".join(f"{x:.1f} {y:.1f}" for x, y in (head, *sides))
    yield f'<path class="{PREFIX}-head-{tone}" d="M{tip} Z"/>'


def _letters(letters: Letters, rim: str) -> str:
    if letters.is_title and letters.tone is Tone.PLAIN:
        style = f"{PREFIX}-title"
    elif letters.is_title:
        style = f"{PREFIX}-title {PREFIX}-text-{letters.tone}"
    else:
        style = f"{PREFIX}-text-{letters.tone}"
    return (
        f'<text class="{style}{rim}" x="{letters.room.x:.1f}" y="{letters.baseline:.1f}">'
        f"{_text(letters.text)}</text>"
    )


def _text(text: str) -> str:
    return escape(printable(text), quote=False)
