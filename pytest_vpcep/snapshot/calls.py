"""The read-only calls a snapshot is made of: what collecting does, and what permissions it needs.

Actions and the resources they are granted on are those of the Service Authorization Reference;
the S3 ones are in "Required permissions for Amazon S3 API operations" (Amazon S3 User Guide).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """One API operation.

    Args:
        operation: its name, such as ``DescribeVpcs``.
        action: the IAM action that permits it; None where none is needed.
        resource: what the action is granted on, with ``{partition}``, ``{region}``,
            ``{account}``, ``{vpc}`` and ``{bucket}`` to fill in.

    """

    operation: str
    action: str | None
    resource: str = "*"


@dataclass(frozen=True)
class Describe(Call):
    """An EC2 operation that lists resources of one kind.

    Args:
        key: the response's list.
        vpc_filter: the filter that keeps those of given VPCs; None where there is none.
        filters: the request parameter filters go in.

    """

    key: str = ""
    vpc_filter: str | None = None
    filters: str = "Filters"


def _describe(
    operation: str, key: str, vpc_filter: str | None = "vpc-id", filters: str = "Filters"
) -> Describe:
    return Describe(operation, f"ec2:{operation}", "*", key, vpc_filter, filters)


DESCRIBES = (
    _describe("DescribeVpcs", "Vpcs"),
    _describe("DescribeSubnets", "Subnets"),
    _describe("DescribeRouteTables", "RouteTables"),
    _describe("DescribeVpcEndpoints", "VpcEndpoints"),
    _describe("DescribeInstances", "Reservations"),
    _describe("DescribeNetworkInterfaces", "NetworkInterfaces"),
    _describe("DescribeSecurityGroups", "SecurityGroups"),
    _describe("DescribeNetworkAcls", "NetworkAcls"),
    _describe("DescribeInternetGateways", "InternetGateways", "attachment.vpc-id"),
    _describe("DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways", None),
    _describe("DescribeNatGateways", "NatGateways", "vpc-id", "Filter"),
    _describe("DescribeVpcPeeringConnections", "VpcPeeringConnections", None),
    _describe("DescribeVpnGateways", "VpnGateways", "attachment.vpc-id"),
    _describe("DescribeTransitGatewayAttachments", "TransitGatewayAttachments", None),
    _describe("DescribeTransitGatewayVpcAttachments", "TransitGatewayVpcAttachments", None),
    _describe("DescribeManagedPrefixLists", "PrefixLists", None),
)

GET_PREFIX_LIST_ENTRIES = Call(
    "GetManagedPrefixListEntries",
    "ec2:GetManagedPrefixListEntries",
    "arn:{partition}:ec2:{region}:*:prefix-list/*",
)
SEARCH_TRANSIT_GATEWAY_ROUTES = Call(
    "SearchTransitGatewayRoutes",
    "ec2:SearchTransitGatewayRoutes",
    "arn:{partition}:ec2:{region}:*:transit-gateway-route-table/*",
)
DESCRIBE_VPC_ATTRIBUTE = Call(
    "DescribeVpcAttribute",
    "ec2:DescribeVpcAttribute",
    "arn:{partition}:ec2:{region}:{account}:vpc/{vpc}",
)

LIST_BUCKETS = Call("ListBuckets", "s3:ListAllMyBuckets")

_BUCKET = "arn:{partition}:s3:::{bucket}"
GET_BUCKET_LOCATION = Call("GetBucketLocation", "s3:GetBucketLocation", _BUCKET)
GET_BUCKET_POLICY = Call("GetBucketPolicy", "s3:GetBucketPolicy", _BUCKET)
GET_PUBLIC_ACCESS_BLOCK = Call("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", _BUCKET)
LIST_OBJECTS = Call("ListObjectsV2", "s3:ListBucket", _BUCKET)

GET_AUTHORIZATION_DETAILS = Call(
    "GetAccountAuthorizationDetails", "iam:GetAccountAuthorizationDetails"
)
_MANAGED_POLICY = "arn:{partition}:iam::*:policy/*"
GET_POLICY = Call("GetPolicy", "iam:GetPolicy", _MANAGED_POLICY)
GET_POLICY_VERSION = Call("GetPolicyVersion", "iam:GetPolicyVersion", _MANAGED_POLICY)

# "GetCallerIdentity" (AWS STS API Reference): no permissions are required.
GET_CALLER_IDENTITY = Call("GetCallerIdentity", None)

CALLS: tuple[Call, ...] = (
    *DESCRIBES,
    GET_PREFIX_LIST_ENTRIES,
    SEARCH_TRANSIT_GATEWAY_ROUTES,
    DESCRIBE_VPC_ATTRIBUTE,
    LIST_BUCKETS,
    GET_BUCKET_LOCATION,
    GET_BUCKET_POLICY,
    GET_PUBLIC_ACCESS_BLOCK,
    LIST_OBJECTS,
    GET_AUTHORIZATION_DETAILS,
    GET_POLICY,
    GET_POLICY_VERSION,
    GET_CALLER_IDENTITY,
)


#: What calls that change things may change, by a word in their names; the first that fits counts.
#: Interfaces that come and go change a subnet's ``AvailableIpAddressCount``.
_CHANGES = (
    (
        "TransitGateway",
        ("TransitGatewayAttachments", "TransitGatewayVpcAttachments", "RouteTables"),
    ),
    ("VpcEndpoint", ("VpcEndpoints", "RouteTables", "NetworkInterfaces", "Subnets")),
    ("VpcPeeringConnection", ("VpcPeeringConnections", "RouteTables")),
    ("Route", ("RouteTables", "VpcEndpoints")),
    ("SecurityGroup", ("SecurityGroups", "NetworkInterfaces", "Instances", "VpcEndpoints")),
    ("NetworkAcl", ("NetworkAcls",)),
    ("PrefixList", ("ManagedPrefixLists", "RouteTables", "SecurityGroups")),
    ("NatGateway", ("NatGateways", "RouteTables", "NetworkInterfaces", "Subnets")),
    ("VpnGateway", ("VpnGateways", "RouteTables")),
    ("InternetGateway", ("InternetGateways", "EgressOnlyInternetGateways", "RouteTables")),
    ("Instance", ("Instances", "NetworkInterfaces", "RouteTables", "Subnets")),
    ("KeyPair", ()),
)


def responses_changed_by(operation: str) -> frozenset[str]:
    """Return the EC2 responses that a call may have changed; all of them for an unknown one.

    Args:
        operation: the call, such as ``ModifyVpcEndpoint``.

    """
    for word, changed in _CHANGES:
        if word in operation:
            return frozenset(f"Describe{name}" for name in changed)
    return frozenset(call.operation for call in DESCRIBES)
