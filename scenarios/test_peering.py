"""A peered VPC: a gateway endpoint serves its own VPC, and nobody reaches it through a peering."""

import pytest

from pytest_vpcep.lab import topology


@pytest.fixture
def subnet(lab, console):
    """A private subnet in another VPC, which is peered with the lab's, with routes both ways."""
    lab.reach(7)
    session, names = console.session, lab.names
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(
        CidrBlock="10.1.0.0/16", TagSpecifications=names.specification("vpc", "peer")
    )["Vpc"]["VpcId"]
    made = topology.create_private_subnet(session, names, "peer", "10.1.0.0/24", vpc)
    peering = ec2.create_vpc_peering_connection(VpcId=lab.topology.vpc, PeerVpcId=vpc)
    identity = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=identity)
    for table, cidr in (
        (made.route_table, "10.0.0.0/16"),
        (lab.topology.route_table, "10.1.0.0/16"),
    ):
        ec2.create_route(
            RouteTableId=table, DestinationCidrBlock=cidr, VpcPeeringConnectionId=identity
        )
    return made


@pytest.fixture
def peer(lab, console, subnet):
    """An instance in the peered VPC."""
    session, names = console.session, lab.names
    described = session.client("ec2").describe_subnets(SubnetIds=[subnet.subnet])["Subnets"][0]
    group = topology.create_security_group(session, names, described["VpcId"])
    return lab.vantage_of(
        topology.launch_instance(session, names, subnet.subnet, group, "peer-instance")
    )


def test_the_lab_s_own_instance_uses_the_endpoint(lab, peer, instance):
    assert instance.attempt("s3:ListBucket", lab.bucket).via == lab.endpoint


def test_the_peer_does_not_reach_s3_through_it(lab, peer):
    assert peer.attempt("s3:ListBucket", lab.bucket).outcome == "unreachable"


def test_sending_its_traffic_over_the_peering_does_not_help(lab, peer, subnet, console):
    ec2 = console.session.client("ec2")
    peering = ec2.describe_vpc_peering_connections()["VpcPeeringConnections"][0]
    ec2.create_route(
        RouteTableId=subnet.route_table,
        DestinationCidrBlock="0.0.0.0/0",
        VpcPeeringConnectionId=peering["VpcPeeringConnectionId"],
    )
    assert peer.attempt("s3:ListBucket", lab.bucket).outcome == "unreachable"
