"""What a path's picture shows for each outcome: the hops, where it ends, the code, the colours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from picture_decisions import (
    MADE,
    from_the_console,
    over_the_endpoint,
    over_the_internet,
    policy_withheld,
    stopped_at_an_interface_endpoint,
    through_a_nat_gateway,
    way_unknown,
    without_a_route,
)
from picture_svg import texts

from pytest_vpcep.access import Decision, RequestOutcome
from pytest_vpcep.pictures import path_mermaid, path_svg
from pytest_vpcep.pictures.diagram import Diagram, Element, Link, Tone
from pytest_vpcep.pictures.path import path_diagram


def words(element: Element) -> str:
    return " ".join((element.title, *(line.text for line in element.lines)))


def named(diagram: Diagram, key: str) -> Element:
    (found,) = (element for element in diagram.elements if element.key == key)
    return found


def last_link(diagram: Diagram) -> Link:
    return diagram.links[-1]


def test_allowed_over_the_endpoint() -> None:
    decision = over_the_endpoint()
    assert decision.outcome is RequestOutcome.ALLOWED
    diagram = path_diagram(decision)
    assert {link.tone for link in diagram.links} == {Tone.GOOD}
    assert last_link(diagram).label == "allowed"
    assert named(diagram, "answer").tone is Tone.GOOD
    assert "hop 5" in {element.key for element in diagram.elements}
    assert str(decision.via) in words(named(diagram, "hop 5"))
    assert all(element.tone is not Tone.MUTED for element in diagram.elements)


def test_denied_over_the_internet_gateway() -> None:
    decision = over_the_internet()
    assert decision.outcome is RequestOutcome.DENIED
    diagram = path_diagram(decision)
    *way, answer = diagram.links
    assert {link.tone for link in way} == {Tone.GOOD}, "the packets arrive"
    assert (answer.tone, answer.label) == (Tone.BAD, "explicitDeny")
    policies = named(diagram, "policies")
    refusing = [line.text for line in policies.lines if line.tone is Tone.BAD]
    assert "resource-based policy: explicit deny" in refusing[0]
    assert decision.message.split()[-1] in words(named(diagram, "answer"))


def test_the_endpoint_without_a_route_is_shown_with_the_reason() -> None:
    decision = over_the_internet()
    (endpoint,) = decision.snapshot.topology.endpoints
    diagram = path_diagram(decision)
    (passed_by,) = (element for element in diagram.elements if element.tone is Tone.MUTED)
    assert endpoint in words(passed_by)
    assert "has no route to it" in words(passed_by)
    assert passed_by.key not in {
        end for link in diagram.links for end in (link.source, link.target)
    }


def test_unreachable_ends_with_the_code() -> None:
    decision = without_a_route()
    assert decision.outcome is RequestOutcome.UNREACHABLE
    diagram = path_diagram(decision)
    stop = named(diagram, "stop")
    assert (stop.title, stop.tone) == ("NO_ROUTE_TO_DESTINATION", Tone.BAD)
    assert (last_link(diagram).target, last_link(diagram).tone) == ("stop", Tone.BAD)
    assert named(diagram, "hop 4").tone is Tone.BAD, "the route table is at fault"
    assert named(diagram, "hop 3").tone is Tone.GOOD
    assert {"answer", "policies"}.isdisjoint(element.key for element in diagram.elements)


def test_stopped_on_the_way_to_an_interface_endpoint() -> None:
    diagram = path_diagram(stopped_at_an_interface_endpoint())
    assert "SG" in named(diagram, "stop").title
    (endpoint,) = (element for element in diagram.elements if element.tone is Tone.MUTED)
    assert "the path ends before it" in words(endpoint)


def test_from_the_console_no_vpc_is_drawn() -> None:
    diagram = path_diagram(from_the_console())
    assert [element.key for element in diagram.elements] == [
        "request",
        "internet",
        "policies",
        "answer",
    ]
    assert all(element.inside is None for element in diagram.elements)


@pytest.mark.parametrize(
    ("decision", "tones_of_the_way"),
    [
        pytest.param(policy_withheld(), {Tone.GOOD}, id="policy-not-known"),
        pytest.param(way_unknown(), {Tone.OPEN}, id="way-not-known"),
    ],
)
def test_undetermined_is_neither_good_nor_bad(
    decision: Decision, tones_of_the_way: set[Tone]
) -> None:
    assert decision.outcome is RequestOutcome.UNDETERMINED
    diagram = path_diagram(decision)
    *way, answer = diagram.links
    assert {link.tone for link in way} == tones_of_the_way
    assert (answer.tone, answer.label) == (Tone.OPEN, "undetermined")
    assert decision.undetermined is not None
    assert decision.undetermined.split()[-1] in words(named(diagram, "answer"))


def test_each_hop_is_in_its_subnet_or_vpc() -> None:
    decision = through_a_nat_gateway()
    topology = decision.snapshot.topology
    private, public = topology.subnets
    (vpc,) = topology.vpcs
    diagram = path_diagram(decision)
    path = decision.path
    assert path is not None
    inside = [named(diagram, f"hop {number}").inside for number in range(1, len(path.hops) + 1)]
    kinds = [hop.kind for hop in path.hops]
    at_nat, at_gateway = kinds.index("nat-gateway"), kinds.index("internet-gateway")
    assert set(inside[:at_nat]) == {f"subnet {private}"}
    assert set(inside[at_nat:at_gateway]) == {f"subnet {public}"}
    assert inside[at_gateway] == f"vpc {vpc}"
    assert inside[at_gateway + 1 :] == [None]


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_a_path_s_svg_holds_all_that_its_diagram_says(made: Callable[[], Decision]) -> None:
    decision = made()
    diagram = path_diagram(decision)
    shown = texts(path_svg(decision))
    for element in diagram.elements:
        assert element.title in shown
    for link in diagram.links:
        assert not link.label or link.label in shown
    assert path_mermaid(decision).startswith("flowchart TB\n")
