"""Accounts for the matrix, drawn by Hypothesis: ways out, roles, and policies that ask for both."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pytest_vpcep.snapshot import Snapshot

ACCOUNT, VPC, ENDPOINT = "111122223333", "vpc-1", "vpce-1"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:user/admin"
WAYS = ("endpoint", "public", "nat", "isolated", "unknown")
ROLES = ("app", "ops")
PUBLIC = ("54.1.1.1", "54.1.1.2")


def instance_session(role: str, number: int) -> str:
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/i-{number}"


#: Conditions, each on something else that tells requests apart, or that is not known.
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"StringNotEquals": {"aws:SourceVpce": ENDPOINT}},
    {"StringEquals": {"aws:SourceVpc": VPC}},
    {"StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-2"}},
    {"NotIpAddress": {"aws:SourceIp": f"{PUBLIC[0]}/32"}},
    {"IpAddress": {"AWS:SOURCEIP": f"{PUBLIC[1]}/32"}},
    {"IpAddress": {"aws:VpcSourceIp": "10.0.0.1/32"}},
    {"NotIpAddressIfExists": {"aws:VpcSourceIp": "10.0.0.2/32"}},
    {"StringEquals": {"aws:PrincipalTag/team": "app"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/team/app"}},
    {"StringNotEqualsIfExists": {"aws:Ec2InstanceSourcePrivateIPv4": "${aws:VpcSourceIp}"}},
    {"StringNotEquals": {"aws:EC2InstanceSourceVPC": "${aws:SourceVpc}"}},
    {"StringEquals": {"aws:Ec2InstanceSourcePrivateIPv4": "10.0.0.1"}},
    {"ArnLike": {"ec2:SourceInstanceARN": f"arn:aws:ec2:*:{ACCOUNT}:instance/i-1"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
    {"StringLike": {"aws:PrincipalArn": "*/${aws:PrincipalTag/team, 'none'}"}},
)
PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": ACCOUNT},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:role/team/app"},
    {"AWS": instance_session("app", 1)},
    {"AWS": [instance_session("ops", 0), ADMINISTRATOR]},
)
_EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
FULL = {"Statement": [{**_EVERYTHING, "Principal": "*"}]}
ALL = {"Version": "2012-10-17", "Statement": [_EVERYTHING]}
RESOURCES = ("arn:aws:s3:::{}", "arn:aws:s3:::{}/*", "arn:aws:s3:::{}/${{aws:SourceIp}}", "*")


def statements(*, for_principals: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Statements of a bucket's or endpoint's policy, or of an identity-based one."""
    common: dict[str, st.SearchStrategy[Any]] = {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.sampled_from(["s3:*", "s3:ListBucket", "s3:Get*"]),
        "Resource": st.sampled_from(RESOURCES),
        "Condition": st.sampled_from(CONDITIONS),
    }
    if for_principals:
        common["Principal"] = st.sampled_from(PRINCIPALS)
    return st.fixed_dictionaries(common)


def policies(*, for_principals: bool) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "Version": st.just("2012-10-17"),
            "Statement": st.lists(
                statements(for_principals=for_principals), min_size=1, max_size=3
            ),
        }
    )


def _instances() -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(
        st.fixed_dictionaries(
            {
                "way": st.sampled_from(["endpoint", "endpoint", "public", "public", *WAYS]),
                "public": st.sampled_from([*PUBLIC, None]),
                "profile": st.sampled_from([*ROLES, "app", "app", "of-no-role", None]),
                "state": st.sampled_from(["running", "running", "running", "stopped"]),
            }
        ),
        min_size=1,
        max_size=6,
    )


def _buckets() -> st.SearchStrategy[list[dict[str, Any]]]:
    location = st.sampled_from([None, None, "eu-west-1"])
    block = {"PublicAccessBlockConfiguration": st.just({"RestrictPublicBuckets": True})}
    return st.lists(
        st.one_of(
            st.fixed_dictionaries(
                {"LocationConstraint": location, "Policy": policies(for_principals=True)},
                optional=block,
            ),
            st.fixed_dictionaries({"LocationConstraint": location}, optional={"Policy": st.none()}),
        ),
        min_size=1,
        max_size=3,
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Snapshots of a few instances and buckets."""
    buckets = {
        f"bucket-{number}": _named(bucket, f"bucket-{number}")
        for number, bucket in enumerate(draw(_buckets()))
    }
    mostly_full = st.one_of(st.just(FULL), st.just(FULL), policies(for_principals=True))
    mostly_all = st.one_of(st.just(ALL), policies(for_principals=False))
    known = identities([draw(mostly_all) for _ in ROLES])
    return account(
        network(draw(_instances()), _filled(draw(mostly_full), "bucket-0")),
        buckets,
        draw(st.sampled_from([known, known, known, known, {}])),
    )


def account(ec2: dict[str, Any], buckets: dict[str, Any], iam: dict[str, Any]) -> Snapshot:
    return Snapshot(
        account=ACCOUNT,
        partition="aws",
        region="us-east-1",
        taken_at="2026-01-31T12:00:00Z",
        ec2=ec2,
        s3={"Buckets": buckets},
        iam=iam,
    )


def pairs_of_instances() -> list[dict[str, Any]]:
    """Instances of which two and two differ in nothing but address and name."""
    alike = {"state": "running", "profile": "app"}
    return [
        {**alike, "way": "endpoint", "public": None},
        {**alike, "way": "endpoint", "public": None},
        {**alike, "way": "public", "public": PUBLIC[0]},
        {**alike, "way": "public", "public": PUBLIC[1]},
        {**alike, "way": "nat", "public": None},
        {**alike, "way": "nat", "public": None},
        {**alike, "way": "endpoint", "public": None, "profile": "ops"},
        {**alike, "way": "endpoint", "public": None, "profile": None},
    ]


def account_of_pairs(asked: dict[str, Any], of: str) -> Snapshot:
    """An account of pairs whose bucket's, endpoint's or role's policy holds a statement more.

    Args:
        asked: the statement, with Principal.
        of: ``bucket``, ``endpoint`` or ``role``.

    """
    full, everything = FULL["Statement"], ALL["Statement"]
    own = {key: value for key, value in asked.items() if key != "Principal"}
    denies = asked["Effect"] == "Deny"
    endpoint = [*full, asked] if denies else [asked]
    role = [*everything, own] if denies else [own]
    if of == "bucket" and not denies:
        # Where the role's own policy allows, it shows in no outcome that the bucket's does too.
        everything = [{**_EVERYTHING, "Action": "ec2:*"}]
    written: dict[str, dict[str, Any]] = {
        name: {"Version": "2012-10-17", "Statement": statements}
        for name, statements in (
            ("bucket", [asked]),
            ("endpoint", endpoint if of == "endpoint" else full),
            ("role", role if of == "role" else everything),
        )
    }
    policy = _filled(written["bucket"], "bucket-0") if of == "bucket" else None
    return account(
        network(pairs_of_instances(), _filled(written["endpoint"], "bucket-0")),
        {"bucket-0": {"LocationConstraint": None, "Policy": policy}},
        identities([written["role"], ALL]),
    )


def _named(bucket: dict[str, Any], name: str) -> dict[str, Any]:
    return {**bucket, "Policy": _filled(bucket["Policy"], name)} if bucket.get("Policy") else bucket


def _filled(policy: dict[str, Any], name: str) -> dict[str, Any]:
    filled = [
        {**statement, "Resource": statement["Resource"].format(name)}
        for statement in policy["Statement"]
    ]
    return {**policy, "Statement": filled}


def identities(roles: list[dict[str, Any]]) -> dict[str, Any]:
    """An administrator, and a role with an instance profile for each policy."""
    return {
        "GetAccountAuthorizationDetails": {
            "UserDetailList": [
                {
                    "Arn": ADMINISTRATOR,
                    "UserName": "admin",
                    "UserPolicyList": [{"PolicyName": "all", "PolicyDocument": ALL}],
                }
            ],
            "RoleDetailList": [
                {
                    "Arn": f"arn:aws:iam::{ACCOUNT}:role/team/{name}",
                    "RoleName": name,
                    "Tags": [{"Key": "team", "Value": name}],
                    "RolePolicyList": [
                        {"PolicyName": "own", "PolicyDocument": _filled(policy, "bucket-0")}
                    ],
                    "InstanceProfileList": [{"Arn": _profile(name)}],
                }
                for name, policy in zip(ROLES, roles, strict=True)
            ],
        }
    }


def _profile(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:instance-profile/{name}"


def network(instances: list[dict[str, Any]], endpoint_policy: dict[str, Any]) -> dict[str, Any]:
    """A VPC with a subnet for each way out, and instances in them."""
    interfaces = [_interface(number, one) for number, one in enumerate(instances)]
    entry = {"CidrBlock": "0.0.0.0/0", "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 100}
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    lists = [f"com.amazonaws.{region}.s3" for region in ("us-east-1", "eu-west-1")]
    return {
        "DescribeVpcs": {"Vpcs": [{"VpcId": VPC, "CidrBlock": "10.0.0.0/16"}]},
        "VpcAttributes": {VPC: {"enableDnsSupport": True, "enableDnsHostnames": True}},
        "DescribeSubnets": {
            "Subnets": [
                {"SubnetId": f"subnet-{way}", "VpcId": VPC, "CidrBlock": f"10.0.{number}.0/24"}
                for number, way in enumerate(WAYS)
            ]
        },
        "DescribeRouteTables": {"RouteTables": [_table(way) for way in WAYS]},
        "DescribeVpcEndpoints": {
            "VpcEndpoints": [
                {
                    "VpcEndpointId": ENDPOINT,
                    "VpcEndpointType": "Gateway",
                    "VpcId": VPC,
                    "ServiceName": lists[0],
                    "State": "available",
                    "PolicyDocument": endpoint_policy,
                }
            ]
        },
        "DescribeInstances": {
            "Reservations": [
                {"Instances": [_instance(number, one, interfaces[number])]}
                for number, one in enumerate(instances)
            ]
        },
        "DescribeNetworkInterfaces": {"NetworkInterfaces": interfaces},
        "DescribeSecurityGroups": {
            "SecurityGroups": [
                {"GroupId": "sg-1", "VpcId": VPC, "IpPermissionsEgress": [everything]}
            ]
        },
        "DescribeNetworkAcls": {
            "NetworkAcls": [
                {
                    "NetworkAclId": "acl-1",
                    "VpcId": VPC,
                    "IsDefault": True,
                    "Entries": [{**entry, "Egress": egress} for egress in (True, False)],
                }
            ]
        },
        "DescribeInternetGateways": {
            "InternetGateways": [
                {
                    "InternetGatewayId": "igw-1",
                    "Attachments": [{"VpcId": VPC, "State": "available"}],
                }
            ]
        },
        "DescribeNatGateways": {"NatGateways": [_nat_gateway()]},
        "DescribeManagedPrefixLists": {
            "PrefixLists": [
                {"PrefixListId": f"pl-{number}", "PrefixListName": name}
                for number, name in enumerate(lists)
            ]
        },
        "ManagedPrefixListEntries": {
            "pl-0": {"Entries": [{"Cidr": "52.216.0.0/15"}]},
            "pl-1": {"Entries": [{"Cidr": "3.5.0.0/19"}]},
        },
    }


def _table(way: str) -> dict[str, Any]:
    internet = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
    ways: dict[str, list[dict[str, Any]]] = {
        "endpoint": [
            {"DestinationPrefixListId": "pl-0", "GatewayId": ENDPOINT, "State": "active"},
            internet,
        ],
        "public": [internet],
        "nat": [{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}],
        "isolated": [],
        "unknown": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "vgw-1", "State": "active"}],
    }
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
    return {
        "RouteTableId": f"rtb-{way}",
        "VpcId": VPC,
        "Associations": [{"SubnetId": f"subnet-{way}"}],
        "Routes": [local, *ways[way]],
    }


def _nat_gateway() -> dict[str, Any]:
    address = {"PrivateIp": "10.0.1.200", "PublicIp": PUBLIC[0], "NetworkInterfaceId": "eni-nat"}
    return {
        "NatGatewayId": "nat-1",
        "VpcId": VPC,
        "SubnetId": "subnet-public",
        "State": "available",
        "ConnectivityType": "public",
        "NatGatewayAddresses": [address],
    }


def _interface(number: int, described: dict[str, Any]) -> dict[str, Any]:
    public = {"Association": {"PublicIp": described["public"]}} if described["public"] else {}
    return {
        "NetworkInterfaceId": f"eni-{number}",
        "VpcId": VPC,
        "SubnetId": f"subnet-{described['way']}",
        # No subnet's block holds all of these; nothing here comes back by address.
        "PrivateIpAddress": f"10.0.0.{number}",
        "Groups": [{"GroupId": "sg-1"}],
        "Attachment": {"InstanceId": f"i-{number}", "DeviceIndex": 0, "Status": "attached"},
        **public,
    }


def _instance(number: int, described: dict[str, Any], interface: dict[str, Any]) -> dict[str, Any]:
    profile = described["profile"]
    return {
        "InstanceId": f"i-{number}",
        "VpcId": VPC,
        "State": {"Name": described["state"]},
        "NetworkInterfaces": [interface],
        **({"IamInstanceProfile": {"Arn": _profile(profile)}} if profile else {}),
    }
