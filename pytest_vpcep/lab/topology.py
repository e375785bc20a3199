"""The lab's topology, made by plain boto3 calls that are the same on moto and on AWS.

The shape is LAB's: one VPC with one public subnet behind an internet gateway, one instance with
a public address that may be reached by SSH, one bucket in the same Region with two objects.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_vpcep.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import boto3

VPC_CIDR = "10.0.0.0/16"
SUBNET_CIDR = "10.0.0.0/24"
ANYWHERE = "0.0.0.0/0"

#: Resolved by RunInstances itself ("Use AMIs via Systems Manager parameters", EC2 User Guide).
AMAZON_LINUX_2023 = (
    "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
)

#: The two objects that are in the bucket from the start, by key.
OBJECTS: Mapping[str, bytes] = {
    "notes-on-gateway-endpoints.txt": b"A gateway endpoint is a route, not an interface.\n",
    "notes-on-bucket-policies.txt": b"An explicit deny beats every allow.\n",
}


@dataclass(frozen=True)
class Names:
    """How one lab's resources are called and tagged, so that labs run side by side.

    Args:
        lab: the lab's own name, unique in its account, such as ``vpcep-1a2b3c4d``.

    """

    lab: str

    @property
    def bucket(self) -> str:
        """The bucket's name, unique in the world as bucket names must be."""
        return f"{self.lab}-bucket"

    def tags(self, what: str) -> list[Any]:
        """Tags of one resource: its name, and the lab it belongs to."""
        return [
            {"Key": "Name", "Value": f"{self.lab}-{what}"},
            {"Key": "vpcep:lab", "Value": self.lab},
        ]

    def specification(self, resource_type: str, what: str) -> Sequence[Any]:
        """``TagSpecifications`` of one EC2 resource."""
        return [{"ResourceType": resource_type, "Tags": self.tags(what)}]


@dataclass(frozen=True)
class Topology:
    """Ids of what step 1 made."""

    names: Names
    region: str
    partition: str
    vpc: str
    subnet: str
    internet_gateway: str
    route_table: str
    security_group: str
    instance: str
    bucket: str
    objects: tuple[str, ...] = field(default=tuple(OBJECTS))

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        return f"arn:{self.partition}:s3:::{self.bucket}"


@dataclass(frozen=True)
class Network:
    """Ids of the lab's VPC and what is in it but the instance."""

    vpc: str
    subnet: str
    internet_gateway: str
    route_table: str
    security_group: str


def create_network(session: boto3.Session, names: Names) -> Network:
    """Create the VPC, its public subnet, internet gateway, route table and security group.

    Returns:
        The ids by role: ``vpc``, ``subnet``, ``internet_gateway``, ``route_table``,
        ``security_group``.

    """
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock=VPC_CIDR, TagSpecifications=names.specification("vpc", "vpc"))[
        "Vpc"
    ]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    gateway = ec2.create_internet_gateway(
        TagSpecifications=names.specification("internet-gateway", "internet-gateway")
    )["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    public = create_public_subnet(session, names, "public", SUBNET_CIDR, vpc, gateway)
    group = create_security_group(session, names, vpc)
    return Network(vpc, public.subnet, gateway, public.route_table, group)


@dataclass(frozen=True)
class Subnet:
    """Ids of a subnet and of the route table it is associated with."""

    subnet: str
    route_table: str


def create_private_subnet(
    session: boto3.Session, names: Names, what: str, cidr: str, vpc: str
) -> Subnet:
    """Create a subnet and a route table of its own, which has the local route only.

    Args:
        session: the administrator's session.
        names: the lab's names.
        what: what it is called, such as ``private``.
        cidr: its IPv4 CIDR block, within the VPC's.
        vpc: id of its VPC.

    """
    ec2 = session.client("ec2")
    subnet = ec2.create_subnet(
        VpcId=vpc, CidrBlock=cidr, TagSpecifications=names.specification("subnet", f"{what}-subnet")
    )["Subnet"]["SubnetId"]
    route_table = create_route_table(session, names, vpc, f"{what}-route-table")
    ec2.associate_route_table(RouteTableId=route_table, SubnetId=subnet)
    return Subnet(subnet, route_table)


def create_public_subnet(
    session: boto3.Session, names: Names, what: str, cidr: str, vpc: str, gateway: str
) -> Subnet:
    """Create a subnet whose instances get public addresses and a route to an internet gateway.

    Args:
        session: the administrator's session.
        names: the lab's names.
        what: what it is called, such as ``public``.
        cidr: its IPv4 CIDR block, within the VPC's.
        vpc: id of its VPC.
        gateway: id of the VPC's internet gateway.

    """
    ec2 = session.client("ec2")
    made = create_private_subnet(session, names, what, cidr, vpc)
    ec2.modify_subnet_attribute(SubnetId=made.subnet, MapPublicIpOnLaunch={"Value": True})
    ec2.create_route(
        RouteTableId=made.route_table, DestinationCidrBlock=ANYWHERE, GatewayId=gateway
    )
    return made


def create_route_table(session: boto3.Session, names: Names, vpc: str, what: str) -> str:
    """Create a route table in a VPC, with its local route only, and give its id."""
    created = session.client("ec2").create_route_table(
        VpcId=vpc, TagSpecifications=names.specification("route-table", what)
    )
    return str(created["RouteTable"]["RouteTableId"])


def create_security_group(session: boto3.Session, names: Names, vpc: str) -> str:
    """Create a security group that lets SSH in and, as every new one, everything out."""
    ec2 = session.client("ec2")
    group = ec2.create_security_group(
        VpcId=vpc,
        GroupName=f"{names.lab}-ssh",
        Description="SSH in, everything out",
        TagSpecifications=names.specification("security-group", "ssh"),
    )["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "IpRanges": [{"CidrIp": ANYWHERE, "Description": "SSH"}],
            }
        ],
    )
    return str(group)


def free_tier_type(session: boto3.Session) -> Any:
    """The instance type of the Region's free tier: ``t2.micro``, or ``t3.micro`` without it.

    Raises:
        LabError: the Region offers neither.

    """
    offered = session.client("ec2").describe_instance_type_offerings(
        Filters=[{"Name": "instance-type", "Values": ["t2.micro", "t3.micro"]}]
    )["InstanceTypeOfferings"]
    types = sorted(offer["InstanceType"] for offer in offered)
    if not types:
        message = f"Region {session.region_name}: neither t2.micro nor t3.micro is known there"
        raise LabError(message)
    return types[0]


def launch_instance(
    session: boto3.Session, names: Names, subnet: str, security_group: str, what: str = "instance"
) -> str:
    """Launch one instance into a subnet, without a key pair, and wait until it runs."""
    ec2 = session.client("ec2")
    instance = ec2.run_instances(
        ImageId=AMAZON_LINUX_2023,
        InstanceType=free_tier_type(session),
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[security_group],
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
        TagSpecifications=names.specification("instance", what),
    )["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance])
    return str(instance)


def create_bucket(session: boto3.Session, names: Names, bucket: str) -> None:
    """Create an empty bucket with AWS's default settings, in the session's Region."""
    s3 = session.client("s3")
    region: Any = session.region_name
    if region == "us-east-1":
        s3.create_bucket(Bucket=bucket)
    else:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": names.tags("bucket")})


def upload_objects(session: boto3.Session, bucket: str) -> None:
    """Upload the two objects that are in the lab's bucket from the start."""
    s3 = session.client("s3")
    for key, body in OBJECTS.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)


def set_up(session: boto3.Session, names: Names) -> Topology:
    """Step 1 of the lab: the network, the instance and the bucket with its two objects."""
    network = create_network(session, names)
    instance = launch_instance(session, names, network.subnet, network.security_group)
    create_bucket(session, names, names.bucket)
    upload_objects(session, names.bucket)
    return Topology(
        names=names,
        region=session.region_name,
        partition=session.get_partition_for_region(session.region_name),
        instance=instance,
        bucket=names.bucket,
        **asdict(network),
    )
