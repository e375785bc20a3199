"""A small snapshot for the commands: an instance without a way out, and a bucket."""

from __future__ import annotations

from typing import Any

ACCOUNT = "123456789012"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:user/admin"
BUCKET = "lab-bucket"


def snapshot_document() -> dict[str, Any]:
    """A subnet without any route out, an instance in it, and a bucket that all may use."""
    vpc, subnet, group, instance = "vpc-1", "subnet-1", "sg-1", "i-1"
    interface = {
        "NetworkInterfaceId": "eni-1",
        "VpcId": vpc,
        "SubnetId": subnet,
        "PrivateIpAddress": "10.0.0.4",
        "Groups": [{"GroupId": group}],
        "Attachment": {"InstanceId": instance, "DeviceIndex": 0, "Status": "attached"},
    }
    everything = {"CidrBlock": "0.0.0.0/0", "Protocol": "-1", "RuleAction": "allow"}
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return {
        "format": "vpcep-snapshot/1",
        "account": ACCOUNT,
        "partition": "aws",
        "region": "us-east-1",
        "taken_at": "2026-01-31T12:00:00Z",
        "ec2": {
            "DescribeVpcs": {"Vpcs": [{"VpcId": vpc, "CidrBlock": "10.0.0.0/16"}]},
            "VpcAttributes": {vpc: {"enableDnsSupport": True, "enableDnsHostnames": True}},
            "DescribeSubnets": {
                "Subnets": [{"SubnetId": subnet, "VpcId": vpc, "CidrBlock": "10.0.0.0/24"}]
            },
            "DescribeRouteTables": {
                "RouteTables": [
                    {
                        "RouteTableId": "rtb-1",
                        "VpcId": vpc,
                        "Associations": [{"Main": True}],
                        "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}],
                    }
                ]
            },
            "DescribeVpcEndpoints": {"VpcEndpoints": []},
            "DescribeInstances": {
                "Reservations": [
                    {
                        "Instances": [
                            {
                                "InstanceId": instance,
                                "VpcId": vpc,
                                "State": {"Name": "running"},
                                "NetworkInterfaces": [interface],
                            }
                        ]
                    }
                ]
            },
            "DescribeNetworkInterfaces": {"NetworkInterfaces": [interface]},
            "DescribeSecurityGroups": {
                "SecurityGroups": [
                    {
                        "GroupId": group,
                        "VpcId": vpc,
                        "IpPermissionsEgress": [
                            {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
                        ],
                    }
                ]
            },
            "DescribeNetworkAcls": {
                "NetworkAcls": [
                    {
                        "NetworkAclId": "acl-1",
                        "VpcId": vpc,
                        "IsDefault": True,
                        "Entries": [
                            {**everything, "RuleNumber": 100, "Egress": egress}
                            for egress in (True, False)
                        ],
                    }
                ]
            },
            "DescribeInternetGateways": {"InternetGateways": []},
            "DescribeNatGateways": {"NatGateways": []},
            "DescribeManagedPrefixLists": {"PrefixLists": []},
        },
        "s3": {"Buckets": {BUCKET: {"LocationConstraint": None, "Policy": None}}},
        "iam": {
            "GetAccountAuthorizationDetails": {
                "UserDetailList": [
                    {
                        "Arn": ADMINISTRATOR,
                        "UserName": "admin",
                        "UserPolicyList": [
                            {
                                "PolicyName": "all",
                                "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]},
                            }
                        ],
                    }
                ]
            }
        },
    }
