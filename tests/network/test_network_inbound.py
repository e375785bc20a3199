"""SSH from outside: EC2 Instance Connect and addresses on the internet."""

from __future__ import annotations

import pytest
from network_changes import Change, all_of, drop, permission, put, rule
from network_expectations import Arrives, Expectation, Open, Stops, changed, topology_of
from network_worlds import (
    ACL,
    ENI,
    GROUP,
    IGW,
    INSTANCE,
    PUBLIC,
    SUBNET,
    VPC,
    disassociate,
    egress,
    egress_only_gateway,
    entries,
    ingress,
    no_route,
    prefix_list,
    route,
    world_of,
)

from pytest_vpcep.network import (
    EC2_INSTANCE_CONNECT_SOURCES,
    trace_inbound,
    trace_instance_connect,
)

CONNECT = "Prerequisites for EC2 Instance Connect (Amazon EC2 User Guide)"
INTERNET = "Enable internet access for a VPC using an internet gateway (Amazon VPC User Guide)"
EPHEMERAL = "Custom network ACLs for your VPC: ephemeral ports (Amazon VPC User Guide)"
TRACKING = "Security group connection tracking (Amazon EC2 User Guide)"
STOPPED = "Stop and start Amazon EC2 instances (Amazon EC2 User Guide)"
GATEWAY_TABLES = "Gateway route tables (Amazon VPC User Guide)"
CODES = "Reachability Analyzer explanation codes (VPC Reachability Analyzer guide)"
ENTERS = Arrives(IGW)
NO_RULE = Stops("ENI_SG_RULES_MISMATCH", GROUP)
ACL_DENIES = Stops("SUBNET_ACL_RESTRICTION", ACL)
PUBLISHED = EC2_INSTANCE_CONNECT_SOURCES["us-east-1"]
CONNECT_LIST = "com.amazonaws.us-east-1.ec2-instance-connect"
OUT = rule(100, "allow", egress=True)
IN = rule(100, "allow")


def gateway_table(*routes: Change) -> Change:
    """A route table associated with the internet gateway."""

    def apply(world: dict) -> None:
        world["DescribeRouteTables"]["RouteTables"].append(
            {
                "RouteTableId": "rtb-edge",
                "VpcId": VPC,
                "Associations": [{"GatewayId": IGW, "Main": False}],
                "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}],
            }
        )

    return all_of(apply, *routes)


CASES = [
    pytest.param([], ENTERS, CONNECT, id="lab-step-2"),
    pytest.param(
        [put(INSTANCE, State={"Name": "stopped"})],
        Stops("BAD_STATE", INSTANCE),
        STOPPED,
        id="instance-stopped",
    ),
    pytest.param(
        [put(INSTANCE, State={"Name": "pending"})],
        Stops("BAD_STATE", INSTANCE),
        CONNECT,
        id="instance-not-yet-running",
    ),
    pytest.param(
        [put(ENI, PrivateIpAddresses=[{"PrivateIpAddress": "10.0.0.10"}])],
        Stops("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", ENI),
        CONNECT,
        id="no-public-address",
    ),
    pytest.param(
        [put(IGW, Attachments=[])],
        Stops("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", VPC),
        INTERNET,
        id="internet-gateway-detached",
    ),
    pytest.param(
        [put(IGW, Attachments=[{"VpcId": "vpc-2", "State": "available"}])],
        Stops("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", VPC),
        INTERNET,
        id="internet-gateway-of-another-vpc",
    ),
    pytest.param(
        [no_route(PUBLIC, "0.0.0.0/0")],
        Stops("NO_ROUTE_TO_DESTINATION", PUBLIC),
        INTERNET,
        id="no-route-back",
    ),
    pytest.param(
        [disassociate(SUBNET)],
        Stops("NO_ROUTE_TO_DESTINATION", "rtb-main"),
        INTERNET,
        id="route-in-a-table-the-subnet-does-not-use",
    ),
    pytest.param(
        [no_route(PUBLIC, "0.0.0.0/0"), route(PUBLIC, "0.0.0.0/0", NatGatewayId="nat-1")],
        Stops("NO_ROUTE_TO_DESTINATION", PUBLIC),
        INTERNET,
        id="answers-would-leave-by-a-nat-gateway",
    ),
    pytest.param(
        [
            no_route(PUBLIC, "0.0.0.0/0"),
            route(PUBLIC, "0.0.0.0/0", GatewayId=IGW, State="blackhole"),
        ],
        Stops("NO_ROUTE_TO_DESTINATION", PUBLIC),
        CODES,
        id="route-back-is-a-blackhole",
    ),
    pytest.param([ingress()], Stops("SG_HAS_NO_RULES", GROUP), CONNECT, id="no-inbound-rule"),
    pytest.param(
        [ingress(permission("tcp", 80, cidr="0.0.0.0/0"))], NO_RULE, CONNECT, id="http-only"
    ),
    pytest.param(
        [ingress(permission("tcp", 22, cidr="198.51.100.7/32"))],
        NO_RULE,
        CONNECT,
        id="ssh-from-one's-own-address-only",
    ),
    pytest.param(
        [ingress(permission("tcp", 22, cidr=PUBLISHED))],
        ENTERS,
        CONNECT,
        id="ssh-from-instance-connect's-published-addresses",
    ),
    pytest.param(
        [ingress(permission("tcp", 22, cidr=EC2_INSTANCE_CONNECT_SOURCES["eu-west-1"]))],
        NO_RULE,
        CONNECT,
        id="ssh-from-another-region's-instance-connect",
    ),
    pytest.param(
        [
            prefix_list("pl-c", CONNECT_LIST, ["18.206.107.24/29"]),
            ingress(permission("tcp", 22, prefix_list="pl-c")),
        ],
        ENTERS,
        CONNECT,
        id="ssh-by-prefix-list",
    ),
    pytest.param(
        [
            prefix_list("pl-c", CONNECT_LIST, None),
            ingress(permission("tcp", 22, prefix_list="pl-c")),
        ],
        ENTERS,
        CONNECT,
        id="ssh-by-prefix-list-without-entries",
    ),
    pytest.param(
        [ingress(permission("tcp", 22, prefix_list="pl-c"))],
        Open("pl-c"),
        CONNECT,
        id="ssh-by-a-prefix-list-not-in-the-snapshot",
    ),
    pytest.param(
        [ingress(permission("tcp", 22, prefix_list="pl-s3"))],
        NO_RULE,
        CONNECT,
        id="ssh-by-s3's-prefix-list",
    ),
    pytest.param(
        [ingress(permission("tcp", 22, group=GROUP))], NO_RULE, CONNECT, id="ssh-by-group"
    ),
    pytest.param([egress()], ENTERS, TRACKING, id="answers-need-no-outbound-rule"),
    pytest.param([entries(ACL, OUT)], ACL_DENIES, CONNECT, id="acl-lets-nothing-in"),
    pytest.param([entries(ACL, IN)], ACL_DENIES, EPHEMERAL, id="acl-lets-no-answers-out"),
    pytest.param(
        [
            entries(
                ACL,
                rule(100, "allow", protocol="6", ports=(22, 22)),
                rule(100, "allow", egress=True, protocol="6", ports=(1024, 65535)),
            )
        ],
        ENTERS,
        EPHEMERAL,
        id="acl-with-just-enough",
    ),
    pytest.param(
        [
            entries(
                ACL,
                rule(100, "allow", protocol="6", ports=(22, 22)),
                rule(100, "allow", egress=True, protocol="6", ports=(32768, 65535)),
            )
        ],
        Open("in part only"),
        EPHEMERAL,
        id="acl-with-some-of-a-client's-ports",
    ),
    pytest.param(
        [
            entries(
                ACL,
                rule(100, "allow", protocol="6", ports=(22, 22)),
                rule(100, "allow", egress=True, protocol="6", ports=(22, 22)),
            )
        ],
        ACL_DENIES,
        EPHEMERAL,
        id="answers-do-not-go-to-port-22",
    ),
    pytest.param(
        [gateway_table()], ENTERS, GATEWAY_TABLES, id="gateway-route-table-with-the-local-route"
    ),
    pytest.param(
        [
            gateway_table(
                lambda world: world["DescribeRouteTables"]["RouteTables"][-1]["Routes"].append(
                    {"DestinationCidrBlock": "10.0.0.0/24", "NetworkInterfaceId": "eni-fw"}
                )
            )
        ],
        Open("eni-fw"),
        GATEWAY_TABLES,
        id="gateway-route-table-to-a-middlebox",
    ),
    pytest.param(
        [drop("DescribeRouteTables")], Open("no route table"), INTERNET, id="routes-not-collected"
    ),
]


@pytest.mark.parametrize(("changes", "expected", "page"), CASES)
def test_instance_connect(changes: list[Change], expected: Expectation, page: str) -> None:
    expected.check(trace_instance_connect(changed(*changes), ENI), page)


EGRESS_ONLY = (
    "Enable outbound IPv6 traffic using an egress-only internet gateway (Amazon VPC User Guide)"
)
SIX = [
    put(ENI, Ipv6Addresses=[{"Ipv6Address": "2600:1f18::10"}]),
    ingress(permission("tcp", 22, cidr6="::/0")),
    entries(ACL, rule(100, "allow", "::/0"), rule(100, "allow", "::/0", egress=True)),
]

SOURCES = [
    pytest.param("198.51.100.7", [], 22, ENTERS, INTERNET, id="anyone"),
    pytest.param(
        "198.51.100.7",
        [ingress(permission("tcp", 22, cidr="198.51.100.7/32"))],
        22,
        ENTERS,
        INTERNET,
        id="the-address-in-the-rule",
    ),
    pytest.param(
        "198.51.100.8",
        [ingress(permission("tcp", 22, cidr="198.51.100.7/32"))],
        22,
        NO_RULE,
        INTERNET,
        id="another-address-than-in-the-rule",
    ),
    pytest.param(
        "198.51.100.0/24",
        [ingress(permission("tcp", 22, cidr="198.51.100.0/25"))],
        22,
        Open("in part only"),
        INTERNET,
        id="a-network-half-in-the-rule",
    ),
    pytest.param(
        "10.9.9.9",
        [],
        22,
        Stops("IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS", IGW),
        CODES,
        id="a-private-address-elsewhere",
    ),
    pytest.param(
        "100.64.1.1",
        [],
        22,
        Stops("IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS", IGW),
        CODES,
        id="a-shared-address",
    ),
    pytest.param(
        "2001:db8::7",
        [*SIX, route(PUBLIC, "::/0", GatewayId=IGW)],
        22,
        ENTERS,
        INTERNET,
        id="ipv6",
    ),
    pytest.param(
        "2001:db8::7",
        [
            *SIX,
            egress_only_gateway("eigw-1", VPC),
            route(PUBLIC, "::/0", EgressOnlyInternetGatewayId="eigw-1"),
        ],
        22,
        Stops("NO_ROUTE_TO_DESTINATION", PUBLIC),
        EGRESS_ONLY,
        id="ipv6-with-an-egress-only-gateway",
    ),
    pytest.param(
        "2001:db8::7",
        [],
        22,
        Stops("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", ENI),
        INTERNET,
        id="ipv6-to-an-interface-without",
    ),
    pytest.param("198.51.100.7", [], 80, NO_RULE, INTERNET, id="another-port"),
    pytest.param(
        "198.51.100.7",
        [no_route(PUBLIC, "0.0.0.0/0"), route(PUBLIC, "198.51.100.0/24", GatewayId=IGW)],
        22,
        ENTERS,
        INTERNET,
        id="route-back-to-this-network-only",
    ),
    pytest.param(
        "203.0.113.7",
        [no_route(PUBLIC, "0.0.0.0/0"), route(PUBLIC, "198.51.100.0/24", GatewayId=IGW)],
        22,
        Stops("NO_ROUTE_TO_DESTINATION", PUBLIC),
        INTERNET,
        id="route-back-to-another-network-only",
    ),
]


@pytest.mark.parametrize(("source", "changes", "port", "expected", "page"), SOURCES)
def test_from_an_address(
    source: str, changes: list[Change], port: int, expected: Expectation, page: str
) -> None:
    expected.check(trace_inbound(changed(*changes), ENI, source, port=port), page)


def test_region_without_published_addresses_depends_on_the_rule() -> None:
    everyone = topology_of(world_of(), region="xx-new-1")
    some = topology_of(
        world_of(ingress(permission("tcp", 22, cidr="18.0.0.0/8"))), region="xx-new-1"
    )
    ENTERS.check(trace_instance_connect(everyone, ENI), CONNECT)
    Open("in part only").check(trace_instance_connect(some, ENI), CONNECT)


def test_hops_of_instance_connect() -> None:
    path = trace_instance_connect(changed(), ENI)
    assert [hop.kind for hop in path.hops] == [
        "source",
        "internet-gateway",
        "network-acl",
        "security-group",
        "interface",
        "route-table",
    ]
