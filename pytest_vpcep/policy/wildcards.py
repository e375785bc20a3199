"""Wildcard patterns of the policy language, matched in linear time without regular expressions.

Source: IAM User Guide, "IAM JSON policy elements: Resource" and "IAM JSON policy elements:
Condition operators" (``*`` is any run of characters, ``?`` is any one character).
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: One stretch between two ``*``: its literal pieces, with exactly one ``?`` between neighbours.
Segment = tuple[str, ...]


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern.

    Args:
        segments: the stretches between its ``*``; a single one means no ``*`` at all.
        literal: the only text it matches; None where it holds a wildcard.
        least: the length of the shortest text it matches.

    """

    segments: tuple[Segment, ...]
    literal: str | None = field(init=False, repr=False, compare=False)
    least: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        first = self.segments[0]
        is_literal = len(self.segments) == 1 and len(first) == 1
        object.__setattr__(self, "literal", first[0] if is_literal else None)
        object.__setattr__(self, "least", sum(map(_width, self.segments)))

    @property
    def literal_prefix(self) -> str:
        """The text that everything this pattern matches starts with."""
        return self.segments[0][0]

    def matches(self, text: str) -> bool:
        """Whether the pattern covers the whole of ``text``."""
        if self.literal is not None:
            return text == self.literal
        segments = self.segments
        first, last = segments[0], segments[-1]
        if len(text) < self.least or not _fits(first, text, 0):
            return False
        if len(segments) == 1:
            return len(text) == self.least
        end = len(text) - _width(last)
        return _fits(last, text, end) and (
            len(segments) == 2 or _hold_in_order(segments[1:-1], text, _width(first), end)
        )


def _hold_in_order(segments: tuple[Segment, ...], text: str, start: int, end: int) -> bool:
    """Whether the segments fit one after the other, gaps allowed, between two positions."""
    for segment in segments:
        # The leftmost fit leaves the most room for what follows, so no backtracking is needed.
        found = _find(segment, text, start, end)
        if found < 0:
            return False
        start = found + _width(segment)
    return True


def compile_pattern(text: str) -> Pattern:
    """Compile a pattern in which every ``*`` and ``?`` is a wildcard."""
    return Pattern(tuple(tuple(run.split("?")) for run in _collapse(text).split("*")))


def literal_pattern(text: str) -> Pattern:
    """Return a pattern that matches ``text`` and nothing else, whatever characters are in it."""
    return Pattern(((text,),))


def concatenate(patterns: list[Pattern]) -> Pattern:
    """Return the pattern that matches what the given ones match one after the other."""
    segments: list[Segment] = [("",)]
    for pattern in patterns:
        head, *rest = pattern.segments
        joined = (*segments[-1][:-1], segments[-1][-1] + head[0], *head[1:])
        segments[-1] = joined
        segments.extend(rest)
    return Pattern(tuple(segments))


def _collapse(text: str) -> str:
    while "**" in text:
        text = text.replace("**", "*")
    return text


def _width(segment: Segment) -> int:
    if len(segment) == 1:
        return len(segment[0])
    return sum(map(len, segment)) + len(segment) - 1


def _fits(segment: Segment, text: str, position: int) -> bool:
    for piece in segment:
        if not text.startswith(piece, position):
            return False
        position += len(piece) + 1
    return True


def _find(segment: Segment, text: str, start: int, end: int) -> int:
    if len(segment) == 1:
        return text.find(segment[0], start, end)
    for position in range(start, end - _width(segment) + 1):
        if _fits(segment, text, position):
            return position
    return -1
