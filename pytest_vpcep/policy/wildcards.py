"""Wildcard patterns of the policy language, matched in linear time without regular expressions.

Source: IAM User Guide, "IAM JSON policy elements: Resource" and "IAM JSON policy elements:
Condition operators" (``*`` is any run of characters, ``?`` is any one character).
"""

from __future__ import annotations

from dataclasses import dataclass

#: One stretch between two ``*``: its literal pieces, with exactly one ``?`` between neighbours.
Segment = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: the stretches between its ``*``; a single one means no ``*`` at all."""

    segments: tuple[Segment, ...]

    @property
    def literal(self) -> str | None:
        """The only text this pattern matches, or None where it holds a wildcard."""
        if len(self.segments) == 1 and len(self.segments[0]) == 1:
            return self.segments[0][0]
        return None

    @property
    def literal_prefix(self) -> str:
        """The text that everything this pattern matches starts with."""
        return self.segments[0][0]

    def matches(self, text: str) -> bool:
        """Whether the pattern covers the whole of ``text``."""
        segments = self.segments
        first = segments[0]
        if len(segments) == 1:
            return len(text) == _width(first) and _fits(first, text, 0)
        last = segments[-1]
        end = len(text) - _width(last)
        position = _width(first)
        if end < position or not _fits(first, text, 0) or not _fits(last, text, end):
            return False
        for segment in segments[1:-1]:
            # The leftmost fit leaves the most room for what follows, so no backtracking is needed.
            found = _find(segment, text, position, end)
            if found < 0:
                return False
            position = found + _width(segment)
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
