"""moto's gaps: each shown on bare moto, and filled in the simulated cloud.

A test of bare moto that fails tells that moto has learnt it, and that our filling may go.
"""

from __future__ import annotations

import json

import boto3
import pytest
from moto import mock_aws

from pytest_vpcep.lab.endpoint import deny_unless_over


@pytest.fixture
def bare():
    """A session on moto alone, with a VPC, a subnet, a route table and a gateway endpoint."""
    with mock_aws():
        yield boto3.Session(
            aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1"
        )


@pytest.fixture
def simulated(cloud):
    """The administrator's session in a simulated cloud."""
    return cloud.session("console", cloud.administrator)


def network(session: boto3.Session) -> dict[str, str]:
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", VpcEndpointType="Gateway"
    )
    return {
        "vpc": vpc,
        "subnet": subnet,
        "table": table,
        "endpoint": endpoint["VpcEndpoint"]["VpcEndpointId"],
    }


def routes_to_endpoint(session: boto3.Session, made: dict[str, str]) -> list[str]:
    table = session.client("ec2").describe_route_tables(RouteTableIds=[made["table"]])
    return [
        route["DestinationPrefixListId"]
        for route in table["RouteTables"][0]["Routes"]
        if route.get("GatewayId") == made["endpoint"]
    ]


def associated(session: boto3.Session) -> list[str]:
    made = network(session)
    session.client("ec2").modify_vpc_endpoint(
        VpcEndpointId=made["endpoint"], AddRouteTableIds=[made["table"]]
    )
    return routes_to_endpoint(session, made)


class TestAssociation:
    def test_bare_moto_adds_no_route(self, bare):
        assert associated(bare) == []

    def test_the_route_comes(self, simulated):
        (prefix_list,) = associated(simulated)
        assert prefix_list.startswith("pl-")

    def test_the_route_goes(self, simulated):
        made = network(simulated)
        ec2 = simulated.client("ec2")
        of = {"VpcEndpointId": made["endpoint"]}
        ec2.modify_vpc_endpoint(**of, AddRouteTableIds=[made["table"]])
        ec2.modify_vpc_endpoint(**of, AddRouteTableIds=[made["table"]])
        ec2.modify_vpc_endpoint(**of, RemoveRouteTableIds=[made["table"]])
        assert routes_to_endpoint(simulated, made) == []

    def test_a_route_there_from_the_start_goes_too(self, simulated):
        made = network(simulated)
        ec2 = simulated.client("ec2")
        endpoint = ec2.create_vpc_endpoint(
            VpcId=made["vpc"],
            ServiceName="com.amazonaws.us-east-1.s3",
            RouteTableIds=[made["table"]],
        )["VpcEndpoint"]["VpcEndpointId"]
        made = {**made, "endpoint": endpoint}
        assert len(routes_to_endpoint(simulated, made)) == 1
        ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, RemoveRouteTableIds=[made["table"]])
        assert routes_to_endpoint(simulated, made) == []


def type_of_new_endpoint(session: boto3.Session) -> str | None:
    endpoint = session.client("ec2").create_vpc_endpoint(
        VpcId=network(session)["vpc"], ServiceName="com.amazonaws.us-east-1.s3"
    )
    return endpoint["VpcEndpoint"].get("VpcEndpointType")


class TestEndpointType:
    """CreateVpcEndpoint (Amazon EC2 API Reference): the default is Gateway."""

    def test_bare_moto_gives_none(self, bare):
        assert type_of_new_endpoint(bare) is None

    def test_a_gateway_endpoint(self, simulated):
        assert type_of_new_endpoint(simulated) == "Gateway"


def deleted_endpoints(session: boto3.Session) -> list[str]:
    made = network(session)
    ec2 = session.client("ec2")
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made["endpoint"]])
    return [one["State"] for one in ec2.describe_vpc_endpoints()["VpcEndpoints"]]


class TestDeletedEndpoint:
    def test_bare_moto_keeps_it(self, bare):
        assert deleted_endpoints(bare) == ["deleted"]

    def test_it_is_gone(self, simulated):
        assert deleted_endpoints(simulated) == []


def groups_of_new_instance(session: boto3.Session) -> list[str]:
    made = network(session)
    instance = session.client("ec2").run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=made["subnet"]
    )["Instances"][0]["InstanceId"]
    described = session.client("ec2").describe_instances(InstanceIds=[instance])
    groups = described["Reservations"][0]["Instances"][0]["SecurityGroups"]
    return [group["GroupName"] for group in groups]


class TestDefaultSecurityGroup:
    @pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
    def test_bare_moto_gives_none(self, bare):
        assert groups_of_new_instance(bare) == []

    def test_the_vpc_s_default_one(self, simulated):
        assert groups_of_new_instance(simulated) == ["default"]


def bucket_with(session: boto3.Session, policy: str) -> str:
    s3 = session.client("s3")
    s3.create_bucket(Bucket="vpcep-gaps")
    s3.put_bucket_policy(Bucket="vpcep-gaps", Policy=policy)
    return "vpcep-gaps"


class TestBucketPolicy:
    def test_bare_moto_takes_anything(self, bare):
        bucket_with(bare, json.dumps(deny_unless_over("vpce-1", "arn:aws:s3:::another")))

    def test_bare_moto_ignores_conditions(self, bare):
        bucket = bucket_with(
            bare, json.dumps(deny_unless_over("vpce-1", "arn:aws:s3:::vpcep-gaps"))
        )
        assert bare.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0

    def test_an_owner_who_meets_the_condition_gets_through(self, simulated, cloud):
        """moto would answer a bare 403 for every object call while there is such a policy."""
        policy = deny_unless_over("vpce-1", "arn:aws:s3:::vpcep-gaps")
        policy["Statement"][0]["Condition"]["StringNotEquals"] = {
            "aws:PrincipalArn": cloud.administrator.principal
        }
        bucket = bucket_with(simulated, json.dumps(policy))
        s3 = simulated.client("s3")
        s3.put_object(Bucket=bucket, Key="key", Body=b"body")
        assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"body"


class TestNewBucket:
    """Blocking public access to your Amazon S3 storage: on by default since April 2023."""

    def test_bare_moto_blocks_nothing(self, bare):
        s3 = bare.client("s3")
        s3.create_bucket(Bucket="vpcep-gaps")
        with pytest.raises(s3.exceptions.ClientError, match="NoSuchPublicAccessBlock"):
            s3.get_public_access_block(Bucket="vpcep-gaps")

    def test_public_access_is_blocked(self, simulated):
        s3 = simulated.client("s3")
        s3.create_bucket(Bucket="vpcep-gaps")
        settings = s3.get_public_access_block(Bucket="vpcep-gaps")
        assert all(settings["PublicAccessBlockConfiguration"].values())


def attached_managed_policy(session: boto3.Session) -> str:
    iam = session.client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    iam.attach_role_policy(RoleName="role", PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName="role")["AttachedPolicies"]
    return attached[0]["PolicyArn"]


class TestAwsManagedPolicies:
    def test_bare_moto_knows_none(self, bare):
        with pytest.raises(bare.client("iam").exceptions.NoSuchEntityException):
            attached_managed_policy(bare)

    def test_they_can_be_attached(self, simulated):
        assert attached_managed_policy(simulated).endswith("/AmazonS3ReadOnlyAccess")


def delete_subnet_and_table(session: boto3.Session) -> None:
    made = network(session)
    ec2 = session.client("ec2")
    ec2.delete_subnet(SubnetId=made["subnet"])
    ec2.delete_route_table(RouteTableId=made["table"])


class TestDeletedSubnet:
    def test_bare_moto_keeps_it_associated(self, bare):
        with pytest.raises(bare.client("ec2").exceptions.ClientError, match="DependencyViolation"):
            delete_subnet_and_table(bare)

    def test_its_route_table_is_free(self, simulated):
        delete_subnet_and_table(simulated)
