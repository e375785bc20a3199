"""The SVG itself: well-formed, for those who see it and those who do not, in light and dark."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_decisions import over_the_internet
from picture_snapshots import Account, accounts
from picture_svg import SVG, parsed, shows, texts

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.pictures import path_svg, topology_mermaid, topology_svg
from pytest_vpcep.pictures.arrangement import MOST_ELEMENTS
from pytest_vpcep.pictures.diagram import Diagram, Element, plain
from pytest_vpcep.pictures.lettering import (
    TEXT_SIZE,
    TITLE_SIZE,
    printable,
    text_width,
    title_width,
)
from pytest_vpcep.pictures.palette import DARK, LIGHT, style_sheet
from pytest_vpcep.pictures.svg import to_svg

RUN = settings(max_examples=60, deadline=None, derandomize=True)


@RUN
@given(accounts())
def test_every_id_is_shown_in_full(account: Account) -> None:
    snapshot = account.snapshot()
    svg, mermaid = topology_svg(snapshot), topology_mermaid(snapshot)
    shown = "\n".join(texts(svg))
    groups = {group for item in snapshot.topology.interfaces.values() for group in item.groups}
    for identifier in account.drawn:
        # A security group is told by what has it, and not drawn where nothing has.
        if not identifier.startswith("sg-") or identifier in groups:
            assert identifier in shown
            assert identifier.replace("_", "#95;") in mermaid


@RUN
@given(accounts())
def test_every_route_is_shown(account: Account) -> None:
    snapshot = account.snapshot()
    shown = texts(topology_svg(snapshot))
    for table in snapshot.topology.route_tables.values():
        assert any(table.id in line for line in shown)
        for route in table.routes:
            ends = f"{route.destination} → {route.target}"
            assert f"{ends} (blackhole)" if route.blackhole else ends in shown


@RUN
@given(st.text(min_size=1), st.text(min_size=1))
def test_any_text_can_be_shown(title: str, line: str) -> None:
    diagram = Diagram(title, line, (Element("a", "vpc", title, plain(line)),), ())
    svg = to_svg(diagram)
    assert shows(svg, title)
    assert shows(svg, line)
    svg.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a<b>&\"c'", "a<b>&\"c'", id="markup"),
        pytest.param("a\x00b\x1b[31m", "a\ufffdb\ufffd[31m", id="control-characters"),
        pytest.param("a\ud800b\uffff", "a\ufffdb\ufffd", id="surrogate-and-noncharacter"),
        pytest.param("a\u202eb", "a\ufffdb", id="direction-override"),
        pytest.param(" a\n b\u2028c\t", "a b c", id="line-breaks"),
        pytest.param("Größe → 東京 🙂", "Größe → 東京 🙂", id="other-scripts"),
    ],
)
def test_what_is_printed_of_a_text(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert shown in texts(to_svg(Diagram("", "", (Element("a", "vpc", text),), ())))


#: Advance widths in em, read from DejaVu Sans and DejaVu Sans Bold 2.37.
DEJAVU = {
    "i": (0.278, 0.343),
    "-": (0.361, 0.415),
    "f": (0.352, 0.435),
    "t": (0.392, 0.478),
    "r": (0.411, 0.493),
    "c": (0.550, 0.593),
    "0": (0.636, 0.696),
    "e": (0.615, 0.678),
    "P": (0.603, 0.733),
    "K": (0.656, 0.775),
    "w": (0.818, 0.924),
    "→": (0.838, 0.838),
    "m": (0.974, 1.042),
    "W": (0.989, 1.103),
    "@": (1.000, 1.000),
}


@pytest.mark.parametrize("letter", DEJAVU)
def test_a_letter_is_given_the_room_it_takes_in_a_wide_font(letter: str) -> None:
    ordinary, bold = DEJAVU[letter]
    assert 1 <= text_width(letter) / (TEXT_SIZE * ordinary) < 1.5
    assert 1 <= title_width(letter) / (TITLE_SIZE * bold) < 1.5


def test_it_is_named_and_described_for_those_who_do_not_see_it() -> None:
    decision = over_the_internet()
    root = parsed(path_svg(decision))
    assert root.attrib["role"] == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    ids = [title.attrib["id"], description.attrib["id"]]
    assert root.attrib["aria-labelledby"].split() == ids
    assert title.text == (
        f"denied: s3:ListBucket on {decision.request.resource} from {decision.vantage}"
    )
    told = description.text or ""
    assert decision.path is not None
    assert all(hop.detail in told for hop in decision.path.hops)
    assert decision.message in told


def test_two_pictures_in_one_page_have_ids_of_their_own() -> None:
    page = path_svg(over_the_internet()) + topology_svg(over_the_internet().snapshot)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == 4
    assert len(set(ids)) == 4


def test_the_same_snapshot_gives_the_same_picture() -> None:
    assert topology_svg(over_the_internet().snapshot) == topology_svg(over_the_internet().snapshot)


def test_the_dark_colours_hold_where_dark_is_preferred() -> None:
    svg = topology_svg(over_the_internet().snapshot)
    light, _, dark = svg.partition("@media (prefers-color-scheme: dark){")
    assert style_sheet(LIGHT) in light
    assert dark.startswith(style_sheet(DARK) + "}")
    drawn = svg.partition("</style>")[2]
    assert "fill=" not in drawn, "every colour comes from the style sheet"
    used = set(re.findall(r'class="([^"]+)"', drawn))
    classes = {name for value in used for name in value.split()}
    assert classes
    assert all(f".{name}" in style_sheet(DARK) + svg for name in classes)


def test_what_stands_alone_needs_nothing_from_elsewhere() -> None:
    svg = path_svg(over_the_internet())
    links = re.findall(r"(?:href|src|url\()[^ >]*|https?://[^\"' ]+", svg)
    assert links == ["http://www.w3.org/2000/svg"]


def test_too_much_for_one_picture_is_refused_with_the_remedy() -> None:
    boxes = tuple(Element(str(number), "vpc", "VPC") for number in range(MOST_ELEMENTS + 1))
    with pytest.raises(SnapshotError, match=r"501 boxes.*--vpc"):
        to_svg(Diagram("", "", boxes, ()))


def test_nothing_to_draw_is_an_empty_picture() -> None:
    assert texts(topology_svg(Account().snapshot())) == []
