"""Ways out of a VPC: internet gateways, NAT devices, IPv6, route priority, blackholes."""

from __future__ import annotations

import pytest
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_neighbours import (
    gateway_endpoint,
    interface_endpoint,
    nat_gateway,
    vpn_gateway,
)
from network_worlds import (
    ACL,
    ENI,
    EVERYWHERE,
    EVERYWHERE_IPV6,
    GROUP,
    IGW,
    INSTANCE,
    MAIN,
    PUBLIC,
    SUBNET,
    VPC,
    Change,
    acl,
    all_of,
    associate,
    drop,
    egress,
    egress_only_gateway,
    entries,
    ingress,
    instance,
    internet_gateway,
    no_route,
    permission,
    prefix_list,
    put,
    route,
    route_table,
    rule,
    security_group,
    subnet,
)

from pytest_vpcep.network import trace_to_address, trace_to_service

INTERNET = "Enable internet access for a VPC using an internet gateway (Amazon VPC User Guide)"
NAT = "NAT gateway basics (Amazon VPC User Guide)"
NAT_ACL = "Custom network ACLs for your VPC: ephemeral ports (Amazon VPC User Guide)"
NAT_ENDPOINT = (
    "Gateway endpoints (AWS PrivateLink Guide); NAT gateways (older Amazon VPC User Guide)"
)
NAT_INSTANCE = "NAT instances (Amazon VPC User Guide)"
MIDDLEBOX = "Middlebox routing scenarios (Amazon VPC User Guide)"
ROUTES = "How route priority works (Amazon VPC User Guide)"
VPN_ROUTES = "Route tables and AWS Site-to-Site VPN route priority (Site-to-Site VPN User Guide)"
TABLES = "Subnet route tables (Amazon VPC User Guide)"
EGRESS_ONLY = (
    "Enable outbound IPv6 traffic using an egress-only internet gateway (Amazon VPC User Guide)"
)
CODES = "Reachability Analyzer explanation codes (VPC Reachability Analyzer guide)"
DUAL = "Gateway endpoints: DNS record IP type (AWS PrivateLink Guide)"
STATE = "Instance lifecycle (Amazon EC2 User Guide)"

OUT = Arrives(IGW, source_ip="54.1.1.1")
ANYWHERE = "203.0.113.9"
TO_NAT = [
    no_route(PUBLIC, "0.0.0.0/0"),
    route(PUBLIC, "0.0.0.0/0", NatGatewayId="nat-1"),
]
NAT_SUBNET = [
    subnet("subnet-n", VPC, "10.0.9.0/24"),
    route_table("rtb-n", VPC, subnets=["subnet-n"]),
    route("rtb-n", "0.0.0.0/0", GatewayId=IGW),
]
BEHIND_NAT = [*TO_NAT, *NAT_SUBNET, nat_gateway("nat-1", "subnet-n", "10.0.9.9")]
OVER_NAT = Arrives("nat-1", source_ip="54.9.9.9")

CASES = [
    pytest.param(ANYWHERE, [], OUT, INTERNET, id="internet-gateway"),
    pytest.param(
        ANYWHERE,
        [put(IGW, Attachments=[])],
        Stops("BAD_STATE_ATTACHMENT", IGW),
        INTERNET,
        id="internet-gateway-detached",
    ),
    pytest.param(
        ANYWHERE,
        [put(IGW, Attachments=[{"VpcId": "vpc-2", "State": "available"}])],
        Stops("BAD_STATE_ATTACHMENT", IGW),
        INTERNET,
        id="internet-gateway-of-another-vpc",
    ),
    pytest.param(
        ANYWHERE,
        [put(IGW, Attachments=[{"VpcId": VPC, "State": "detaching"}])],
        Stops("BAD_STATE_ATTACHMENT", IGW),
        CODES,
        id="internet-gateway-being-detached",
    ),
    pytest.param(
        ANYWHERE,
        [no_route(PUBLIC, "0.0.0.0/0"), route(PUBLIC, "0.0.0.0/0", GatewayId="igw-gone")],
        Stops("BAD_STATE_ROUTE", "igw-gone"),
        CODES,
        id="internet-gateway-that-is-gone",
    ),
    pytest.param(
        ANYWHERE,
        [drop("DescribeInternetGateways")],
        Open("DescribeInternetGateways"),
        INTERNET,
        id="internet-gateways-not-collected",
    ),
    pytest.param(
        "10.200.0.1",
        [],
        Stops("IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", IGW),
        CODES,
        id="private-destination-over-an-internet-gateway",
    ),
    pytest.param(
        "100.64.0.1",
        [],
        Stops("IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS", IGW),
        CODES,
        id="shared-destination-over-an-internet-gateway",
    ),
    pytest.param(
        ANYWHERE,
        [put(INSTANCE, State={"Name": "stopped"})],
        Stops("BAD_STATE", INSTANCE),
        STATE,
        id="instance-stopped",
    ),
    pytest.param(
        ANYWHERE,
        [put(INSTANCE, State={"Name": "shutting-down"})],
        Stops("BAD_STATE", INSTANCE),
        STATE,
        id="instance-shutting-down",
    ),
    pytest.param(
        ANYWHERE,
        [put(ENI, Status="available", Attachment=None)],
        Stops("BAD_STATE_ATTACHMENT", ENI),
        CODES,
        id="interface-attached-to-nothing",
    ),
    pytest.param(
        ANYWHERE,
        [put(ENI, PrivateIpAddresses=[], PrivateIpAddress=None)],
        Stops("ENI_ADDRESS_RESTRICTION", ENI),
        CODES,
        id="interface-without-an-address",
    ),
    pytest.param(
        ANYWHERE,
        [drop("DescribeRouteTables")],
        Open("no route table of subnet-1"),
        TABLES,
        id="route-tables-not-collected",
    ),
    pytest.param(
        ANYWHERE,
        [no_route(PUBLIC, "0.0.0.0/0"), route(PUBLIC, "0.0.0.0/0", LocalGatewayId="lgw-1")],
        Open("lgw-1"),
        "Local gateway route tables (AWS Outposts User Guide)",
        id="local-gateway-not-traced",
    ),
    # Route priority
    pytest.param(
        ANYWHERE,
        [route(PUBLIC, "203.0.113.0/24", NatGatewayId="nat-x", State="blackhole")],
        Stops("BAD_STATE_ROUTE", PUBLIC),
        ROUTES,
        id="more-specific-blackhole-wins",
    ),
    pytest.param(
        "198.51.100.1",
        [route(PUBLIC, "203.0.113.0/24", NatGatewayId="nat-x", State="blackhole")],
        OUT,
        ROUTES,
        id="blackhole-for-others",
    ),
    pytest.param(
        ANYWHERE,
        [
            route(PUBLIC, "203.0.113.0/24", GatewayId="vgw-1", Origin="EnableVgwRoutePropagation"),
            route(PUBLIC, "203.0.113.0/24", GatewayId=IGW),
        ],
        OUT,
        ROUTES,
        id="static-before-propagated",
    ),
    pytest.param(
        ANYWHERE,
        [
            route(PUBLIC, "203.0.113.0/24", GatewayId="vgw-1", Origin="EnableVgwRoutePropagation"),
            vpn_gateway("vgw-1", VPC),
        ],
        Open("vgw-1"),
        ROUTES,
        id="more-specific-propagated-before-static",
    ),
    pytest.param(
        ANYWHERE,
        [
            prefix_list("pl-o", "office", ["203.0.113.0/24"], owner="1"),
            route(PUBLIC, "203.0.113.0/24", GatewayId="vgw-1", Origin="EnableVgwRoutePropagation"),
            route(PUBLIC, "pl-o", GatewayId=IGW),
        ],
        OUT,
        ROUTES,
        id="prefix-list-before-propagated",
    ),
    pytest.param(
        ANYWHERE,
        [
            prefix_list("pl-o", "office", ["203.0.113.0/24"], owner="1"),
            route(PUBLIC, "203.0.113.0/24", GatewayId=IGW),
            route(PUBLIC, "pl-o", NatGatewayId="nat-1"),
            nat_gateway("nat-1", SUBNET, "10.0.0.9"),
        ],
        OUT,
        ROUTES,
        id="static-before-prefix-list",
    ),
    pytest.param(
        ANYWHERE,
        [
            prefix_list("pl-a", "a", ["203.0.113.0/24"], owner="1"),
            prefix_list("pl-b", "b", ["203.0.113.0/24"], owner="1"),
            route(PUBLIC, "pl-a", GatewayId=IGW),
            route(PUBLIC, "pl-b", EgressOnlyInternetGatewayId="eigw-1"),
            egress_only_gateway("eigw-1", VPC),
        ],
        Open("several ways"),
        ROUTES,
        id="two-prefix-lists-to-two-targets",
    ),
    pytest.param(
        ANYWHERE,
        [
            prefix_list("pl-a", "a", ["203.0.113.0/24"], owner="1"),
            prefix_list("pl-b", "b", ["203.0.113.0/24"], owner="1"),
            route(PUBLIC, "pl-a", GatewayId=IGW),
            route(PUBLIC, "pl-b", GatewayId=IGW),
        ],
        OUT,
        ROUTES,
        id="two-prefix-lists-to-one-target",
    ),
    pytest.param(
        ANYWHERE,
        [
            prefix_list("pl-a", "a", ["203.0.113.0/25"], owner="1"),
            prefix_list("pl-b", "b", ["203.0.113.0/24"], owner="1"),
            route(PUBLIC, "pl-a", GatewayId=IGW),
            route(PUBLIC, "pl-b", NatGatewayId="nat-gone", State="blackhole"),
        ],
        OUT,
        ROUTES,
        id="more-specific-prefix-list",
    ),
    pytest.param(
        "10.0.5.5",
        [route(PUBLIC, "10.0.5.0/24", GatewayId="vgw-1", Origin="EnableVgwRoutePropagation")],
        Stops("NO_POSSIBLE_DESTINATION", VPC),
        VPN_ROUTES,
        id="local-before-a-more-specific-propagated-route",
    ),
    pytest.param(
        ANYWHERE,
        [associate(MAIN, SUBNET), route(MAIN, "0.0.0.0/0", GatewayId=IGW)],
        OUT,
        TABLES,
        id="main-table",
    ),
    pytest.param(
        ANYWHERE,
        [route(PUBLIC, "::/0", GatewayId=IGW), no_route(PUBLIC, "0.0.0.0/0")],
        Stops("NO_ROUTE_TO_DESTINATION", PUBLIC),
        TABLES,
        id="ipv6-route-for-ipv4",
    ),
    # Virtual private gateway
    pytest.param(
        "10.99.0.1",
        [route(PUBLIC, "10.99.0.0/16", GatewayId="vgw-1"), vpn_gateway("vgw-1", VPC)],
        Open("outside AWS"),
        VPN_ROUTES,
        id="leaves-aws",
    ),
    pytest.param(
        "10.99.0.1",
        [route(PUBLIC, "10.99.0.0/16", GatewayId="vgw-1"), vpn_gateway("vgw-1", None)],
        Stops("BAD_STATE_ATTACHMENT", "vgw-1"),
        CODES,
        id="virtual-private-gateway-detached",
    ),
    pytest.param(
        "10.99.0.1",
        [route(PUBLIC, "10.99.0.0/16", GatewayId="vgw-1")],
        Open("DescribeVpnGateways"),
        VPN_ROUTES,
        id="virtual-private-gateways-not-collected",
    ),
    # NAT gateway
    pytest.param(ANYWHERE, BEHIND_NAT, OVER_NAT, NAT, id="public-nat-gateway"),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, put(ENI, PrivateIpAddresses=[{"PrivateIpAddress": "10.0.0.10"}])],
        OVER_NAT,
        NAT,
        id="behind-nat-no-public-address-is-needed",
    ),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, put("nat-1", State="failed")],
        Stops("BAD_STATE", "nat-1"),
        NAT,
        id="nat-gateway-failed",
    ),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, put("nat-1", State="deleted")],
        Stops("BAD_STATE", "nat-1"),
        NAT,
        id="nat-gateway-deleted-but-listed",
    ),
    pytest.param(
        ANYWHERE,
        [*TO_NAT, *NAT_SUBNET],
        Stops("BAD_STATE_ROUTE", "nat-1"),
        NAT,
        id="nat-gateway-that-is-gone",
    ),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, drop("DescribeNatGateways")],
        Open("DescribeNatGateways"),
        NAT,
        id="nat-gateways-not-collected",
    ),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, no_route("rtb-n", "0.0.0.0/0")],
        Stops("NO_ROUTE_TO_DESTINATION", "rtb-n"),
        "Troubleshoot NAT gateways (Amazon VPC User Guide)",
        id="nat-gateway-in-a-private-subnet",
    ),
    pytest.param(
        ANYWHERE,
        [*TO_NAT, nat_gateway("nat-1", SUBNET, "10.0.0.9")],
        Stops("NO_POSSIBLE_DESTINATION", "nat-1"),
        "Troubleshoot NAT gateways (Amazon VPC User Guide)",
        id="nat-gateway-whose-subnet-routes-to-itself",
    ),
    pytest.param(
        ANYWHERE,
        [*TO_NAT, *NAT_SUBNET, nat_gateway("nat-1", "subnet-n", "10.0.9.9", public=None)],
        Stops("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", "eni-nat-1"),
        NAT,
        id="private-nat-gateway-before-an-internet-gateway",
    ),
    pytest.param(
        ANYWHERE,
        [
            *BEHIND_NAT,
            acl("acl-n", VPC, subnets=["subnet-n"], entries=[rule(100, "allow", egress=True)]),
        ],
        Stops("SUBNET_ACL_RESTRICTION", "acl-n"),
        NAT_ACL,
        id="nat-subnet's-acl-lets-nothing-in",
    ),
    pytest.param(
        ANYWHERE,
        [
            *BEHIND_NAT,
            acl(
                "acl-n",
                VPC,
                subnets=["subnet-n"],
                entries=[
                    rule(100, "allow", "10.0.0.0/24", protocol="6", ports=(443, 443)),
                    rule(110, "allow", protocol="6", ports=(1024, 65535)),
                    rule(100, "allow", egress=True, protocol="6", ports=(443, 443)),
                    rule(
                        110, "allow", "10.0.0.0/24", egress=True, protocol="6", ports=(1024, 65535)
                    ),
                ],
            ),
        ],
        OVER_NAT,
        NAT_ACL,
        id="nat-subnet's-acl-with-just-enough",
    ),
    pytest.param(
        ANYWHERE,
        [
            *BEHIND_NAT,
            acl(
                "acl-n",
                VPC,
                subnets=["subnet-n"],
                entries=[
                    rule(100, "allow", "10.0.0.0/24", protocol="6", ports=(443, 443)),
                    rule(110, "allow", protocol="6", ports=(32768, 65535)),
                    rule(100, "allow", egress=True),
                ],
            ),
        ],
        Open("in part only"),
        NAT_ACL,
        id="nat-gateways-use-ports-from-1024",
    ),
    pytest.param(
        ANYWHERE,
        [
            *BEHIND_NAT,
            acl(
                "acl-n",
                VPC,
                subnets=["subnet-n"],
                entries=[
                    rule(100, "allow"),
                    rule(100, "deny", "203.0.113.0/24", egress=True),
                    rule(110, "allow", egress=True),
                ],
            ),
        ],
        Stops("SUBNET_ACL_RESTRICTION", "acl-n"),
        NAT_ACL,
        id="nat-subnet's-acl-denies-the-destination",
    ),
    pytest.param(
        ANYWHERE,
        [
            *TO_NAT,
            nat_gateway("nat-1", SUBNET, "10.0.0.9"),
            route(PUBLIC, f"{ANYWHERE}/32", GatewayId=IGW),
        ],
        OUT,
        ROUTES,
        id="more-specific-than-the-nat-gateway",
    ),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, drop("DescribeSubnets")],
        OVER_NAT,
        NAT,
        id="subnets-not-collected",
    ),
    # NAT instance
    pytest.param(
        ANYWHERE,
        [
            no_route(PUBLIC, "0.0.0.0/0"),
            route(PUBLIC, "0.0.0.0/0", InstanceId="i-nat", NetworkInterfaceId="eni-nat"),
            *NAT_SUBNET,
            security_group(
                "sg-n", VPC, ingress=[permission("-1", cidr="10.0.0.0/16")], egress=[EVERYWHERE]
            ),
            instance(
                "i-nat",
                "eni-nat",
                "subnet-n",
                VPC,
                "10.0.9.8",
                public="54.8.8.8",
                groups=["sg-n"],
                check=False,
            ),
        ],
        Arrives("i-nat", source_ip="54.8.8.8"),
        NAT_INSTANCE,
        id="nat-instance",
    ),
]


def nat_instance(*, check: bool = False, state: str = "running", ingress_port: int = 443) -> Change:
    """A NAT instance in its own public subnet, and the route to it."""
    return all_of(
        no_route(PUBLIC, "0.0.0.0/0"),
        route(PUBLIC, "0.0.0.0/0", InstanceId="i-nat"),
        *NAT_SUBNET,
        security_group(
            "sg-n",
            VPC,
            ingress=[permission("tcp", ingress_port, cidr="10.0.0.0/16")],
            egress=[permission("tcp", 443, cidr="0.0.0.0/0")],
        ),
        instance(
            "i-nat",
            "eni-nat",
            "subnet-n",
            VPC,
            "10.0.9.8",
            public="54.8.8.8",
            groups=["sg-n"],
            check=check,
            state=state,
        ),
    )


CASES += [
    pytest.param(
        ANYWHERE,
        [nat_instance()],
        Arrives("i-nat", source_ip="54.8.8.8"),
        NAT_INSTANCE,
        id="nat-instance-named-by-instance-only",
    ),
    pytest.param(
        ANYWHERE,
        [nat_instance(check=True)],
        Stops("ENI_SOURCE_DEST_CHECK_RESTRICTION", "eni-nat"),
        NAT_INSTANCE,
        id="nat-instance-with-source-destination-check",
    ),
    pytest.param(
        ANYWHERE,
        [nat_instance(state="stopped")],
        Stops("BAD_STATE", "i-nat"),
        NAT_INSTANCE,
        id="nat-instance-stopped",
    ),
    pytest.param(
        ANYWHERE,
        [nat_instance(ingress_port=80)],
        Stops("ENI_SG_RULES_MISMATCH", "sg-n"),
        NAT_INSTANCE,
        id="nat-instance's-group-lets-nothing-in",
    ),
    pytest.param(
        ANYWHERE,
        [nat_instance(), egress(permission("tcp", 80, cidr="0.0.0.0/0"), group="sg-n")],
        Stops("ENI_SG_RULES_MISMATCH", "sg-n"),
        NAT_INSTANCE,
        id="nat-instance's-group-lets-nothing-out",
    ),
    pytest.param(
        ANYWHERE,
        [nat_instance(), put("eni-nat", PrivateIpAddresses=[{"PrivateIpAddress": "10.0.9.8"}])],
        Stops("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", "eni-nat"),
        NAT_INSTANCE,
        id="nat-instance-without-a-public-address",
    ),
    pytest.param(
        ANYWHERE,
        [
            nat_instance(),
            no_route("rtb-n", "0.0.0.0/0"),
            route("rtb-n", "0.0.0.0/0", NetworkInterfaceId="eni-nat"),
        ],
        Stops("NO_POSSIBLE_DESTINATION", "eni-nat"),
        NAT_INSTANCE,
        id="nat-instance-whose-subnet-routes-to-itself",
    ),
    pytest.param(
        "10.0.5.5",
        [
            nat_instance(),
            ingress(EVERYWHERE, group="sg-n"),
            subnet("subnet-5", VPC, "10.0.5.0/24"),
            instance("i-5", "eni-5", "subnet-5", VPC, "10.0.5.5", groups=["sg-n"]),
            route(PUBLIC, "10.0.5.0/24", NetworkInterfaceId="eni-nat"),
        ],
        Open("up to its software"),
        MIDDLEBOX,
        id="more-specific-subnet-route-to-a-middlebox",
    ),
    pytest.param(
        "10.0.5.5",
        [
            subnet("subnet-5", VPC, "10.0.5.0/24"),
            security_group("sg-5", VPC, ingress=[EVERYWHERE], egress=[EVERYWHERE]),
            instance("i-5", "eni-5", "subnet-5", VPC, "10.0.5.5", groups=["sg-5"]),
            route_table("rtb-5", VPC, subnets=["subnet-5"]),
            route("rtb-5", "10.0.0.0/24", NetworkInterfaceId="eni-fw"),
        ],
        Stops("NO_ROUTE_TO_DESTINATION", "rtb-5"),
        MIDDLEBOX,
        id="answers-would-go-to-a-middlebox",
    ),
    # A public address of the snapshot's own
    pytest.param(
        "54.7.7.7",
        [
            security_group("sg-7", VPC, ingress=[permission("tcp", 443, cidr="54.1.1.1/32")]),
            instance("i-7", "eni-7", SUBNET, VPC, "10.0.0.77", public="54.7.7.7", groups=["sg-7"]),
        ],
        OUT,
        INTERNET,
        id="another-instance-by-its-public-address",
    ),
    pytest.param(
        "54.7.7.7",
        [
            security_group("sg-7", VPC, ingress=[permission("tcp", 443, group=GROUP)]),
            instance("i-7", "eni-7", SUBNET, VPC, "10.0.0.77", public="54.7.7.7", groups=["sg-7"]),
        ],
        Stops("ENI_SG_RULES_MISMATCH", "sg-7"),
        "Security group rules (Amazon VPC User Guide)",
        id="group-references-match-private-addresses-only",
    ),
]

IPV6 = [
    put(
        VPC,
        Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2600:1f18::/56"}],
    ),
    put(ENI, Ipv6Addresses=[{"Ipv6Address": "2600:1f18::10"}]),
    egress(EVERYWHERE, EVERYWHERE_IPV6),
    entries(
        ACL,
        rule(100, "allow"),
        rule(101, "allow", "::/0"),
        rule(100, "allow", egress=True),
        rule(101, "allow", "::/0", egress=True),
    ),
    route(PUBLIC, "2600:1f18::/56", GatewayId="local"),
]
SIX = "2001:db8::9"
OUT_SIX = Arrives(IGW, source_ip="2600:1f18::10")

CASES += [
    pytest.param(
        SIX, [*IPV6, route(PUBLIC, "::/0", GatewayId=IGW)], OUT_SIX, INTERNET, id="ipv6-internet"
    ),
    pytest.param(
        SIX,
        [
            *IPV6,
            egress_only_gateway("eigw-1", VPC),
            route(PUBLIC, "::/0", EgressOnlyInternetGatewayId="eigw-1"),
        ],
        Arrives("eigw-1", source_ip="2600:1f18::10"),
        EGRESS_ONLY,
        id="ipv6-egress-only",
    ),
    pytest.param(
        SIX,
        [
            *IPV6,
            egress_only_gateway("eigw-1", "vpc-2"),
            route(PUBLIC, "::/0", EgressOnlyInternetGatewayId="eigw-1"),
        ],
        Stops("BAD_STATE_ATTACHMENT", "eigw-1"),
        EGRESS_ONLY,
        id="egress-only-of-another-vpc",
    ),
    pytest.param(
        SIX,
        [*IPV6, route(PUBLIC, "::/0", EgressOnlyInternetGatewayId="eigw-1")],
        Open("DescribeEgressOnlyInternetGateways"),
        EGRESS_ONLY,
        id="egress-only-gateways-not-collected",
    ),
    pytest.param(
        SIX, IPV6, Stops("NO_ROUTE_TO_DESTINATION", PUBLIC), TABLES, id="ipv4-route-for-ipv6"
    ),
    pytest.param(
        SIX,
        [route(PUBLIC, "::/0", GatewayId=IGW)],
        Stops("ENI_ADDRESS_RESTRICTION", ENI),
        CODES,
        id="no-ipv6-address",
    ),
    pytest.param(
        SIX,
        [*IPV6, route(PUBLIC, "::/0", GatewayId=IGW), egress(EVERYWHERE)],
        Stops("ENI_SG_RULES_MISMATCH", GROUP),
        "Security group rules (Amazon VPC User Guide)",
        id="ipv4-rule-for-ipv6",
    ),
    pytest.param(
        SIX,
        [
            *IPV6,
            *NAT_SUBNET,
            nat_gateway("nat-1", "subnet-n", "10.0.9.9"),
            route(PUBLIC, "::/0", NatGatewayId="nat-1"),
        ],
        Stops("PROTOCOL_RESTRICTION", "eni-nat-1"),
        NAT,
        id="ipv6-over-a-nat-gateway",
    ),
]


@pytest.mark.parametrize(("address", "changes", "expected", "page"), CASES)
def test_ways_to_an_address(
    address: str, changes: list[Change], expected: Expectation, page: str
) -> None:
    expected.check(trace_to_address(changed(*changes), ENI, address, port=443), page)


SERVICES = [
    pytest.param("s3", None, BEHIND_NAT, OVER_NAT, NAT, id="s3-over-nat"),
    pytest.param("sts", None, BEHIND_NAT, OVER_NAT, NAT, id="sts-over-nat"),
    pytest.param(
        "s3",
        None,
        [*BEHIND_NAT, gateway_endpoint(tables=(PUBLIC,))],
        Arrives("vpce-s3", "vpce-s3", "10.0.0.10"),
        NAT_ENDPOINT,
        id="s3-past-the-nat-gateway-by-the-endpoint",
    ),
    pytest.param(
        "sts",
        None,
        [*BEHIND_NAT, gateway_endpoint(tables=(PUBLIC,))],
        OVER_NAT,
        NAT_ENDPOINT,
        id="sts-still-over-nat",
    ),
    pytest.param(
        "s3",
        None,
        [*BEHIND_NAT, gateway_endpoint(tables=("rtb-n",))],
        Open("may go on over gateway endpoint vpce-s3"),
        NAT_ENDPOINT,
        id="endpoint-in-the-nat-gateway's-table-only",
    ),
    pytest.param(
        "s3",
        None,
        [nat_instance(), gateway_endpoint(tables=("rtb-n",))],
        Arrives("vpce-s3", "vpce-s3", "10.0.9.8"),
        NAT_INSTANCE,
        id="endpoint-in-the-nat-instance's-table",
    ),
    pytest.param(
        "s3",
        None,
        [put("igw-1", Attachments=[]), internet_gateway("igw-2", VPC)],
        Stops("BAD_STATE_ATTACHMENT", IGW),
        INTERNET,
        id="route-to-the-gateway-that-was-replaced",
    ),
    pytest.param(
        "s3",
        "s3.dualstack.us-east-1.amazonaws.com",
        [*IPV6, route(PUBLIC, "::/0", GatewayId=IGW)],
        Open("dual-stack"),
        DUAL,
        id="dual-stack-name-with-two-ways-out",
    ),
    pytest.param(
        "s3",
        "s3.dualstack.us-east-1.amazonaws.com",
        [],
        OUT,
        DUAL,
        id="dual-stack-name-from-ipv4-only",
    ),
    pytest.param(
        "s3",
        "s3.dualstack.us-east-1.amazonaws.com",
        [
            *IPV6,
            put(ENI, PrivateIpAddresses=[], PrivateIpAddress=None),
            route(PUBLIC, "::/0", GatewayId=IGW),
        ],
        OUT_SIX,
        DUAL,
        id="dual-stack-name-from-ipv6-only",
    ),
    pytest.param(
        "s3",
        None,
        [
            *IPV6,
            put(ENI, PrivateIpAddresses=[], PrivateIpAddress=None),
            route(PUBLIC, "::/0", GatewayId=IGW),
        ],
        Open("no IPv4 address"),
        DUAL,
        id="ipv4-name-from-ipv6-only",
    ),
    pytest.param(
        "s3",
        "s3.dualstack.us-east-1.amazonaws.com",
        [
            *IPV6,
            put(ENI, PrivateIpAddresses=[], PrivateIpAddress=None),
            prefix_list("pl-six", "com.amazonaws.us-east-1.ipv6.s3", ["2600:1fa0::/32"]),
            gateway_endpoint(),
            route(PUBLIC, "pl-six", GatewayId="vpce-s3"),
        ],
        Arrives("vpce-s3", "vpce-s3", "2600:1f18::10"),
        DUAL,
        id="ipv6-over-the-gateway-endpoint",
    ),
    pytest.param(
        "sts",
        None,
        [
            *BEHIND_NAT,
            security_group("sg-e", VPC, ingress=[permission("tcp", 443, cidr="10.0.0.0/16")]),
            interface_endpoint(
                "vpce-sts", "sts", ("eni-e", "subnet-n", "10.0.9.50"), groups=["sg-e"]
            ),
        ],
        Arrives("vpce-sts", "vpce-sts", "10.0.0.10"),
        "Access an AWS service using an interface VPC endpoint (AWS PrivateLink Guide)",
        id="interface-endpoint-before-nat",
    ),
]


@pytest.mark.parametrize(("service", "hostname", "changes", "expected", "page"), SERVICES)
def test_ways_to_a_service(
    service: str, hostname: str | None, changes: list[Change], expected: Expectation, page: str
) -> None:
    path = trace_to_service(changed(*changes), ENI, service, "us-east-1", hostname=hostname)
    expected.check(path, page)


def test_udp_is_not_for_a_gateway_endpoint() -> None:
    path = trace_to_address(
        changed(gateway_endpoint(tables=(PUBLIC,))), ENI, "52.216.0.1", port=443, protocol="udp"
    )
    Stops("VPCE_GATEWAY_PROTOCOL_RESTRICTION", "vpce-s3").check(path, CODES)


def test_an_address_of_s3_goes_over_the_gateway_endpoint() -> None:
    path = trace_to_address(
        changed(gateway_endpoint(tables=(PUBLIC,))), ENI, "52.216.0.1", port=443
    )
    Arrives("vpce-s3", "vpce-s3", "10.0.0.10").check(path, ROUTES)
