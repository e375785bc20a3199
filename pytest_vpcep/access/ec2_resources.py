"""Resource ARNs that Amazon EC2 operations act on.

Source: "Actions, resources, and condition keys for Amazon EC2" (Service Authorization Reference).
EC2 authorizes each resource of a request by itself: those it names, and those it creates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_vpcep.access.api_resources import Caller, Parameters, Resource
from pytest_vpcep.access.authorization import partition_of

#: Resource types by the prefix of their ids.
_TYPES = {
    "acl": "network-acl",
    "ami": "image",
    "dopt": "dhcp-options",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "vgw": "vpn-gateway",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
    "vpce-svc": "vpc-endpoint-service",
}

#: Types whose ARNs name no account, as anybody's may be used.
_WITHOUT_ACCOUNT = frozenset({"image", "snapshot"})

_ID = re.compile(r"^(?P<prefix>[a-z]+(?:-svc)?)-[0-9a-f]{8,17}$")

#: Action to the resource types it can be limited to; of a request's ids only these count.
_SUPPORTED = {
    "AcceptVpcPeeringConnection": ("vpc", "vpc-peering-connection"),
    "AllocateAddress": ("elastic-ip",),
    "AssociateAddress": ("elastic-ip", "instance", "network-interface"),
    "AssociateIamInstanceProfile": ("instance",),
    "AssociateRouteTable": ("internet-gateway", "route-table", "subnet", "vpn-gateway"),
    "AttachInternetGateway": ("internet-gateway", "vpc"),
    "AttachNetworkInterface": ("instance", "network-interface"),
    "AuthorizeSecurityGroupEgress": ("security-group",),
    "AuthorizeSecurityGroupIngress": ("security-group",),
    "CreateInternetGateway": ("internet-gateway",),
    "CreateKeyPair": ("key-pair",),
    "CreateNatGateway": ("elastic-ip", "natgateway", "subnet", "vpc"),
    "CreateNetworkAcl": ("network-acl", "vpc"),
    "CreateNetworkAclEntry": ("network-acl",),
    "CreateNetworkInterface": ("network-interface", "security-group", "subnet"),
    "CreateRoute": ("route-table",),
    "CreateRouteTable": ("route-table", "vpc"),
    "CreateSecurityGroup": ("security-group", "vpc"),
    "CreateSubnet": ("subnet", "vpc"),
    "CreateTags": tuple(_TYPES.values()),
    "CreateVpc": ("vpc",),
    "CreateVpcEndpoint": ("route-table", "security-group", "subnet", "vpc", "vpc-endpoint"),
    "CreateVpcPeeringConnection": ("vpc", "vpc-peering-connection"),
    "DeleteInternetGateway": ("internet-gateway",),
    "DeleteKeyPair": ("key-pair",),
    "DeleteNatGateway": ("natgateway",),
    "DeleteNetworkAcl": ("network-acl",),
    "DeleteNetworkAclEntry": ("network-acl",),
    "DeleteNetworkInterface": ("network-interface",),
    "DeleteRoute": ("route-table",),
    "DeleteRouteTable": ("route-table",),
    "DeleteSecurityGroup": ("security-group",),
    "DeleteSubnet": ("subnet",),
    "DeleteTags": tuple(_TYPES.values()),
    "DeleteVpc": ("vpc",),
    "DeleteVpcEndpoints": ("vpc-endpoint",),
    "DeleteVpcPeeringConnection": ("vpc-peering-connection",),
    "DescribeImageAttribute": ("image",),
    "DescribeInstanceAttribute": ("instance",),
    "DescribeSecurityGroupReferences": ("security-group",),
    "DescribeSnapshotAttribute": ("snapshot",),
    "DescribeVolumeAttribute": ("volume",),
    "DescribeVpcAttribute": ("vpc",),
    "DetachInternetGateway": ("internet-gateway", "vpc"),
    "GetConsoleOutput": ("instance",),
    "ModifyInstanceAttribute": ("instance", "security-group", "volume"),
    "ModifyNetworkInterfaceAttribute": ("network-interface", "security-group"),
    "ModifySubnetAttribute": ("subnet",),
    "ModifyVpcAttribute": ("vpc",),
    "ModifyVpcEndpoint": ("route-table", "security-group", "subnet", "vpc-endpoint"),
    "RebootInstances": ("instance",),
    "ReleaseAddress": ("elastic-ip",),
    "ReplaceNetworkAclEntry": ("network-acl",),
    "ReplaceRoute": ("route-table",),
    "RevokeSecurityGroupEgress": ("security-group",),
    "RevokeSecurityGroupIngress": ("security-group",),
    "RunInstances": (
        "image",
        "instance",
        "key-pair",
        "launch-template",
        "network-interface",
        "security-group",
        "snapshot",
        "subnet",
        "volume",
    ),
    "StartInstances": ("instance",),
    "StopInstances": ("instance",),
    "TerminateInstances": ("instance",),
}

#: Action to the resource types it creates, which have no id yet.
_CREATED = {
    "AllocateAddress": ("elastic-ip",),
    "CreateInternetGateway": ("internet-gateway",),
    "CreateNatGateway": ("natgateway",),
    "CreateNetworkAcl": ("network-acl",),
    "CreateNetworkInterface": ("network-interface",),
    "CreateRouteTable": ("route-table",),
    "CreateSecurityGroup": ("security-group",),
    "CreateSubnet": ("subnet",),
    "CreateVpc": ("vpc",),
    "CreateVpcEndpoint": ("vpc-endpoint",),
    "CreateVpcPeeringConnection": ("vpc-peering-connection",),
    "RunInstances": ("instance", "network-interface", "volume"),
}

_TAG_TYPE = re.compile(r"^TagSpecification\.\d+\.ResourceType$")


def ec2_resources(name: str, parameters: Parameters, caller: Caller) -> Iterator[Resource]:
    """Say which resources an EC2 operation acts on: those named, and ``TYPE/*`` of those made.

    What a request leaves to a default (a VPC's default security group, the subnet of a default
    VPC) is not among them.
    """
    supported = _SUPPORTED.get(name)
    if supported is None:
        if name.startswith("Describe"):
            yield "*", None
        else:
            yield "*", "the resources of this EC2 action are not among those known here"
        return
    found = dict.fromkeys(
        [
            *_named(parameters, supported, caller),
            *(_arn(kind, "*", caller) for kind in _CREATED.get(name, ())),
        ]
    )
    for resource in found:
        yield resource, None
    if not found:
        yield "*", "the request names its resource otherwise than by id"


def tagged_on_creation(name: str, parameters: Parameters, caller: Caller) -> Iterator[str]:
    """ARNs of the new resources that a creating request tags, each asked of ``ec2:CreateTags``."""
    if name not in _CREATED:
        return
    for parameter, value in parameters.items():
        if _TAG_TYPE.match(parameter) and isinstance(value, str):
            yield _arn(value, "*", caller)


def _named(parameters: Parameters, supported: tuple[str, ...], caller: Caller) -> Iterator[str]:
    for parameter, value in parameters.items():
        if not isinstance(value, str):
            continue
        match = _ID.match(value)
        kind = _TYPES.get(match["prefix"]) if match else None
        if kind in supported:
            yield _arn(kind, value, caller)
        elif parameter == "KeyName" and "key-pair" in supported:
            yield _arn("key-pair", value, caller)


def _arn(kind: str, identifier: str, caller: Caller) -> str:
    if kind in _WITHOUT_ACCOUNT:
        return f"arn:{partition_of(caller.region)}:ec2:{caller.region}::{kind}/{identifier}"
    return caller.arn("ec2", f"{kind}/{identifier}")
