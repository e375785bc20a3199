"""What the topology's picture says of each kind of resource, and what it joins."""

from __future__ import annotations

from typing import Any

import pytest
from picture_snapshots import BUCKET, S3_LIST, Account, only_over

from pytest_vpcep.pictures.diagram import Diagram, Element, Tone
from pytest_vpcep.pictures.topology import MOST_APART, topology_diagram


def box_with(diagram: Diagram, identifier: str, kind: str) -> Element:
    found = [
        element
        for element in diagram.elements
        if element.kind == kind and any(identifier in line for line in lines(element))
    ]
    assert len(found) == 1, found
    return found[0]


def lines(element: Element) -> list[str]:
    return [element.title, *(line.text for line in element.lines)]


def joined(diagram: Diagram) -> set[tuple[str, str]]:
    kinds = {element.key: element.kind for element in diagram.elements}
    return {(kinds[link.source], kinds[link.target]) for link in diagram.links}


def test_the_lab() -> None:
    account = Account()
    vpc = account.vpc()
    subnet, group = account.subnet(vpc), account.group(vpc)
    gateway, endpoint = account.internet_gateway(vpc), account.endpoint(vpc)
    account.route_table(vpc, subnet, routes={"0.0.0.0/0": gateway, S3_LIST: endpoint})
    instance = account.instance(vpc, subnet, "10.0.0.10", group, public="54.1.1.1")
    account.bucket(policy=only_over(endpoint))
    diagram = topology_diagram(account.snapshot())
    assert joined(diagram) == {
        ("instance", "route-table"),
        ("route-table", "gateway"),
        ("route-table", "endpoint"),
        ("gateway", "internet"),
        ("internet", "s3"),
        ("endpoint", "s3"),
    }
    assert box_with(diagram, instance, "instance").inside == f"subnet {subnet}"
    for identifier, kind in ((subnet, "subnet"), (gateway, "gateway"), (endpoint, "endpoint")):
        assert box_with(diagram, identifier, kind).inside == f"vpc {vpc}"
    assert "10.0.0.10 (public 54.1.1.1)" in lines(box_with(diagram, instance, "instance"))
    assert lines(box_with(diagram, BUCKET, "s3")) == [
        "Amazon S3, us-east-1",
        f"bucket {BUCKET}",
        "· bucket policy: 1 Deny",
        f"· StringNotEquals {endpoint}",
    ]
    assert diagram.description.startswith(
        "1 VPC, 1 subnet, 1 instance, 0 NAT gateways, 1 VPC endpoint, 1 bucket."
    )


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        pytest.param({"Policy": None}, "· no bucket policy", id="none"),
        pytest.param({}, "· bucket policy: not known", id="withheld"),
        pytest.param({"Policy": "nonsense"}, "· bucket policy: MalformedPolicy", id="malformed"),
    ],
)
def test_what_is_said_of_a_bucket_s_policy(policy: dict[str, Any], said: str) -> None:
    account = Account()
    account.buckets[BUCKET] = {"LocationConstraint": None, **policy}
    assert lines(box_with(topology_diagram(account.snapshot()), BUCKET, "s3"))[-1] == said


def test_a_gateway_endpoint_that_no_route_leads_to_says_so() -> None:
    account = Account()
    vpc = account.vpc()
    forgotten, used = account.endpoint(vpc), account.endpoint(vpc, "dynamodb")
    account.route_table(vpc, account.subnet(vpc), routes={S3_LIST: used})
    diagram = topology_diagram(account.snapshot())
    assert "no route leads to it" in lines(box_with(diagram, forgotten, "endpoint"))
    assert "no route leads to it" not in lines(box_with(diagram, used, "endpoint"))


def test_a_blackhole_is_marked() -> None:
    account = Account()
    vpc = account.vpc()
    table = account.route_table(vpc, account.subnet(vpc), routes={"0.0.0.0/0": "igw-0gone"})
    diagram = topology_diagram(account.snapshot())
    marked = [
        line for line in box_with(diagram, table, "route-table").lines if line.tone is Tone.BAD
    ]
    assert [line.text for line in marked] == ["0.0.0.0/0 → igw-0gone (blackhole)"]


@pytest.mark.parametrize(
    ("routed", "said"),
    [pytest.param(True, [], id="both-ways"), pytest.param(False, ["accepter"], id="one-way")],
)
def test_a_side_without_a_route_to_the_peering_is_named(*, routed: bool, said: list[str]) -> None:
    account = Account()
    requester, accepter = account.vpc(), account.vpc("10.1.0.0/16")
    peering = account.peering(requester, accepter)
    account.route_table(requester, account.subnet(requester), routes={"10.1.0.0/16": peering})
    routes = {"172.16.0.0/12": peering} if routed else {}
    account.route_table(accepter, account.subnet(accepter), routes=routes)
    box = box_with(topology_diagram(account.snapshot()), peering, "peering")
    wanted = [f"no subnet of {accepter} has a route to it" for _ in said]
    assert [line for line in lines(box) if "no subnet" in line] == wanted


def test_a_nat_gateway_sends_by_the_route_table_of_its_own_subnet() -> None:
    account = Account()
    vpc = account.vpc()
    private, public = account.subnet(vpc), account.subnet(vpc)
    gateway, nat = account.internet_gateway(vpc), account.nat_gateway(vpc, public)
    of_private = account.route_table(vpc, private, routes={"0.0.0.0/0": nat})
    of_public = account.route_table(vpc, public, routes={"0.0.0.0/0": gateway})
    diagram = topology_diagram(account.snapshot())
    found = {(link.source, link.target) for link in diagram.links}
    assert (f"route-table {of_private} {private}", f"nat {nat}") in found
    assert (f"nat {nat}", f"route-table {of_public} {public}") in found
    assert (f"route-table {of_public} {public}", f"gateway {gateway}") in found


def test_many_of_a_kind_are_listed_in_one_box() -> None:
    account = Account()
    vpc = account.vpc()
    subnet, group = account.subnet(vpc), account.group(vpc)
    many = [account.instance(vpc, subnet, "10.0.0.4", group) for _ in range(MOST_APART + 1)]
    forwarding = account.ec2["DescribeInstances"]["Reservations"][0]["Instances"][0]
    eni = forwarding["NetworkInterfaces"][0]["NetworkInterfaceId"]
    account.route_table(vpc, account.subnet(vpc), routes={"0.0.0.0/0": eni})
    account.route_table(vpc, subnet)
    diagram = topology_diagram(account.snapshot())
    (box,) = (element for element in diagram.elements if element.kind == "instance")
    assert box.title == f"{len(many)} EC2 instances"
    assert all(identifier in box.lines[number].text for number, identifier in enumerate(many))
    assert ("route-table", "instance") in joined(diagram), "a route to any of them leads to the box"


def test_what_is_only_mentioned_is_drawn_as_not_in_the_snapshot() -> None:
    account = Account()
    instance = account.instance("vpc-0elsewhere", "subnet-0elsewhere")
    diagram = topology_diagram(account.snapshot())
    subnet = box_with(diagram, "subnet-0elsewhere", "subnet")
    assert box_with(diagram, instance, "instance").inside == subnet.key
    assert "not in the snapshot" in lines(subnet)
    assert "not in the snapshot" in lines(box_with(diagram, "vpc-0elsewhere", "vpc"))


def test_a_detached_gateway_is_in_no_vpc_and_leads_nowhere() -> None:
    account = Account()
    account.vpc()
    gateway = account.internet_gateway(None)
    diagram = topology_diagram(account.snapshot())
    box = box_with(diagram, gateway, "gateway")
    assert box.inside is None
    assert "attached to no VPC" in lines(box)
    assert diagram.links == ()
