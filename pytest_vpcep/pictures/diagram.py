"""A diagram in no notation yet: boxes inside boxes, and the arrows between them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from enum import StrEnum

#: So many characters a line: a box of prose stays narrower than a page.
LINE_LENGTH = 60


class Tone(StrEnum):
    """What a box, line or arrow says of a request; the words beside it always say it too."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    OPEN = "open"
    MUTED = "muted"


@dataclass(frozen=True)
class Line:
    """One line of text in a box."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Element:
    """A box.

    Args:
        key: what links and other elements call it; unique in a diagram.
        kind: what it is, such as ``vpc`` or ``instance``.
        title: its first line.
        lines: its further lines.
        inside: key of the element it is in; None: of none.
        tone: what it says of a request.

    """

    key: str
    kind: str
    title: str
    lines: tuple[Line, ...] = ()
    inside: str | None = None
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Link:
    """An arrow from one element to another, by their keys."""

    source: str
    target: str
    tone: Tone = Tone.PLAIN
    label: str = ""


@dataclass(frozen=True)
class Diagram:
    """Elements and links, with a title and a description for those who do not see them.

    Args:
        title: what it shows, in a few words.
        description: what can be seen in it, in sentences.
        elements: the boxes; an element comes after the one it is in.
        links: the arrows.

    """

    title: str
    description: str
    elements: tuple[Element, ...]
    links: tuple[Link, ...]

    @property
    def containers(self) -> frozenset[str]:
        """Keys of the elements that others are in."""
        return frozenset(element.inside for element in self.elements if element.inside)


@dataclass
class Sketch:
    """A diagram while it is being made; what is added twice stays once."""

    elements: dict[str, Element] = field(default_factory=dict)
    links: dict[tuple[str, str], Link] = field(default_factory=dict)

    def add(self, element: Element) -> str:
        """Add an element and return its key."""
        self.elements.setdefault(element.key, element)
        return element.key

    def link(self, source: str, target: str, tone: Tone = Tone.PLAIN, label: str = "") -> None:
        """Add an arrow."""
        self.links.setdefault((source, target), Link(source, target, tone, label))

    def diagram(self, title: str, description: str) -> Diagram:
        """Return what has been added as a diagram."""
        return Diagram(
            title, description, tuple(self.elements.values()), tuple(self.links.values())
        )


def plain(*texts: str) -> tuple[Line, ...]:
    """Return lines of text, the empty ones left out."""
    return tuple(Line(text) for text in texts if text)


def prose(text: str, tone: Tone = Tone.PLAIN) -> tuple[Line, ...]:
    """Return a sentence in lines of readable length; words, and so ids, stay whole."""
    wrapped = textwrap.wrap(text, LINE_LENGTH, break_long_words=False, break_on_hyphens=False)
    return tuple(Line(line, tone) for line in wrapped)
