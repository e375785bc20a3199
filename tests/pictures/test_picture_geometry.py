"""Nothing overlaps, no text leaves its box, no arrow passes through what it does not join."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from picture_decisions import MADE
from picture_snapshots import ADMINISTRATOR, Account, accounts

from pytest_vpcep.access import Decision, Request, decide
from pytest_vpcep.pictures.arrangement import Arrangement, Box, arrange
from pytest_vpcep.pictures.diagram import Diagram, Element, Line, Link
from pytest_vpcep.pictures.geometry import Rectangle, free_place, segments, squared
from pytest_vpcep.pictures.path import path_diagram
from pytest_vpcep.pictures.topology import topology_diagram

RUN = settings(
    max_examples=int(os.environ.get("VPCEP_PICTURE_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
#: What rounding and graphlay's own arithmetic may be off by, in px.
SLACK = 0.5


def shrunk(room: Rectangle) -> Rectangle:
    return Rectangle(
        room.x + SLACK, room.y + SLACK, room.width - 2 * SLACK, room.height - 2 * SLACK
    )


def ancestors(box: Box, boxes: dict[str, Box]) -> list[str]:
    found, inside = [], box.element.inside
    while inside is not None:
        found.append(inside)
        inside = boxes[inside].element.inside
    return found


def check_boxes(arranged: Arrangement) -> None:
    boxes = {box.element.key: box for box in arranged.boxes}
    canvas = Rectangle(0, 0, *arranged.size)
    for box in arranged.boxes:
        assert canvas.contains(box.room), box
        for outer in ancestors(box, boxes):
            assert boxes[outer].room.contains(shrunk(box.room)), (box, boxes[outer])
    for one, other in combinations(arranged.boxes, 2):
        nested = one.element.key in ancestors(other, boxes)
        nested = nested or other.element.key in ancestors(one, boxes)
        assert nested or not shrunk(one.room).overlaps(other.room), (one, other)


def check_text(arranged: Arrangement) -> None:
    leaves = [box for box in arranged.boxes if not box.is_container]
    for box in arranged.boxes:
        for letters in box.letters:
            assert box.room.contains(shrunk(letters.room)), letters
        for one, other in combinations(box.letters, 2):
            assert not shrunk(one.room).overlaps(other.room), (one, other)
        if box.is_container:
            for inner in arranged.boxes:
                if inner.element.inside == box.element.key:
                    assert not any(part.room.overlaps(shrunk(inner.room)) for part in box.letters)
    canvas = Rectangle(0, 0, *arranged.size)
    for arrow in arranged.arrows:
        assert (arrow.label is None) == (not arrow.link.label)
        if arrow.label:
            assert canvas.contains(arrow.label.room), arrow
            assert not any(arrow.label.room.overlaps(shrunk(leaf.room)) for leaf in leaves), arrow


def check_arrows(arranged: Arrangement) -> None:
    boxes = {box.element.key: box for box in arranged.boxes}
    leaves = [box for box in arranged.boxes if not box.is_container]
    titles = [part.room for box in arranged.boxes if box.is_container for part in box.letters]
    for arrow in arranged.arrows:
        for (x, y), end in zip(
            (arrow.points[0], arrow.points[-1]), (arrow.link.source, arrow.link.target), strict=True
        ):
            room = boxes[end].room
            edge = Rectangle(room.x - 1, room.y - 1, room.width + 2, room.height + 2)
            assert edge.contains(Rectangle(x, y, 0, 0)), (arrow, room)
            assert not shrunk(room).contains(Rectangle(x, y, 0, 0)), (arrow, room)
        for (x, y), (to_x, to_y) in pairwise(arrow.points):
            assert x == to_x or y == to_y, f"askew: {arrow}"
        for part in segments(arrow.points, 0.1):
            for leaf in leaves:
                assert not part.overlaps(shrunk(leaf.room)), (arrow, leaf)
            for title in titles:
                assert not part.overlaps(shrunk(title)), (arrow, title)


def check(diagram: Diagram) -> None:
    arranged = arrange(diagram)
    assert [box.element for box in arranged.boxes] == list(diagram.elements)
    assert [arrow.link for arrow in arranged.arrows] == list(diagram.links)
    check_boxes(arranged)
    check_text(arranged)
    check_arrows(arranged)


@RUN
@given(accounts())
def test_any_topology(account: Account) -> None:
    check(topology_diagram(account.snapshot()))


@RUN
@given(accounts(), st.data())
def test_any_path(account: Account, data: st.DataObject) -> None:
    snapshot = account.snapshot()
    vantages = ["console", *snapshot.topology.interfaces]
    action = data.draw(st.sampled_from(["s3:ListAllMyBuckets", "ssm:DescribeParameters"]))
    request = Request(ADMINISTRATOR, action, "*")
    check(path_diagram(decide(snapshot, data.draw(st.sampled_from(vantages)), request)))


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_each_outcome(made: Callable[[], Decision]) -> None:
    check(path_diagram(made()))


def test_a_long_text_widens_its_box() -> None:
    long = "arn:aws:s3:::" + "W" * 500
    inner = Element("b", "hop", "inner", (Line(long),), inside="a")
    outer = Element("a", "vpc", long)
    end = Element("c", "hop", "end")
    check(Diagram("", "", (outer, inner, end), (Link("b", "c", label="W" * 80),)))


@pytest.mark.parametrize(
    ("taken", "x"),
    [
        pytest.param([], 10, id="empty"),
        pytest.param([Rectangle(12, 0, 3, 50)], 15, id="beside-what-is-in-the-way"),
        pytest.param([Rectangle(12, 40, 3, 50)], 10, id="below-is-not-in-the-way"),
        pytest.param([Rectangle(40, 0, 2, 50), Rectangle(12, 0, 3, 50)], 15, id="fits-between"),
        pytest.param([Rectangle(20, 0, 2, 50), Rectangle(12, 0, 3, 50)], 22, id="after-both"),
        pytest.param([Rectangle(12, 0, 80, 50)], None, id="no-room"),
    ],
)
def test_the_leftmost_free_place(taken: list[Rectangle], x: float | None) -> None:
    assert free_place(Rectangle(10, 0, 90, 20), 20, taken) == x


@pytest.mark.parametrize(
    ("points", "straight"),
    [
        pytest.param([(0, 0), (0, 9)], [(0, 0), (0, 9)], id="straight"),
        pytest.param([(0, 0), (1, 9), (8, 9.5)], [(0, 0), (0, 9), (8, 9)], id="askew"),
        pytest.param([(0, 0), (9, 0.5)], [(0, 0), (9, 0)], id="askew-across"),
        pytest.param([], [], id="empty"),
    ],
)
def test_lines_are_made_straight(
    points: list[tuple[float, float]], straight: list[tuple[float, float]]
) -> None:
    assert squared(points, 2.0) == tuple(straight)
