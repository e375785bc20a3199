"""What a topology is read from: missing parts, wrong parts, and what moto answers."""

from __future__ import annotations

import os
from typing import Any

import pytest
from network_changes import put
from network_expectations import changed, topology_of
from network_worlds import ACL, ENI, GROUP, INSTANCE, PUBLIC, SUBNET, VPC, lab, world_of

from pytest_vpcep.errors import RequestError, SnapshotError
from pytest_vpcep.network import (
    Topology,
    interface_of,
    trace_inbound,
    trace_instance_connect,
    trace_to_address,
    trace_to_service,
)


def test_an_empty_snapshot_has_nothing() -> None:
    topology = topology_of({})
    assert not topology.interfaces
    with pytest.raises(RequestError, match="no instance or network interface i-1"):
        interface_of(topology, "i-1")


def test_interface_of_an_instance_is_its_primary_one() -> None:
    second = {
        "NetworkInterfaceId": "eni-0",
        "SubnetId": SUBNET,
        "VpcId": VPC,
        "Attachment": {"DeviceIndex": 1},
    }
    world = world_of()
    instances = world["DescribeInstances"]["Reservations"][0]["Instances"]
    instances[0]["NetworkInterfaces"].insert(0, second)
    assert interface_of(topology_of(world), INSTANCE) == ENI


def test_interface_of_an_interface_is_itself() -> None:
    assert interface_of(changed(), ENI) == ENI


def test_a_terminated_instance_has_no_interface() -> None:
    topology = changed(put(INSTANCE, State={"Name": "terminated"}, NetworkInterfaces=[]))
    with pytest.raises(RequestError, match=r"no network interface \(it is terminated"):
        interface_of(topology, INSTANCE)


def test_an_instance_s_own_list_of_interfaces_is_enough() -> None:
    world = lab()
    details = world.pop("DescribeNetworkInterfaces")["NetworkInterfaces"][0]
    world["DescribeInstances"]["Reservations"][0]["Instances"][0]["NetworkInterfaces"] = [details]
    path = trace_to_service(topology_of(world), ENI, "s3", "us-east-1")
    assert (path.via, path.source_ip) == ("igw-1", "54.1.1.1")


WRONG = [
    pytest.param(["DescribeVpcs"], [], "ec2.DescribeVpcs must be an object", id="response-a-list"),
    pytest.param(
        ["DescribeVpcs", "Vpcs"], {}, "ec2.DescribeVpcs.Vpcs must be a list", id="list-an-object"
    ),
    pytest.param(
        ["DescribeVpcs", "Vpcs", 0], "vpc-1", r"Vpcs\[0\] must be an object", id="item-a-string"
    ),
    pytest.param(
        ["DescribeVpcs", "Vpcs", 0, "VpcId"],
        7,
        r"Vpcs\[0\].VpcId must be a string",
        id="id-a-number",
    ),
    pytest.param(
        ["DescribeVpcs", "Vpcs", 0, "VpcId"], None, r"VpcId must be a string, missing", id="no-id"
    ),
    pytest.param(
        ["DescribeVpcs", "Vpcs", 0, "CidrBlock"],
        "10.0.0.0/99",
        "CidrBlock must be a CIDR block",
        id="no-such-prefix",
    ),
    pytest.param(
        ["VpcAttributes", VPC, "enableDnsSupport"],
        "yes",
        "VpcAttributes.vpc-1.enableDnsSupport must be true or false",
        id="flag-a-string",
    ),
    pytest.param(
        ["DescribeRouteTables", "RouteTables", 1, "Routes", 1, "DestinationCidrBlock"],
        "everywhere",
        r"RouteTables\[1\].Routes\[1\].DestinationCidrBlock",
        id="route-to-no-cidr",
    ),
    pytest.param(
        ["DescribeRouteTables", "RouteTables", 1, "Routes", 1, "DestinationCidrBlock"],
        None,
        "DestinationPrefixListId must be a string",
        id="route-without-destination",
    ),
    pytest.param(
        ["DescribeNetworkAcls", "NetworkAcls", 0, "Entries", 0, "RuleNumber"],
        "100",
        "RuleNumber must be a whole number",
        id="rule-number-a-string",
    ),
    pytest.param(
        ["DescribeNetworkAcls", "NetworkAcls", 0, "Entries", 0, "RuleAction"],
        "maybe",
        "RuleAction must be allow or deny",
        id="action-unknown",
    ),
    pytest.param(
        ["DescribeSecurityGroups", "SecurityGroups", 0, "IpPermissions", 0, "FromPort"],
        True,
        "FromPort must be a whole number",
        id="port-a-flag",
    ),
    pytest.param(
        ["DescribeNetworkInterfaces", "NetworkInterfaces", 0, "PrivateIpAddresses", 0],
        {"PrivateIpAddress": "10.0.0.0/24"},
        "PrivateIpAddress must be one IP address",
        id="address-a-network",
    ),
    pytest.param(
        ["ManagedPrefixListEntries", "pl-s3"],
        [],
        "ManagedPrefixListEntries.pl-s3 must be an object",
        id="entries-a-list",
    ),
]


@pytest.mark.parametrize(("place", "value", "message"), WRONG)
def test_wrong_parts_are_named(place: list[Any], value: Any, message: str) -> None:
    world = lab()
    holder: Any = world
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    with pytest.raises(SnapshotError, match=message):
        topology_of(world)


def test_the_whole_must_be_an_object() -> None:
    with pytest.raises(SnapshotError, match="ec2 must be an object"):
        Topology.from_describe([], account="1", partition="aws", region="us-east-1")


ASKED_WRONGLY = [
    pytest.param(
        lambda t: trace_to_service(t, "eni-9", "s3", "us-east-1"), "eni-9", id="interface"
    ),
    pytest.param(lambda t: trace_to_address(t, ENI, "nowhere", port=1), "nowhere", id="address"),
    pytest.param(lambda t: trace_to_address(t, ENI, "8.8.8.8", port=70_000), "70000", id="port"),
    pytest.param(
        lambda t: trace_to_address(t, ENI, "8.8.8.8", port=1, protocol="gre"), "gre", id="protocol"
    ),
    pytest.param(lambda t: trace_inbound(t, ENI, "10.0.0.0/99"), "10.0.0.0/99", id="source"),
    pytest.param(lambda t: trace_instance_connect(t, "i-1"), "i-1", id="instance-for-interface"),
]


@pytest.mark.parametrize(("ask", "message"), ASKED_WRONGLY)
def test_questions_that_make_no_sense(ask: Any, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        ask(changed())


def test_leaving_any_response_out_still_gives_an_answer() -> None:
    for operation in lab():
        world = lab()
        del world[operation]
        topology = topology_of(world)
        if ENI not in topology.interfaces:
            continue
        path = trace_to_service(topology, ENI, "s3", "us-east-1")
        assert path.hops, operation
    assert {ACL, GROUP, PUBLIC} <= {hop.id for hop in path.hops}


OPERATIONS = {
    "DescribeVpcs": "describe_vpcs",
    "DescribeSubnets": "describe_subnets",
    "DescribeRouteTables": "describe_route_tables",
    "DescribeVpcEndpoints": "describe_vpc_endpoints",
    "DescribeInstances": "describe_instances",
    "DescribeNetworkInterfaces": "describe_network_interfaces",
    "DescribeSecurityGroups": "describe_security_groups",
    "DescribeNetworkAcls": "describe_network_acls",
    "DescribeInternetGateways": "describe_internet_gateways",
    "DescribeNatGateways": "describe_nat_gateways",
    "DescribeManagedPrefixLists": "describe_managed_prefix_lists",
}


def described(ec2: Any) -> Topology:
    """The topology of what a boto3 client answers."""
    answers = {name: getattr(ec2, method)() for name, method in OPERATIONS.items()}
    answers["ManagedPrefixListEntries"] = {
        item["PrefixListId"]: ec2.get_managed_prefix_list_entries(PrefixListId=item["PrefixListId"])
        for item in answers["DescribeManagedPrefixLists"]["PrefixLists"]
    }
    answers["VpcAttributes"] = {
        item["VpcId"]: {"enableDnsSupport": True, "enableDnsHostnames": True}
        for item in answers["DescribeVpcs"]["Vpcs"]
    }
    return topology_of(answers)


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An EC2 client of a moto account."""
    monkeypatch.setitem(os.environ, "AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setitem(os.environ, "AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setitem(os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    import boto3
    from moto import mock_aws

    with mock_aws():
        yield boto3.Session().client("ec2", region_name="us-east-1")


@pytest.fixture
def moto_lab(ec2: Any) -> dict[str, str]:
    """The lab's set-up, made through moto; ids by role."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = ec2.create_security_group(GroupName="ssh", Description="ssh", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            }
        ],
    )
    network = {
        "DeviceIndex": 0,
        "SubnetId": subnet,
        "AssociatePublicIpAddress": True,
        "Groups": [group],
    }
    run = ec2.run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, NetworkInterfaces=[network]
    )
    return {
        "vpc": vpc,
        "subnet": subnet,
        "gateway": gateway,
        "table": table,
        "instance": run["Instances"][0]["InstanceId"],
    }


def test_moto_s_lab_from_set_up_to_clean_up(ec2: Any, moto_lab: dict[str, str]) -> None:
    eni = interface_of(described(ec2), moto_lab["instance"])
    assert trace_instance_connect(described(ec2), eni).via == moto_lab["gateway"]
    over_internet = trace_to_service(described(ec2), eni, "s3", "us-east-1")
    assert over_internet.via == moto_lab["gateway"]
    assert over_internet.source_ip == described(ec2).interfaces[eni].public_address

    endpoint = ec2.create_vpc_endpoint(
        VpcId=moto_lab["vpc"],
        ServiceName="com.amazonaws.us-east-1.s3",
        VpcEndpointType="Gateway",
        RouteTableIds=[moto_lab["table"]],
    )["VpcEndpoint"]["VpcEndpointId"]
    over_endpoint = trace_to_service(described(ec2), eni, "s3", "us-east-1")
    assert over_endpoint.endpoint == endpoint
    assert over_endpoint.source_vpc == moto_lab["vpc"]
    assert over_endpoint.source_ip == described(ec2).interfaces[eni].private_address
    assert trace_to_service(described(ec2), eni, "s3", "eu-west-1").via == moto_lab["gateway"]
    assert trace_to_service(described(ec2), eni, "sts", "us-east-1").via == moto_lab["gateway"]

    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert trace_to_service(described(ec2), eni, "s3", "us-east-1").via == moto_lab["gateway"]
    ec2.stop_instances(InstanceIds=[moto_lab["instance"]])
    stopped = trace_instance_connect(described(ec2), eni)
    assert stopped.blocked is not None
    assert stopped.blocked.code == "BAD_STATE"


def test_moto_s_nat_gateway_and_interface_endpoint(ec2: Any, moto_lab: dict[str, str]) -> None:
    private = ec2.create_subnet(VpcId=moto_lab["vpc"], CidrBlock="10.0.1.0/24")["Subnet"][
        "SubnetId"
    ]
    address = ec2.allocate_address(Domain="vpc")
    nat = ec2.create_nat_gateway(SubnetId=moto_lab["subnet"], AllocationId=address["AllocationId"])[
        "NatGateway"
    ]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=moto_lab["vpc"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    ec2.associate_route_table(RouteTableId=table, SubnetId=private)
    run = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=private)
    instance = run["Instances"][0]["InstanceId"]
    eni = interface_of(described(ec2), instance)
    path = trace_to_service(described(ec2), eni, "sts", "us-east-1")
    assert (path.via, path.source_ip) == (nat, address["PublicIp"])

    group = ec2.create_security_group(GroupName="e", Description="e", VpcId=moto_lab["vpc"])
    ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"],
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "IpRanges": [{"CidrIp": "10.0.0.0/16"}],
            }
        ],
    )
    endpoint = ec2.create_vpc_endpoint(
        VpcId=moto_lab["vpc"],
        ServiceName="com.amazonaws.us-east-1.sts",
        VpcEndpointType="Interface",
        SubnetIds=[private],
        SecurityGroupIds=[group["GroupId"]],
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]["VpcEndpointId"]
    assert trace_to_service(described(ec2), eni, "sts", "us-east-1").endpoint == endpoint
