"""A lab like the one in the write-up, made on moto by plain boto3 calls."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

# moto reads this when its EC2 part is imported; its sample images cost 0.25 s per Region.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

import boto3
import botocore.session
from botocore.loaders import Loader

REGION = "eu-west-1"
ADMINISTRATOR = "arn:aws:iam::123456789012:user/staff/admin"
ROLE = "arn:aws:iam::123456789012:role/instance-role"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True)
class MotoLab:
    """What was made, by role."""

    session: boto3.Session
    vpc: str
    subnet: str
    route_table: str
    security_group: str
    instance: str
    endpoint: str
    deleted_endpoint: str
    bucket: str
    secret: str


#: Shared, since every session would read EC2's model anew: a tenth of a second each.
_MODELS = Loader()


def new_session() -> boto3.Session:
    """A session of the lab's Region, with clients and events of its own."""
    session = botocore.session.Session()
    session.register_component("data_loader", _MODELS)
    return boto3.Session(botocore_session=session, region_name=REGION)


def build(session: boto3.Session) -> MotoLab:
    ec2: Any = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = ec2.create_security_group(VpcId=vpc, GroupName="ssh", Description="SSH")["GroupId"]
    endpoints = [
        ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway"
        )["VpcEndpoint"]["VpcEndpointId"]
        for _ in range(2)
    ]
    ec2.delete_vpc_endpoints(VpcEndpointIds=endpoints[1:])
    secret = _identities(session.client("iam"))
    instance = ec2.run_instances(
        ImageId="ami-12345678",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
        IamInstanceProfile={"Name": "instance-profile"},
    )["Instances"][0]["InstanceId"]
    _bucket(session.client("s3"), endpoints[0])
    return MotoLab(session, vpc, subnet, table, group, instance, *endpoints, "lab-bucket", secret)


def _identities(iam: Any) -> str:
    iam.create_group(GroupName="administrators")
    iam.put_group_policy(
        GroupName="administrators", PolicyName="all", PolicyDocument=json.dumps(ALLOW_ALL)
    )
    iam.create_user(UserName="admin", Path="/staff/", Tags=[{"Key": "team", "Value": "lab"}])
    iam.add_user_to_group(GroupName="administrators", UserName="admin")
    policy = iam.create_policy(PolicyName="managed", PolicyDocument=json.dumps(ALLOW_ALL))
    trust = {"Version": "2012-10-17", "Statement": []}
    iam.create_role(
        RoleName="instance-role",
        AssumeRolePolicyDocument=json.dumps(trust),
        PermissionsBoundary=policy["Policy"]["Arn"],
    )
    iam.attach_role_policy(RoleName="instance-role", PolicyArn=policy["Policy"]["Arn"])
    iam.create_instance_profile(InstanceProfileName="instance-profile")
    iam.add_role_to_instance_profile(
        InstanceProfileName="instance-profile", RoleName="instance-role"
    )
    key = iam.create_access_key(UserName="admin")["AccessKey"]
    return str(key["SecretAccessKey"])


def _bucket(s3: Any, endpoint: str) -> None:
    s3.create_bucket(Bucket="lab-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_public_access_block(
        Bucket="lab-bucket", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    for key in ("one.txt", "two.txt"):
        s3.put_object(Bucket="lab-bucket", Key=key, Body=b"")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::lab-bucket", "arn:aws:s3:::lab-bucket/*"],
        "Condition": {"StringNotEquals": {"aws:sourceVpce": endpoint}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket="lab-bucket", Policy=json.dumps(document))
