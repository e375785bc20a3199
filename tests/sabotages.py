"""Labs gone wrong: one mistake each, made in what the lab does and nowhere else.

Each function takes pytest's ``monkeypatch`` and replaces the one thing that the student would have
done otherwise. The mistakes are those of the lab's own list, and those its steps invite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import boto3
import pytest

from pytest_vpcep.cloud.simulated import SimulatedCloud
from pytest_vpcep.lab import Lab, Step, clean_up, endpoint
from pytest_vpcep.lab import lab as labs
from pytest_vpcep.lab import topology as topologies
from pytest_vpcep.lab.access_key import AccessKey
from pytest_vpcep.lab.topology import Names, Network

Mistake = Callable[[pytest.MonkeyPatch], None]


def _after_network(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Any, Network], object]
) -> None:
    """Have something done to the network that step 1 makes, before anything is in it."""
    create = topologies.create_network

    def create_and_change(session: boto3.Session, names: Names) -> Network:
        network = create(session, names)
        change(session.client("ec2"), network)
        return network

    monkeypatch.setattr(topologies, "create_network", create_and_change)


def no_internet_gateway_route(monkeypatch: pytest.MonkeyPatch) -> None:
    _after_network(
        monkeypatch,
        lambda ec2, network: ec2.delete_route(
            RouteTableId=network.route_table, DestinationCidrBlock="0.0.0.0/0"
        ),
    )


def public_access_not_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    create = topologies.create_bucket

    def create_and_open(session: boto3.Session, names: Names, bucket: str) -> None:
        create(session, names, bucket)
        session.client("s3").put_public_access_block(
            Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": False}
        )

    monkeypatch.setattr(topologies, "create_bucket", create_and_open)


def one_object_only(monkeypatch: pytest.MonkeyPatch) -> None:
    first = dict(list(topologies.OBJECTS.items())[:1])
    monkeypatch.setattr(topologies, "OBJECTS", first)


def nothing_tagged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Names, "tags", lambda self, what: [{"Key": "Name", "Value": f"{self.lab}-{what}"}]
    )


def no_ssh_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    _after_network(
        monkeypatch,
        lambda ec2, network: ec2.revoke_security_group_ingress(
            GroupId=network.security_group,
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                }
            ],
        ),
    )


def no_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    _after_network(
        monkeypatch,
        lambda ec2, network: ec2.modify_subnet_attribute(
            SubnetId=network.subnet, MapPublicIpOnLaunch={"Value": False}
        ),
    )


def no_ephemeral_ports_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network ACL that lets SSH in, and its answers not out."""

    def deny(ec2: Any, network: Network) -> None:
        of_vpc = [{"Name": "vpc-id", "Values": [network.vpc]}]
        acl = ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"][0]
        ec2.create_network_acl_entry(
            NetworkAclId=acl["NetworkAclId"],
            RuleNumber=50,
            Protocol="6",
            RuleAction="deny",
            Egress=True,
            CidrBlock="0.0.0.0/0",
            PortRange={"From": 1024, "To": 65535},
        )

    _after_network(monkeypatch, deny)


def inactive_access_key(monkeypatch: pytest.MonkeyPatch) -> None:
    create = labs.create_access_key

    def create_and_deactivate(session: boto3.Session) -> AccessKey:
        key = create(session)
        session.client("iam").update_access_key(
            UserName=key.user, AccessKeyId=key.access_key_id, Status="Inactive"
        )
        return key

    monkeypatch.setattr(labs, "create_access_key", create_and_deactivate)


def access_key_of_another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    def create(session: boto3.Session) -> AccessKey:
        iam = session.client("iam")
        iam.create_user(UserName="guest")
        made = iam.create_access_key(UserName="guest")["AccessKey"]
        return AccessKey("guest", made["AccessKeyId"], made["SecretAccessKey"])

    monkeypatch.setattr(labs, "create_access_key", create)


def _typed(monkeypatch: pytest.MonkeyPatch, question: int, instead: str) -> None:
    """Have one of the four questions of ``aws configure`` answered otherwise."""
    type_into = SimulatedCloud.type_into

    def mistype(cloud: SimulatedCloud, instance: str, command: str, answers: Sequence[str]) -> None:
        typed = [instead if at == question else answer for at, answer in enumerate(answers)]
        type_into(cloud, instance, command, typed)

    monkeypatch.setattr(SimulatedCloud, "type_into", mistype)


def wrong_access_key_id_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    _typed(monkeypatch, 0, "AKIAIOSFODNN7EXAMPLE")


def wrong_secret_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    _typed(monkeypatch, 1, "not-the-secret")


def _step_done_otherwise(
    monkeypatch: pytest.MonkeyPatch, step: Step, otherwise: Callable[[Lab], None]
) -> None:
    monkeypatch.setitem(labs._ACTIONS, step, otherwise)


def nothing_uploaded(monkeypatch: pytest.MonkeyPatch) -> None:
    _step_done_otherwise(monkeypatch, Step.USE_S3, Lab.configure_terminal)


def _created_endpoint(monkeypatch: pytest.MonkeyPatch, **otherwise: Any) -> None:
    def create(session: boto3.Session, names: Names, vpc: str) -> str:
        asked = {
            "VpcEndpointType": "Gateway",
            "VpcId": vpc,
            "ServiceName": f"com.amazonaws.{session.region_name}.s3",
            "TagSpecifications": names.specification("vpc-endpoint", "s3"),
        }
        created = session.client("ec2").create_vpc_endpoint(**asked | otherwise)
        return str(created["VpcEndpoint"]["VpcEndpointId"])

    monkeypatch.setattr(endpoint, "create_gateway_endpoint", create)


def interface_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interface endpoint as the console makes it by default: no private DNS name for S3."""
    _created_endpoint(monkeypatch, VpcEndpointType="Interface", PrivateDnsEnabled=False)


def endpoint_of_dynamodb(monkeypatch: pytest.MonkeyPatch) -> None:
    _created_endpoint(monkeypatch, ServiceName="com.amazonaws.us-east-1.dynamodb")


def endpoint_with_its_route_table_ticked(monkeypatch: pytest.MonkeyPatch) -> None:
    create = endpoint.create_gateway_endpoint

    def create_and_tick(session: boto3.Session, names: Names, vpc: str) -> str:
        tables = session.client("ec2").describe_route_tables(
            Filters=[{"Name": "tag:vpcep:lab", "Values": [names.lab]}]
        )["RouteTables"]
        return create(session, names, vpc, [table["RouteTableId"] for table in tables])

    monkeypatch.setattr(endpoint, "create_gateway_endpoint", create_and_tick)


def _bucket_policy(
    monkeypatch: pytest.MonkeyPatch, write: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    """Have the bucket policy's statement written otherwise."""
    put = endpoint.put_bucket_policy

    def put_otherwise(session: boto3.Session, bucket: str, policy: dict[str, Any]) -> None:
        put(session, bucket, policy | {"Statement": [write(dict(policy["Statement"][0]))]})

    monkeypatch.setattr(endpoint, "put_bucket_policy", put_otherwise)


def deny_covers_objects_only(monkeypatch: pytest.MonkeyPatch) -> None:
    _bucket_policy(monkeypatch, lambda deny: deny | {"Resource": deny["Resource"][1]})


def allow_instead_of_deny(monkeypatch: pytest.MonkeyPatch) -> None:
    _bucket_policy(
        monkeypatch,
        lambda deny: (
            deny
            | {
                "Effect": "Allow",
                "Condition": {"StringEquals": deny["Condition"]["StringNotEquals"]},
            }
        ),
    )


def deny_of_a_few_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    _bucket_policy(monkeypatch, lambda deny: deny | {"Action": ["s3:GetObject", "s3:PutObject"]})


def placeholder_bucket_name(monkeypatch: pytest.MonkeyPatch) -> None:
    resources = ["arn:aws:s3:::YOUR-BUCKET-NAME", "arn:aws:s3:::YOUR-BUCKET-NAME/*"]
    _bucket_policy(monkeypatch, lambda deny: deny | {"Resource": resources})


def _condition(key: str, value: str) -> dict[str, Any]:
    return {"Condition": {"StringNotEquals": {key: value}}}


def placeholder_endpoint_id(monkeypatch: pytest.MonkeyPatch) -> None:
    _bucket_policy(monkeypatch, lambda deny: deny | _condition("aws:sourceVpce", "vpce-1a2b3c4d"))


def route_table_never_associated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "associate_route_table", lambda *_: None)


def another_route_table_associated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The VPC's main route table, which the subnet does not use."""
    associate = endpoint.associate_route_table

    def associate_main(session: boto3.Session, identity: str, route_table: str) -> None:
        ec2 = session.client("ec2")
        vpc = ec2.describe_route_tables(RouteTableIds=[route_table])["RouteTables"][0]["VpcId"]
        of_vpc: Any = [
            {"Name": "vpc-id", "Values": [vpc]},
            {"Name": "association.main", "Values": ["true"]},
        ]
        main = ec2.describe_route_tables(Filters=of_vpc)["RouteTables"][0]
        associate(session, identity, main["RouteTableId"])

    monkeypatch.setattr(endpoint, "associate_route_table", associate_main)


def endpoint_policy_left_on_deny(monkeypatch: pytest.MonkeyPatch) -> None:
    _step_done_otherwise(
        monkeypatch, Step.ENDPOINT_POLICY, lambda lab: lab.set_endpoint_policy("Deny")
    )


def endpoint_policy_never_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "put_endpoint_policy", lambda *_: None)


def bucket_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clean_up, "remove_bucket", lambda *_: None)


def endpoint_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clean_up, "_delete_endpoints", lambda *_: None)


def access_key_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labs, "delete_access_key", lambda *_: None)


def cleaned_up_from_the_console(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clean-up begun outside the VPC, where the bucket policy denies it."""

    def delete_bucket(lab: Lab) -> None:
        lab.console.session.client("s3").delete_bucket(Bucket=lab.bucket)

    _step_done_otherwise(monkeypatch, Step.CLEAN_UP, delete_bucket)


def bucket_policy_over_the_vpc(monkeypatch: pytest.MonkeyPatch) -> None:
    """No mistake: ``aws:SourceVpc`` is a wider grant that does what the lab wants."""
    put = Lab.put_bucket_policy

    def put_for_vpc(lab: Lab) -> None:
        put(lab, **_condition("aws:SourceVpc", lab.topology.vpc))

    monkeypatch.setattr(Lab, "put_bucket_policy", put_for_vpc)
