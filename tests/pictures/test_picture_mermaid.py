"""The Mermaid text: nested as the diagram is, and no text of the snapshot read as syntax."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_decisions import over_the_internet
from picture_snapshots import Account, accounts

from pytest_vpcep.pictures import path_mermaid
from pytest_vpcep.pictures.diagram import Diagram, Element, Link, Tone, plain
from pytest_vpcep.pictures.mermaid import to_mermaid
from pytest_vpcep.pictures.topology import topology_diagram

NODE = re.compile(r'(n\d+)\["([^"]*)"\]')
SUBGRAPH = re.compile(r'subgraph (n\d+)\["([^"]*)"\]')
ARROW = re.compile(r'(n\d+) (?:-->|-\.->)(?:\|"[^"]*"\|)? (n\d+)')
STYLE = re.compile(r"(classDef \w+|class [n\d,]+ \w+|linkStyle [\d,]+)( stroke:#[0-9a-f]{6},.*)?")


def read(text: str) -> tuple[dict[str, str | None], list[tuple[str, str]]]:
    """Each node and subgraph with the one it is in, and the arrows; fails on any other line."""
    first, title, description, *rest = text.splitlines()
    assert first == "flowchart TB"
    assert title.startswith("  accTitle: ")
    assert description.startswith("  accDescr: ")
    inside: dict[str, str | None] = {}
    arrows, opened = [], [None]
    for line in map(str.strip, rest):
        if found := SUBGRAPH.fullmatch(line):
            inside[found[1]] = opened[-1]
            opened.append(found[1])
        elif line == "end":
            opened.pop()
        elif found := NODE.fullmatch(line):
            inside[found[1]] = opened[-1]
        elif found := ARROW.fullmatch(line):
            arrows.append((found[1], found[2]))
        else:
            assert STYLE.fullmatch(line), line
    assert opened == [None]
    return inside, arrows


@settings(max_examples=60, deadline=None, derandomize=True)
@given(accounts())
def test_it_says_what_the_diagram_says(account: Account) -> None:
    diagram = topology_diagram(account.snapshot())
    inside, arrows = read(to_mermaid(diagram))
    names = {element.key: f"n{number}" for number, element in enumerate(diagram.elements)}
    assert inside == {
        names[element.key]: names[element.inside] if element.inside else None
        for element in diagram.elements
    }
    assert arrows == [(names[link.source], names[link.target]) for link in diagram.links]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(min_size=1), st.text(min_size=1))
def test_any_text_stays_text(title: str, label: str) -> None:
    boxes = (Element("a", "vpc", title, plain(label)), Element("b", "x", title, inside="a"))
    more = Element("c", "x", label)
    diagram = Diagram(title, label, (*boxes, more), (Link("b", "c", Tone.BAD, label),))
    inside, arrows = read(to_mermaid(diagram))
    assert inside == {"n0": None, "n1": "n0", "n2": None}
    assert arrows == [("n1", "n2")]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param('say "hi"', "say #34;hi#34;", id="quotes"),
        pytest.param("<b>&amp;", "#60;b#62;#38;amp;", id="markup"),
        pytest.param("a#b;c", "a#35;b;c", id="entity-sign"),
        pytest.param("*_`~", "#42;#95;#96;#126;", id="markdown"),
        pytest.param("[x]{y}|z", "#91;x#93;#123;y#125;#124;z", id="brackets"),
    ],
)
def test_special_characters_are_written_as_entities(text: str, written: str) -> None:
    found = to_mermaid(Diagram(text, "", (Element("a", "x", text),), ()))
    assert f'  n0["{written}"]' in found
    assert f"  accTitle: {written}" in found


def test_what_is_refused_is_dashed_and_labelled() -> None:
    text = path_mermaid(over_the_internet())
    (refused,) = [line for line in text.splitlines() if "-.->" in line]
    assert '|"explicitDeny"|' in refused
    number = len(read(text)[1]) - 1
    assert re.search(rf"^  linkStyle {number} stroke:#e5383b", text, re.MULTILINE)
