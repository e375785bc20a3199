"""An account of a thousand subnets, as a snapshot document: the size the matrix has to bear."""

from __future__ import annotations

from typing import Any

ACCOUNT, REGION, VPC = "111122223333", "us-east-1", "vpc-0"
ENDPOINT, GATEWAY, PREFIX_LIST = "vpce-0", "igw-0", "pl-0"
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def account(
    subnets: int = 1_000, routes: int = 100, instances: int = 10_000, buckets: int = 100
) -> dict[str, Any]:
    """A document in the snapshot's format.

    Args:
        subnets: how many, each with a route table of its own; a third of them has the endpoint,
            a third the internet gateway, the rest neither.
        routes: how many routes each table has.
        instances: how many, spread over the subnets, every other one with a role.
        buckets: how many; the policies of some ask for the endpoint, of some for an address.

    """
    interfaces = [_interface(number, number % subnets) for number in range(instances)]
    return {
        "format": "vpcep-snapshot/1",
        "account": ACCOUNT,
        "partition": "aws",
        "region": REGION,
        "taken_at": "2026-01-31T12:00:00Z",
        "ec2": {
            **_surroundings(),
            "DescribeSubnets": {"Subnets": [_subnet(number) for number in range(subnets)]},
            "DescribeRouteTables": {
                "RouteTables": [_table(number, routes) for number in range(subnets)]
            },
            "DescribeInstances": {
                "Reservations": [
                    {"Instances": [_instance(number, interface)]}
                    for number, interface in enumerate(interfaces)
                ]
            },
            "DescribeNetworkInterfaces": {"NetworkInterfaces": interfaces},
        },
        "s3": {"Buckets": {f"bucket-{number}": _bucket(number) for number in range(buckets)}},
        "iam": {
            "GetAccountAuthorizationDetails": {
                "RoleDetailList": [_role(number) for number in range(20)]
            }
        },
    }


def _address(number: int) -> str:
    return f"10.{number // 65_536}.{number // 256 % 256}.{number % 256}"


def _subnet(number: int) -> dict[str, Any]:
    cidr = f"{_address(number * 64)}/26"
    return {"SubnetId": f"subnet-{number}", "VpcId": VPC, "CidrBlock": cidr}


def _table(number: int, routes: int) -> dict[str, Any]:
    ways = [
        {"DestinationPrefixListId": PREFIX_LIST, "GatewayId": ENDPOINT, "State": "active"},
        {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": GATEWAY, "State": "active"},
        {"DestinationCidrBlock": "192.168.0.0/16", "GatewayId": GATEWAY, "State": "active"},
    ]
    local = {"DestinationCidrBlock": "10.0.0.0/8", "GatewayId": "local", "State": "active"}
    others = [
        {
            "DestinationCidrBlock": f"172.{16 + other // 256}.{other % 256}.0/24",
            "GatewayId": GATEWAY,
            "State": "active",
        }
        for other in range(number, number + routes - 2)
    ]
    return {
        "RouteTableId": f"rtb-{number}",
        "VpcId": VPC,
        "Associations": [{"SubnetId": f"subnet-{number}"}],
        "Routes": [local, ways[number % 3], *others],
    }


def _interface(number: int, subnet: int) -> dict[str, Any]:
    private = _address(subnet * 64 + 4 + number // 1_000)
    public = f"54.{number // 65_536}.{number // 256 % 256}.{number % 256}"
    return {
        "NetworkInterfaceId": f"eni-{number}",
        "VpcId": VPC,
        "SubnetId": f"subnet-{subnet}",
        "PrivateIpAddress": private,
        "Association": {"PublicIp": public} if number % 7 else {},
        "Groups": [{"GroupId": "sg-0"}],
        "Attachment": {"InstanceId": f"i-{number}", "DeviceIndex": 0, "Status": "attached"},
    }


def _instance(number: int, interface: dict[str, Any]) -> dict[str, Any]:
    profile = {"IamInstanceProfile": {"Arn": _profile(number % 20)}} if number % 2 else {}
    return {
        "InstanceId": f"i-{number}",
        "VpcId": VPC,
        "State": {"Name": "running"},
        "NetworkInterfaces": [interface],
        **profile,
    }


def _profile(number: int) -> str:
    return f"arn:aws:iam::{ACCOUNT}:instance-profile/profile-{number}"


def _role(number: int) -> dict[str, Any]:
    statement = [ALLOW] if number % 4 else [{**ALLOW, "Action": "s3:ListBucket"}]
    document = {"Version": "2012-10-17", "Statement": statement}
    return {
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/role-{number}",
        "RoleName": f"role-{number}",
        "RolePolicyList": [{"PolicyName": "use", "PolicyDocument": document}],
        "InstanceProfileList": [{"Arn": _profile(number)}],
    }


def _bucket(number: int) -> dict[str, Any]:
    conditions: list[dict[str, Any]] = [
        {"StringNotEquals": {"aws:SourceVpce": ENDPOINT}},
        {"StringNotEquals": {"aws:SourceVpc": VPC}},
        {"StringEquals": {"aws:PrincipalTag/team": "none"}},
        {"IpAddress": {"aws:SourceIp": "54.0.16.0/20"}},
    ]
    name = f"arn:aws:s3:::bucket-{number}"
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [name, f"{name}/*"],
        # One bucket in a hundred asks for an address, so that its column splits into all of them.
        "Condition": conditions[3 if number % 100 == 99 else number % 3],
    }
    return {
        "LocationConstraint": None,
        "Policy": {"Version": "2012-10-17", "Statement": [deny]},
    }


def _surroundings() -> dict[str, Any]:
    entry = {"CidrBlock": "0.0.0.0/0", "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 100}
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    s3 = f"com.amazonaws.{REGION}.s3"
    attachment = {"VpcId": VPC, "State": "available"}
    return {
        "DescribeVpcs": {"Vpcs": [{"VpcId": VPC, "CidrBlock": "10.0.0.0/8"}]},
        "VpcAttributes": {VPC: {"enableDnsSupport": True, "enableDnsHostnames": True}},
        "DescribeVpcEndpoints": {
            "VpcEndpoints": [
                {
                    "VpcEndpointId": ENDPOINT,
                    "VpcEndpointType": "Gateway",
                    "VpcId": VPC,
                    "ServiceName": s3,
                    "State": "available",
                    "PolicyDocument": {"Statement": [{**ALLOW, "Principal": "*", "Action": "*"}]},
                }
            ]
        },
        "DescribeSecurityGroups": {
            "SecurityGroups": [
                {"GroupId": "sg-0", "VpcId": VPC, "IpPermissionsEgress": [everything]}
            ]
        },
        "DescribeNetworkAcls": {
            "NetworkAcls": [
                {
                    "NetworkAclId": "acl-0",
                    "VpcId": VPC,
                    "IsDefault": True,
                    "Entries": [{**entry, "Egress": egress} for egress in (True, False)],
                }
            ]
        },
        "DescribeInternetGateways": {
            "InternetGateways": [{"InternetGatewayId": GATEWAY, "Attachments": [attachment]}]
        },
        "DescribeNatGateways": {"NatGateways": []},
        "DescribeManagedPrefixLists": {
            "PrefixLists": [{"PrefixListId": PREFIX_LIST, "PrefixListName": s3}]
        },
        "ManagedPrefixListEntries": {
            PREFIX_LIST: {"Entries": [{"Cidr": "52.216.0.0/15"}, {"Cidr": "3.5.0.0/19"}]}
        },
    }
