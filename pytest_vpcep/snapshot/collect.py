"""Collecting a snapshot through boto3: all of it, or one of its parts by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.snapshot import calls
from pytest_vpcep.snapshot.document import NotPermitted, Snapshot
from pytest_vpcep.snapshot.reading import Reading, moment, refuse
from pytest_vpcep.snapshot.selection import filtered_ec2

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import boto3

#: At most so many keys of a bucket are listed, one page of ``ListObjectsV2``; a bucket that has
#: more is marked ``ObjectsTruncated``. Decisions need no keys, people and graders a few.
OBJECT_LIMIT = 1000

_NO_POLICY = frozenset({"NoSuchBucketPolicy"})
_NO_BLOCK = frozenset({"NoSuchPublicAccessBlockConfiguration"})
_ATTRIBUTES = ("enableDnsSupport", "enableDnsHostnames")
_STRICT = Reading(refuse)


def collect(
    session: boto3.Session,
    *,
    region: str,
    vpcs: Collection[str] = (),
    buckets: Collection[str] = (),
    endpoint_url: str | None = None,
    executor: Executor | None = None,
    progress: Callable[[str], None] = lambda _operation: None,
) -> Snapshot:
    """Collect what is configured in the account and Region of a session, read-only.

    Args:
        session: whose credentials to use.
        region: the Region to look at.
        vpcs: ids of the VPCs to keep; empty: all.
        buckets: names of the buckets to keep; empty: all that the account owns.
        endpoint_url: where to send every call instead of AWS.
        executor: where independent calls are made; None: one by one.
        progress: told the operation of each call.

    Raises:
        SnapshotError: a call fails for another reason than its being refused (refused ones are
            on record in ``not_permitted``), or a VPC or bucket asked for is not there.

    """
    gaps: list[NotPermitted] = []
    reading = Reading(gaps.append, progress, executor)
    where = _where(region, endpoint_url)
    account, partition = _caller(session.client("sts", **where), reading)
    return Snapshot(
        account=account,
        partition=partition,
        region=region,
        taken_at=moment(datetime.now(UTC)),
        ec2=collect_ec2(session.client("ec2", **where), vpcs=vpcs, reading=reading),
        s3=collect_s3(session.client("s3", **where), buckets=buckets, reading=reading),
        iam=collect_iam(session.client("iam", **where), reading=reading),
        not_permitted=tuple(sorted(gaps, key=lambda gap: (gap.place, gap.operation))),
    )


def _where(region: str, endpoint_url: str | None) -> dict[str, Any]:
    """Return what every client is made with; one address for all wants buckets in the path."""
    from botocore.config import Config

    config = Config(connect_timeout=10, retries={"mode": "standard"})
    if endpoint_url:
        config = config.merge(Config(s3={"addressing_style": "path"}))
    return {"region_name": region, "endpoint_url": endpoint_url, "config": config}


def _caller(sts: Any, reading: Reading) -> tuple[str, str]:
    identity = Reading(refuse, reading.progress).read(sts, calls.GET_CALLER_IDENTITY, "account")
    if identity is None:
        raise SnapshotError("GetCallerIdentity: no answer; check the credentials (--profile)")
    return identity["Account"], identity["Arn"].split(":")[1]


def collect_ec2(
    client: Any, *, vpcs: Collection[str] = (), reading: Reading = _STRICT
) -> dict[str, Any]:
    """Collect the ``ec2`` part of a snapshot.

    Args:
        client: a boto3 client for ``ec2``.
        vpcs: ids of the VPCs to keep; empty: all.
        reading: where refused calls are recorded; without one they raise.

    Raises:
        SnapshotError: a call fails, or a VPC is not there.

    """
    ec2 = _described(client, calls.DESCRIBES, vpcs, reading)
    _require_all(vpcs, ec2)
    ec2["VpcAttributes"] = _vpc_attributes(client, ec2, reading)
    ec2["TransitGatewayRoutes"] = _transit_gateway_routes(client, ec2, reading)
    ec2["ManagedPrefixListEntries"] = _prefix_list_entries(client, ec2, {}, reading)
    return filtered_ec2(ec2, vpcs) if vpcs else ec2


def refresh_ec2(
    client: Any, ec2: Mapping[str, Any], operations: Iterable[str], *, reading: Reading = _STRICT
) -> dict[str, Any]:
    """Collect again only what calls that change things may have changed.

    Args:
        client: a boto3 client for ``ec2``.
        ec2: the part as it was, of all VPCs.
        operations: the calls made since, such as ``ModifyVpcEndpoint``.
        reading: where refused calls are recorded; without one they raise.

    Raises:
        SnapshotError: a call fails.

    """
    stale = frozenset[str]().union(*map(calls.responses_changed_by, operations))
    if not stale:
        return dict(ec2)
    anew = [call for call in calls.DESCRIBES if call.operation in stale]
    fresh = {**ec2, **_described(client, anew, (), reading)}
    if "DescribeVpcs" in stale:
        fresh["VpcAttributes"] = _vpc_attributes(client, fresh, reading)
    if "DescribeTransitGatewayAttachments" in stale:
        fresh["TransitGatewayRoutes"] = _transit_gateway_routes(client, fresh, reading)
    known = {} if "DescribeManagedPrefixLists" in stale else ec2["ManagedPrefixListEntries"]
    fresh["ManagedPrefixListEntries"] = _prefix_list_entries(client, fresh, known, reading)
    return fresh


def _described(
    client: Any, describes: Iterable[calls.Describe], vpcs: Collection[str], reading: Reading
) -> dict[str, Any]:
    def describe(call: calls.Describe) -> tuple[str, dict[str, Any] | None]:
        only: dict[str, Any] = {}
        if vpcs and call.vpc_filter:
            only[call.filters] = [{"Name": call.vpc_filter, "Values": sorted(vpcs)}]
        return call.operation, reading.read(client, call, f"ec2.{call.operation}", **only)

    answers = reading.each(describe, describes)
    return {operation: answer for operation, answer in answers if answer is not None}


def _require_all(vpcs: Collection[str], ec2: Mapping[str, Any]) -> None:
    if not vpcs or "DescribeVpcs" not in ec2:
        return
    missing = set(vpcs) - {vpc["VpcId"] for vpc in ec2["DescribeVpcs"]["Vpcs"]}
    if missing:
        raise SnapshotError(
            f"there is no VPC {', '.join(sorted(missing))} in this account and Region; "
            "check --vpc, --region and --profile"
        )


def _vpc_attributes(client: Any, ec2: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    def attribute(asked: tuple[str, str]) -> tuple[str, str, bool | None]:
        vpc, name = asked
        answer = reading.read(
            client,
            calls.DESCRIBE_VPC_ATTRIBUTE,
            f"ec2.VpcAttributes.{vpc}.{name}",
            VpcId=vpc,
            Attribute=name,
        )
        value = None if answer is None else answer[name[0].upper() + name[1:]]["Value"]
        return vpc, name, value

    vpcs = [vpc["VpcId"] for vpc in ec2.get("DescribeVpcs", {}).get("Vpcs", ())]
    found: dict[str, Any] = {vpc: {} for vpc in vpcs}
    for vpc, name, value in reading.each(attribute, [(v, a) for v in vpcs for a in _ATTRIBUTES]):
        if value is not None:
            found[vpc][name] = value
    return found


def _transit_gateway_routes(
    client: Any, ec2: Mapping[str, Any], reading: Reading
) -> dict[str, Any]:
    """Return the routes of each transit gateway route table that an attachment uses.

    "SearchTransitGatewayRoutes" (Amazon EC2 API Reference) wants a filter; these are all states.
    """
    states = [{"Name": "state", "Values": ["active", "blackhole"]}]

    def routes(identifier: str) -> tuple[str, dict[str, Any] | None]:
        place = f"ec2.TransitGatewayRoutes.{identifier}"
        call = calls.SEARCH_TRANSIT_GATEWAY_ROUTES
        return identifier, reading.read(
            client, call, place, TransitGatewayRouteTableId=identifier, Filters=states
        )

    listed = ec2.get("DescribeTransitGatewayAttachments", {}).get("TransitGatewayAttachments", ())
    used = (item.get("Association", {}).get("TransitGatewayRouteTableId") for item in listed)
    answers = reading.each(routes, sorted({identifier for identifier in used if identifier}))
    return {identifier: answer for identifier, answer in answers if answer is not None}


def _prefix_list_entries(
    client: Any, ec2: Mapping[str, Any], known: Mapping[str, Any], reading: Reading
) -> dict[str, Any]:
    def entries(identifier: str) -> tuple[str, dict[str, Any] | None]:
        place = f"ec2.ManagedPrefixListEntries.{identifier}"
        call = calls.GET_PREFIX_LIST_ENTRIES
        return identifier, reading.read(client, call, place, PrefixListId=identifier)

    wanted = _prefix_lists_in_use(ec2)
    kept = {identifier: known[identifier] for identifier in wanted if identifier in known}
    answers = reading.each(entries, [name for name in wanted if name not in kept])
    return kept | {identifier: answer for identifier, answer in answers if answer is not None}


def _prefix_lists_in_use(ec2: Mapping[str, Any]) -> list[str]:
    """Return the prefix lists that routes and rules may speak of, each once.

    AWS has a dozen lists of its own; only those of the gateway endpoints' services, and any
    that a route or rule names, lead anywhere.
    """
    wanted: dict[str, None] = {}
    for item in ec2.get("DescribeManagedPrefixLists", {}).get("PrefixLists", ()):
        gateway_service = item["PrefixListName"].endswith((".s3", ".dynamodb"))
        if gateway_service or item.get("OwnerId") != "AWS":
            wanted[item["PrefixListId"]] = None
    for table in ec2.get("DescribeRouteTables", {}).get("RouteTables", ()):
        for route in table.get("Routes", ()):
            if route.get("DestinationPrefixListId"):
                wanted[route["DestinationPrefixListId"]] = None
    for group in ec2.get("DescribeSecurityGroups", {}).get("SecurityGroups", ()):
        for rule in (*group.get("IpPermissions", ()), *group.get("IpPermissionsEgress", ())):
            wanted |= {entry["PrefixListId"]: None for entry in rule.get("PrefixListIds", ())}
    return list(wanted)


def collect_s3(
    client: Any, *, buckets: Collection[str] = (), reading: Reading = _STRICT
) -> dict[str, Any]:
    """Collect the ``s3`` part of a snapshot.

    Args:
        client: a boto3 client for ``s3``.
        buckets: names of the buckets to keep; empty: all that the account owns.
        reading: where refused calls are recorded; without one they raise.

    Raises:
        SnapshotError: a call fails, or a bucket is not there.

    """
    listed = reading.read(client, calls.LIST_BUCKETS, "s3.Buckets")
    owned = None if listed is None else {bucket["Name"] for bucket in listed["Buckets"]}
    missing = set(buckets) - owned if owned is not None else set()
    if missing:
        raise SnapshotError(
            f"the account owns no bucket {', '.join(sorted(missing))}; check --bucket and --profile"
        )
    names = sorted(buckets or owned or ())
    found = reading.each(lambda name: collect_bucket(client, name, reading=reading), names)
    return {"Buckets": dict(zip(names, found, strict=True))}


def collect_bucket(client: Any, name: str, *, reading: Reading = _STRICT) -> dict[str, Any]:
    """Collect one bucket: ``LocationConstraint``, ``Policy``, block public access and keys.

    What was refused is left out of it, so that it can be told from what there is none of (None).

    Args:
        client: a boto3 client for ``s3``.
        name: the bucket's name.
        reading: where refused calls are recorded; without one they raise.

    Raises:
        SnapshotError: a call fails; there may be no such bucket.

    """
    place = f"s3.Buckets.{name}"
    bucket: dict[str, Any] = {}
    key = "LocationConstraint"
    answer = reading.read(client, calls.GET_BUCKET_LOCATION, f"{place}.{key}", Bucket=name)
    if answer is not None:
        bucket[key] = answer.get(key)
    answer = reading.read(
        client, calls.GET_BUCKET_POLICY, f"{place}.Policy", absent=_NO_POLICY, Bucket=name
    )
    if answer is not None:
        bucket["Policy"] = _document(answer["Policy"]) if answer else None
    key = "PublicAccessBlockConfiguration"
    answer = reading.read(
        client, calls.GET_PUBLIC_ACCESS_BLOCK, f"{place}.{key}", absent=_NO_BLOCK, Bucket=name
    )
    if answer is not None:
        bucket[key] = answer.get(key)
    return bucket | _objects(client, name, reading)


def _document(text: str) -> Any:
    """Return a policy as the object its text holds; as it is, where it holds none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _objects(client: Any, name: str, reading: Reading) -> dict[str, Any]:
    answer = reading.read(
        client,
        calls.LIST_OBJECTS,
        f"s3.Buckets.{name}.Objects",
        Bucket=name,
        PaginationConfig={"MaxItems": OBJECT_LIMIT + 1, "PageSize": OBJECT_LIMIT},
    )
    if answer is None:
        return {}
    keys = [item["Key"] for item in answer.get("Contents", ())]
    if len(keys) > OBJECT_LIMIT:
        return {"Objects": keys[:OBJECT_LIMIT], "ObjectsTruncated": True}
    return {"Objects": keys}


def collect_iam(client: Any, *, reading: Reading = _STRICT) -> dict[str, Any]:
    """Collect the ``iam`` part of a snapshot.

    AWS managed policies that nobody has attached are left out; a policy that somebody has, and
    that the response lacks the document of, is asked for by itself.

    Args:
        client: a boto3 client for ``iam``.
        reading: where refused calls are recorded; without one they raise.

    Raises:
        SnapshotError: a call fails.

    """
    key = "GetAccountAuthorizationDetails"
    details = reading.read(client, calls.GET_AUTHORIZATION_DETAILS, f"iam.{key}")
    if details is None:
        return {}
    attached = _attached_policies(details)
    policies = [
        policy
        for policy in details.get("Policies", ())
        if policy["Arn"] in attached or ":iam::aws:" not in policy["Arn"]
    ]
    missing = sorted(attached - {policy["Arn"] for policy in policies})
    asked = reading.each(lambda arn: _managed_policy(client, arn, reading), missing)
    details["Policies"] = [*policies, *(policy for policy in asked if policy is not None)]
    return {key: details}


def _attached_policies(details: Mapping[str, Any]) -> set[str]:
    attached: set[str] = set()
    for kind in ("UserDetailList", "GroupDetailList", "RoleDetailList"):
        for entity in details.get(kind, ()):
            attached |= {
                policy["PolicyArn"] for policy in entity.get("AttachedManagedPolicies", ())
            }
            boundary = entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
            attached |= {boundary} if boundary else set()
    return attached


def _managed_policy(client: Any, arn: str, reading: Reading) -> dict[str, Any] | None:
    place = f"iam.GetAccountAuthorizationDetails.Policies.{arn}"
    answer = reading.read(client, calls.GET_POLICY, place, PolicyArn=arn)
    if answer is None:
        return None
    policy: dict[str, Any] = answer["Policy"]
    version = reading.read(
        client,
        calls.GET_POLICY_VERSION,
        place,
        PolicyArn=arn,
        VersionId=policy["DefaultVersionId"],
    )
    return None if version is None else {**policy, "PolicyVersionList": [version["PolicyVersion"]]}
