"""The network engine against a plain reference, over random worlds; and what must not matter."""

from __future__ import annotations

import json
import os
from ipaddress import ip_network
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from network_changes import World, find, permission, put, rule
from network_expectations import topology_of
from network_neighbours import gateway_endpoint, nat_gateway
from network_reference import BLOCKED, REPLIES, UNDETERMINED, expected, listed
from network_worlds import (
    ACL,
    DYNAMODB_LIST,
    ENI,
    GROUP,
    IGW,
    MAIN,
    PUBLIC,
    S3_LIST,
    VPC,
    acl,
    entries,
    instance,
    internet_gateway,
    prefix_list,
    route,
    route_table,
    security_group,
    subnet,
    vpc,
    world_of,
)

from pytest_vpcep.network import Path, trace_to_address, trace_to_service

RUN = settings(
    max_examples=int(os.environ.get("VPCEP_NETWORK_EXAMPLES", "120")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)

#: CIDR blocks that nest and touch, over the sixteen addresses from 52.216.0.0.
CIDRS = ["0.0.0.0/0", "52.0.0.0/8", "52.216.0.0/24", "52.216.0.0/28"] + [
    str(block)
    for size in (30, 31, 32)
    for block in ip_network("52.216.0.0/28").subnets(new_prefix=size)
]
PORTS = [0, 80, 443, 444, 1024, 32_768, 40_000, 49_152, 60_999, 65_535]
TARGETS = [IGW, "vpce-s3", "vpce-late", "vgw-unknown"]

cidrs = st.sampled_from(CIDRS)
port_ranges = st.tuples(st.sampled_from(PORTS), st.sampled_from(PORTS)).map(
    lambda pair: (min(pair), max(pair))
)
origins = st.sampled_from(["CreateRoute", "CreateRoute", "EnableVgwRoutePropagation"])
states = st.sampled_from(["active", "active", "active", "blackhole"])
routes = st.lists(
    st.one_of(
        st.tuples(cidrs, st.sampled_from(TARGETS), origins, states),
        st.tuples(
            st.sampled_from([S3_LIST, DYNAMODB_LIST]),
            st.sampled_from(TARGETS),
            st.just("CreateRoute"),
            states,
        ),
    ),
    max_size=6,
    unique_by=lambda item: (item[0], item[2]),
)
permissions = st.lists(
    st.one_of(
        st.builds(lambda cidr: permission("-1", cidr=cidr), cidrs),
        st.builds(lambda ports, cidr: permission("tcp", ports, cidr=cidr), port_ranges, cidrs),
        st.builds(
            lambda ports, name: permission("tcp", ports, prefix_list=name),
            port_ranges,
            st.sampled_from([S3_LIST, DYNAMODB_LIST]),
        ),
        st.builds(lambda cidr: permission("udp", 443, cidr=cidr), cidrs),
    ),
    max_size=3,
)
rules = st.lists(
    st.builds(
        lambda number, action, cidr, egress, ports: rule(
            number,
            action,
            cidr,
            egress=egress,
            protocol="6" if ports else "-1",
            ports=ports,
        ),
        st.integers(1, 400),
        st.sampled_from(["allow", "allow", "deny"]),
        cidrs,
        st.booleans(),
        st.none() | port_ranges,
    ),
    max_size=6,
    unique_by=lambda entry: (entry["RuleNumber"], entry["Egress"]),
)
small_lists = st.lists(st.sampled_from(CIDRS[4:]), min_size=1, max_size=3, unique=True)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A lab whose routes, rules, lists and states are drawn at random."""
    open_rules = [rule(500, "allow"), rule(500, "allow", egress=True)]
    world = world_of(
        gateway_endpoint("vpce-s3"),
        gateway_endpoint("vpce-late", state="pending"),
        put(
            GROUP,
            IpPermissionsEgress=draw(permissions)
            + draw(_or_none([permission("-1", cidr="0.0.0.0/0")])),
        ),
        entries(ACL, *draw(rules), *draw(_or_none(open_rules))),
    )
    for name in (S3_LIST, DYNAMODB_LIST):
        world["ManagedPrefixListEntries"][name]["Entries"] = [
            {"Cidr": cidr} for cidr in draw(small_lists)
        ]
    table = draw(st.sampled_from([PUBLIC, PUBLIC, MAIN]))
    find(world, PUBLIC)["Associations"] = (
        [{"SubnetId": "subnet-1", "Main": False}] if table == PUBLIC else []
    )
    find(world, table)["Routes"] = draw(_or_none([_default_route()])) + [
        _route(*item) for item in draw(routes) if item[0] != "0.0.0.0/0"
    ]
    if draw(st.booleans()):
        find(world, ENI)["PrivateIpAddresses"][0].pop("Association")
    if not draw(st.sampled_from([True, True, True, False])):
        find(world, IGW)["Attachments"] = []
    return world


def _or_none(items: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.sampled_from([items, items, []])


def _default_route() -> dict[str, str]:
    return _route("0.0.0.0/0", IGW, "CreateRoute", "active")


def _route(destination: str, target: str, origin: str, state: str) -> dict[str, str]:
    key = "DestinationPrefixListId" if destination.startswith("pl-") else "DestinationCidrBlock"
    return {key: destination, "GatewayId": target, "Origin": origin, "State": state}


def outcome(path: Path) -> str:
    """A path in the words of the reference."""
    if path.blocked is not None:
        return BLOCKED
    return UNDETERMINED if path.undetermined is not None else str(path.via)


def reply_ports(world: World) -> list[int]:
    """Every port of the replies at which some rule may begin or end."""
    edges = {*REPLIES}
    for entry in find(world, ACL)["Entries"]:
        for edge in entry.get("PortRange", {}).values():
            edges |= {edge - 1, edge, edge + 1}
    return [port for port in sorted(edges) if REPLIES[0] <= port <= REPLIES[1]]


@RUN
@given(
    worlds(), st.sampled_from(["52.216.0.0", "52.216.0.3", "52.216.0.15", "52.1.1.1", "8.8.8.8"])
)
def test_one_address_as_the_reference_says(world: World, address: str) -> None:
    path = trace_to_address(topology_of(world), ENI, address, port=443)
    assert outcome(path) == expected(world, [address], reply_ports(world))


@RUN
@given(worlds())
def test_a_service_s_addresses_as_the_reference_says(world: World) -> None:
    addresses = [str(address) for cidr in listed(world, S3_LIST) for address in ip_network(cidr)]
    path = trace_to_service(topology_of(world), ENI, "s3", "us-east-1")
    assert outcome(path) == expected(world, addresses, reply_ports(world))


UNRELATED = [
    subnet("subnet-u", VPC, "10.0.200.0/24"),
    route_table("rtb-u", VPC, subnets=["subnet-u"]),
    route("rtb-u", "0.0.0.0/0", GatewayId=IGW),
    security_group("sg-u", VPC),
    acl("acl-u", VPC, subnets=["subnet-u"], entries=[]),
    instance("i-u", "eni-u", "subnet-u", VPC, "10.0.200.7", groups=["sg-u"], state="stopped"),
    nat_gateway("nat-u", "subnet-u", "10.0.200.8", state="failed"),
    prefix_list("pl-u", "unrelated", None, owner="1"),
    vpc("vpc-u", "10.77.0.0/16", dns=False),
    route_table("rtb-v", "vpc-u", main=True),
    internet_gateway("igw-u", "vpc-u"),
    acl("acl-v", "vpc-u", default=True, entries=[]),
    gateway_endpoint("vpce-u", vpc_id="vpc-u", tables=("rtb-v",)),
]


@RUN
@given(worlds(), st.sets(st.integers(0, len(UNRELATED) - 1)))
def test_unrelated_resources_change_nothing(world: World, chosen: set[int]) -> None:
    before = trace_to_service(topology_of(world), ENI, "s3", "us-east-1")
    # What an item stands on comes with it: a table its subnet, an endpoint its VPC.
    for index in range(max(chosen, default=-1) + 1):
        UNRELATED[index](world)
    assert trace_to_service(topology_of(world), ENI, "s3", "us-east-1") == before


@RUN
@given(worlds(), st.sampled_from(["52.216.0.0", "52.216.0.3", "52.216.0.15", "8.8.8.8"]))
def test_a_more_specific_route_to_the_same_target_changes_nothing(
    world: World, address: str
) -> None:
    before = trace_to_address(topology_of(world), ENI, address, port=443)
    taken = [hop.detail for hop in before.hops if hop.kind == "route-table"]
    if not taken or " -> " not in taken[0]:
        return
    destination, target = taken[0].split(": ", 1)[1].split(" -> ")
    table = find(world, PUBLIC if PUBLIC in taken[0] else MAIN)
    known = [
        item
        for item in table["Routes"]
        if destination in item.values() and item["GatewayId"] == target
    ]
    # Of a static and a propagated route to one destination the static one was taken.
    known.sort(key=lambda item: item["Origin"])
    table["Routes"].append(_route(f"{address}/32", target, "CreateRoute", known[0]["State"]))
    after = trace_to_address(topology_of(world), ENI, address, port=443)
    if before.undetermined is None:
        assert outcome(after) == outcome(before)


@RUN
@given(worlds(), st.randoms(use_true_random=False))
def test_other_names_for_the_same_things_change_nothing(world: World, random: Any) -> None:
    names = [ENI, GROUP, ACL, MAIN, PUBLIC, IGW, VPC, "subnet-1", "i-1", "vpce-s3", "vpce-late"]
    numbers = list(range(len(names)))
    random.shuffle(numbers)
    used = {
        name: f"{name.split('-')[0]}-{number:017x}"
        for name, number in zip(names, numbers, strict=True)
    }
    before = trace_to_service(topology_of(world), ENI, "s3", "us-east-1")
    after = trace_to_service(topology_of(_with_names(world, used)), used[ENI], "s3", "us-east-1")
    assert outcome(after) == used.get(outcome(before), outcome(before))
    assert [used.get(hop.id, hop.id) for hop in before.hops] == [hop.id for hop in after.hops]


def _with_names(world: World, names: dict[str, str]) -> World:
    text = json.dumps(world)
    for old, new in names.items():
        text = text.replace(json.dumps(old), json.dumps(new))
    renamed: World = json.loads(text)
    return renamed
