"""An interface endpoint with private DNS: STS is reached from a subnet without the internet."""

import pytest

NAME = "private"


@pytest.fixture
def private(lab):
    """An instance in a subnet without a route to the internet."""
    lab.reach(3)
    return lab.add_private_subnet(NAME, "10.0.1.0/24")


@pytest.fixture
def shut_in(lab, private):
    """The instance as a vantage point."""
    return lab.add_instance(NAME, private.subnet)


def create_endpoint(lab, console, private, group):
    """An interface endpoint for STS in the private subnet, with private DNS."""
    made = console.session.client("ec2").create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=lab.topology.vpc,
        ServiceName=f"com.amazonaws.{lab.topology.region}.sts",
        SubnetIds=[private.subnet],
        SecurityGroupIds=[group],
        PrivateDnsEnabled=True,
        TagSpecifications=lab.names.specification("vpc-endpoint", "sts"),
    )
    return made["VpcEndpoint"]["VpcEndpointId"]


@pytest.fixture
def https_group(lab, console):
    """A security group that lets HTTPS in from the VPC."""
    ec2 = console.session.client("ec2")
    group = ec2.create_security_group(
        VpcId=lab.topology.vpc,
        GroupName=f"{lab.names.lab}-https",
        Description="HTTPS from the VPC",
        TagSpecifications=lab.names.specification("security-group", "https"),
    )["GroupId"]
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**https, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}]
    )
    return group


def test_without_it_sts_is_out_of_reach(shut_in):
    assert shut_in.attempt("sts:GetCallerIdentity", "*").outcome == "unreachable"


def test_with_it_sts_answers(lab, console, private, shut_in, https_group):
    endpoint = create_endpoint(lab, console, private, https_group)
    assert shut_in.attempt("sts:GetCallerIdentity", "*").via == endpoint
    identity = shut_in.session.client("sts").get_caller_identity()
    assert identity["Arn"] == shut_in.principal


def test_its_security_group_has_to_let_https_in(lab, console, private, shut_in):
    create_endpoint(lab, console, private, lab.topology.security_group)
    attempt = shut_in.attempt("sts:GetCallerIdentity", "*")
    assert attempt.outcome == "unreachable"
    assert lab.topology.security_group in attempt.message
