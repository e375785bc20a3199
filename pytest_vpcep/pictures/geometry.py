"""Rectangles and lines at right angles, in px, y growing downwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

Point = tuple[float, float]


@dataclass(frozen=True)
class Rectangle:
    """A rectangle by its top left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def corners(self) -> tuple[Point, Point]:
        """Its top left and its bottom right corner."""
        return (self.x, self.y), (self.right, self.bottom)

    def shifted(self, by: Point) -> Rectangle:
        """Return it moved."""
        return replace(self, x=self.x + by[0], y=self.y + by[1])

    def overlaps(self, other: Rectangle) -> bool:
        """Whether it shares more than an edge with another."""
        across = self.x < other.right and other.x < self.right
        return across and self.y < other.bottom and other.y < self.bottom

    def contains(self, other: Rectangle) -> bool:
        """Whether another lies inside it, edges included."""
        across = self.x <= other.x and other.right <= self.right
        return across and self.y <= other.y and other.bottom <= self.bottom


def squared(points: Sequence[Point], tolerance: float) -> tuple[Point, ...]:
    """Return a line with its segments that are askew by no more than a tolerance made straight."""
    straight = list(points[:1])
    for x, y in points[1:]:
        before = straight[-1]
        if abs(x - before[0]) <= min(tolerance, abs(y - before[1])):
            straight.append((before[0], y))
        elif abs(y - before[1]) <= min(tolerance, abs(x - before[0])):
            straight.append((x, before[1]))
        else:
            straight.append((x, y))
    return tuple(straight)


def segments(points: Sequence[Point], clearance: float) -> list[Rectangle]:
    """Return a line's segments as rectangles, so much wider on every side."""
    return [
        Rectangle(
            min(a[0], b[0]) - clearance,
            min(a[1], b[1]) - clearance,
            abs(a[0] - b[0]) + 2 * clearance,
            abs(a[1] - b[1]) + 2 * clearance,
        )
        for a, b in pairwise(points)
    ]


def free_place(room: Rectangle, width: float, taken: Iterable[Rectangle]) -> float | None:
    """Return the leftmost x in a room at which something of its height keeps clear of others.

    Args:
        room: where it has to be.
        width: of what is placed.
        taken: what it has to keep clear of.

    """
    x = room.x
    for other in sorted(taken, key=lambda item: item.x):
        if Rectangle(x, room.y, width, room.height).overlaps(other):
            x = max(x, other.right)
    return x if x + width <= room.right else None
