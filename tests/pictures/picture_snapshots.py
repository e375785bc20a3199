"""Snapshots to draw, in AWS's response shapes: small ones by hand, and any by Hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import strategies as st

from pytest_vpcep.snapshot import Snapshot

ACCOUNT, REGION = "111122223333", "us-east-1"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:user/admin"
BUCKET = "my-lab-bucket"
S3_LIST = "pl-63a5400a"

_EVERYTHING = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
_ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass
class Account:
    """An account to which resources are added; each addition returns the new resource's id."""

    numbers: Any = field(default_factory=lambda: count(1))
    ec2: dict[str, Any] = field(default_factory=dict)
    buckets: dict[str, Any] = field(default_factory=dict)
    drawn: list[str] = field(default_factory=list)

    def _new(self, prefix: str) -> str:
        identifier = f"{prefix}-{next(self.numbers) * 0x9E3779B97F4A7C15 % 16**17:017x}"
        self.drawn.append(identifier)
        return identifier

    def _add(self, operation: str, key: str, item: dict[str, Any]) -> None:
        self.ec2.setdefault(operation, {}).setdefault(key, []).append(item)

    def vpc(self, cidr: str = "10.0.0.0/16") -> str:
        vpc = self._new("vpc")
        self._add("DescribeVpcs", "Vpcs", {"VpcId": vpc, "CidrBlock": cidr})
        attributes = {"enableDnsSupport": True, "enableDnsHostnames": True}
        self.ec2.setdefault("VpcAttributes", {})[vpc] = attributes
        everything = {"CidrBlock": "0.0.0.0/0", "Protocol": "-1", "RuleAction": "allow"}
        entries = [{**everything, "RuleNumber": 100, "Egress": way} for way in (True, False)]
        acl = f"acl-{vpc.removeprefix('vpc-')}"
        item = {"NetworkAclId": acl, "VpcId": vpc, "IsDefault": True, "Entries": entries}
        self._add("DescribeNetworkAcls", "NetworkAcls", item)
        return vpc

    def subnet(self, vpc: str, cidr: str = "10.0.0.0/24", zone: str = "us-east-1a") -> str:
        subnet = self._new("subnet")
        item = {"SubnetId": subnet, "VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone}
        self._add("DescribeSubnets", "Subnets", item)
        return subnet

    def route_table(
        self, vpc: str, *subnets: str, routes: dict[str, str] | None = None, main: bool = False
    ) -> str:
        """Add a route table; its routes go from destination to target."""
        table = self._new("rtb")
        associations: list[dict[str, Any]] = [{"SubnetId": subnet} for subnet in subnets]
        if main:
            associations.append({"Main": True})
        listed = [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}]
        listed += [_route(*pair) for pair in (routes or {}).items()]
        item = {
            "RouteTableId": table,
            "VpcId": vpc,
            "Associations": associations,
            "Routes": listed,
        }
        self._add("DescribeRouteTables", "RouteTables", item)
        return table

    def group(self, vpc: str, *, closed: bool = False) -> str:
        group = self._new("sg")
        rules = [] if closed else [_EVERYTHING]
        item = {
            "GroupId": group,
            "VpcId": vpc,
            "IpPermissions": rules,
            "IpPermissionsEgress": rules,
        }
        self._add("DescribeSecurityGroups", "SecurityGroups", item)
        return group

    def interface(
        self, vpc: str, subnet: str, address: str, *groups: str, public: str | None = None
    ) -> dict[str, Any]:
        eni = self._new("eni")
        association = {"Association": {"PublicIp": public}} if public else {}
        item = {
            "NetworkInterfaceId": eni,
            "VpcId": vpc,
            "SubnetId": subnet,
            "PrivateIpAddress": address,
            "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True, **association}],
            "Groups": [{"GroupId": group} for group in groups],
            "Status": "in-use",
        }
        self._add("DescribeNetworkInterfaces", "NetworkInterfaces", item)
        return item

    def instance(
        self,
        vpc: str,
        subnet: str,
        address: str = "10.0.0.10",
        *groups: str,
        public: str | None = None,
        state: str = "running",
    ) -> str:
        instance = self._new("i")
        interface = self.interface(vpc, subnet, address, *groups, public=public)
        attachment = {"InstanceId": instance, "DeviceIndex": 0, "Status": "attached"}
        interface["Attachment"] = attachment
        item = {
            "InstanceId": instance,
            "VpcId": vpc,
            "State": {"Name": state},
            "NetworkInterfaces": [interface],
        }
        self._add("DescribeInstances", "Reservations", {"Instances": [item]})
        return instance

    def internet_gateway(self, vpc: str | None) -> str:
        gateway = self._new("igw")
        attachments = [{"VpcId": vpc, "State": "available"}] if vpc else []
        item = {"InternetGatewayId": gateway, "Attachments": attachments}
        self._add("DescribeInternetGateways", "InternetGateways", item)
        return gateway

    def nat_gateway(self, vpc: str, subnet: str, address: str = "10.0.0.5") -> str:
        nat = self._new("nat")
        item = {
            "NatGatewayId": nat,
            "VpcId": vpc,
            "SubnetId": subnet,
            "State": "available",
            "ConnectivityType": "public",
            "NatGatewayAddresses": [{"PrivateIp": address, "PublicIp": "54.9.9.9"}],
        }
        self._add("DescribeNatGateways", "NatGateways", item)
        return nat

    def endpoint(
        self, vpc: str, service: str = "s3", *interfaces: dict[str, Any], kind: str = "Gateway"
    ) -> str:
        endpoint = self._new("vpce")
        item = {
            "VpcEndpointId": endpoint,
            "VpcEndpointType": kind,
            "VpcId": vpc,
            "ServiceName": f"com.amazonaws.{REGION}.{service}",
            "State": "available",
            "PrivateDnsEnabled": kind == "Interface",
            "NetworkInterfaceIds": [interface["NetworkInterfaceId"] for interface in interfaces],
            "SubnetIds": [interface["SubnetId"] for interface in interfaces],
        }
        self._add("DescribeVpcEndpoints", "VpcEndpoints", item)
        # An endpoint's interfaces are told by the endpoint's own box.
        for interface in interfaces:
            self.drawn.remove(interface["NetworkInterfaceId"])
        return endpoint

    def peering(self, requester: str, accepter: str) -> str:
        peering = self._new("pcx")
        item = {
            "VpcPeeringConnectionId": peering,
            "Status": {"Code": "active"},
            "RequesterVpcInfo": {"VpcId": requester, "CidrBlock": "10.0.0.0/16"},
            "AccepterVpcInfo": {"VpcId": accepter, "CidrBlock": "10.1.0.0/16"},
        }
        self._add("DescribeVpcPeeringConnections", "VpcPeeringConnections", item)
        return peering

    def transit_attachment(self, gateway: str, vpc: str) -> str:
        attachment = self._new("tgw-attach")
        item = {
            "TransitGatewayAttachmentId": attachment,
            "TransitGatewayId": gateway,
            "ResourceType": "vpc",
            "ResourceId": vpc,
            "State": "available",
        }
        self._add("DescribeTransitGatewayAttachments", "TransitGatewayAttachments", item)
        return attachment

    def bucket(self, name: str = BUCKET, policy: Any = None, region: str | None = None) -> str:
        self.buckets[name] = {"LocationConstraint": region, "Policy": policy}
        self.drawn.append(name)
        return name

    def snapshot(self) -> Snapshot:
        name = f"com.amazonaws.{REGION}.s3"
        self.ec2.setdefault("DescribeManagedPrefixLists", {})["PrefixLists"] = [
            {"PrefixListId": S3_LIST, "PrefixListName": name, "OwnerId": "AWS"}
        ]
        entries = {"Entries": [{"Cidr": "52.216.0.0/15"}]}
        self.ec2.setdefault("ManagedPrefixListEntries", {})[S3_LIST] = entries
        for operation, key in _LISTS.items():
            self.ec2.setdefault(operation, {}).setdefault(key, [])
        user = {
            "Arn": ADMINISTRATOR,
            "UserName": "admin",
            "UserPolicyList": [{"PolicyName": "all", "PolicyDocument": _ALLOW_ALL}],
        }
        iam = {"GetAccountAuthorizationDetails": {"UserDetailList": [user]}}
        taken_at = "2026-01-31T12:00:00Z"
        s3 = {"Buckets": self.buckets}
        return Snapshot(ACCOUNT, "aws", REGION, taken_at, self.ec2, s3, iam)


_LISTS = {
    "DescribeVpcEndpoints": "VpcEndpoints",
    "DescribeInternetGateways": "InternetGateways",
    "DescribeNatGateways": "NatGateways",
    "DescribeVpcPeeringConnections": "VpcPeeringConnections",
}


def _route(destination: str, target: str) -> dict[str, str]:
    key = "DestinationPrefixListId" if destination.startswith("pl-") else "DestinationCidrBlock"
    kinds = {"nat": "NatGatewayId", "pcx": "VpcPeeringConnectionId", "tgw": "TransitGatewayId"}
    gone = {"State": "blackhole"} if target.endswith("gone") else {}
    return {key: destination, kinds.get(target.partition("-")[0], "GatewayId"): target, **gone}


def only_over(endpoint: str, bucket: str = BUCKET) -> dict[str, Any]:
    """The lab's bucket policy: nothing but over the endpoint."""
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    statement = {
        "Sid": "OnlyOverTheEndpoint",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": resources,
        "Condition": {"StringNotEquals": {"aws:sourceVpce": endpoint}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=3, max_size=63)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Any account of up to three VPCs with what VPCs have, connected in any way."""
    account = Account()
    vpcs = [account.vpc(f"10.{number}.0.0/16") for number in range(draw(st.integers(0, 3)))]
    targets = ["igw-0gone", "vgw-0123456789abcdef0"]
    if len(vpcs) > 1:
        targets.append(account.peering(vpcs[0], vpcs[1]))
        if draw(st.booleans()):
            targets.append("tgw-0123456789abcdef0")
            account.transit_attachment(targets[-1], vpcs[0])
    for vpc in vpcs:
        _furnish(draw, account, vpc, targets)
    for name in draw(st.lists(names, max_size=4, unique=True)):
        policy = draw(st.sampled_from([None, only_over("vpce-0123456789abcdef0", name)]))
        account.bucket(name, policy, draw(st.sampled_from([None, "EU", "ap-southeast-2"])))
    return account


def _furnish(draw: st.DrawFn, account: Account, vpc: str, targets: list[str]) -> None:
    """Put subnets, gateways, endpoints and instances into a VPC."""
    some = st.integers(0, 3)
    subnets = [account.subnet(vpc) for _ in range(draw(some))]
    group = account.group(vpc)
    gateway = account.internet_gateway(vpc if draw(st.booleans()) else None)
    here = [*targets, gateway, *(account.endpoint(vpc) for _ in range(draw(some)))]
    for subnet in subnets:
        if draw(st.booleans()):
            here.append(account.nat_gateway(vpc, subnet))
        for _ in range(draw(st.sampled_from([0, 0, 1, 2, 3, 5]))):
            state = draw(st.sampled_from(["running", "stopped"]))
            account.instance(vpc, subnet, "10.0.0.10", group, public="54.1.1.1", state=state)
        if draw(st.booleans()):
            account.interface(vpc, subnet, "10.0.0.77", group)
    if subnets:
        for _ in range(draw(st.sampled_from([0, 1, 2, 6]))):
            placed = account.interface(vpc, draw(st.sampled_from(subnets)), "10.0.0.9", group)
            service = draw(st.sampled_from(["s3", "ssm", "ec2messages"]))
            account.endpoint(vpc, service, placed, kind="Interface")
    destinations = ["0.0.0.0/0", S3_LIST, "172.16.0.0/12", "203.0.113.0/24"]
    unused = list(subnets)
    for number in range(draw(st.integers(1, 3))):
        used, unused = unused[:number], unused[number:]
        chosen = draw(st.lists(st.sampled_from(destinations), unique=True))
        routes = {destination: draw(st.sampled_from(here)) for destination in chosen}
        account.route_table(vpc, *used, routes=routes, main=number == 0)
