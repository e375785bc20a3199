"""Changes of the policies that decide a request: of the endpoint, the bucket, and who asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_vpcep.access.configuration_change import Change, rows, with_row
from pytest_vpcep.access.statement_changes import Way, statement_changes

if TYPE_CHECKING:
    from pytest_vpcep.access.request import Decision
    from pytest_vpcep.policy import Policy
    from pytest_vpcep.snapshot import Snapshot

_DETAILS = "GetAccountAuthorizationDetails"


def policy_changes(decision: Decision) -> Iterator[Change]:
    """Yield the changes of policies; none for a request that reached no policy.

    Args:
        decision: the decision whose outcome might change.

    """
    if decision.evaluation is not None:
        yield from _endpoint_changes(decision)
        yield from _bucket_changes(decision)
        yield from _identity_changes(decision)


def _endpoint_changes(decision: Decision) -> Iterator[Change]:
    snapshot = decision.snapshot
    crossed = decision.path.endpoint if decision.path else None
    if crossed is None:
        return

    def with_policy(document: Mapping[str, Any]) -> Snapshot:
        return _with_endpoint_policy(snapshot, crossed, document)

    name = f"the policy of endpoint {crossed}"
    yield from _statement_changes(decision, snapshot.endpoint_policy(crossed), name, with_policy)
    for effect, sentence in (
        ("Allow", f"give endpoint {crossed} the full-access policy"),
        ("Deny", f"deny everything in {name}"),
    ):
        statement = {"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*"}
        changed = with_policy({"Version": "2008-10-17", "Statement": [statement]})
        # Only where no change of its first statement does.
        purpose = _purpose(name, 0)
        yield Change.to_policies(sentence, changed, decision.vantage, purpose=purpose)


def _with_endpoint_policy(
    snapshot: Snapshot, endpoint: str, document: Mapping[str, Any]
) -> Snapshot:
    changed = snapshot
    for row in rows(snapshot, "DescribeVpcEndpoints", "VpcEndpoints"):
        if row["VpcEndpointId"] == endpoint:
            put = {**row, "PolicyDocument": json.dumps(document)}
            changed = with_row(
                snapshot, "DescribeVpcEndpoints", "VpcEndpoints", "VpcEndpointId", put
            )
    return changed


def _bucket_changes(decision: Decision) -> Iterator[Change]:
    snapshot, name = decision.snapshot, decision.request.bucket
    if name is None or name not in snapshot.buckets:
        return

    def with_policy(document: Mapping[str, Any]) -> Snapshot:
        return _with_bucket(snapshot, name, {"Policy": document or None})

    policy = snapshot.bucket_policy(name)
    yield from _statement_changes(decision, policy, f"the policy of bucket {name}", with_policy)
    block = snapshot.buckets[name].get("PublicAccessBlockConfiguration") or {}
    if block.get("RestrictPublicBuckets"):
        opened = {"PublicAccessBlockConfiguration": {**block, "RestrictPublicBuckets": False}}
        sentence = f"turn RestrictPublicBuckets of bucket {name} off"
        changed = _with_bucket(snapshot, name, opened)
        yield Change.to_policies(sentence, changed, decision.vantage)


def _with_bucket(snapshot: Snapshot, name: str, changed: Mapping[str, Any]) -> Snapshot:
    buckets = {**snapshot.buckets, name: {**snapshot.buckets[name], **changed}}
    return replace(snapshot, s3={**snapshot.s3, "Buckets": buckets})


def _statement_changes(
    decision: Decision,
    policy: Policy | None,
    name: str,
    put: Callable[[Mapping[str, Any]], Snapshot],
) -> Iterator[Change]:
    if policy is None:
        return
    path = decision.path
    way = Way(path.endpoint, path.source_vpc) if path else Way(None, None)
    for found in statement_changes(policy.to_document(), name, decision.request, way):
        changed = put(found.document)
        purpose = _purpose(name, found.index)
        yield Change.to_policies(found.sentence, changed, decision.vantage, purpose=purpose)


def _purpose(policy: str, index: int) -> str:
    return f"{policy}, statement {index + 1}"


def _identity_changes(decision: Decision) -> Iterator[Change]:
    details = decision.snapshot.iam.get(_DETAILS) or {}
    for kind in ("User", "Role"):
        listed = f"{kind}DetailList"
        for row in details.get(listed) or ():
            if not _is_principal(row["Arn"], decision.request.principal):
                continue
            for sentence, changed in _entity_changes(decision, row, f"{kind}PolicyList"):
                entities = [changed if one is row else one for one in details[listed]]
                iam = {**decision.snapshot.iam, _DETAILS: {**details, listed: entities}}
                snapshot = replace(decision.snapshot, iam=iam)
                yield Change.to_policies(sentence, snapshot, decision.vantage)


def _entity_changes(
    decision: Decision, entity: Mapping[str, Any], inline: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a user or role with one policy more or less, or without its boundary."""
    request, arn = decision.request, entity["Arn"]
    statement = {"Effect": "Allow", "Action": request.action, "Resource": request.resource}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    own = list(entity.get(inline) or ())
    allowing = {"PolicyName": "vpcep-what-if", "PolicyDocument": document}
    sentence = f"allow {request.action} on {request.resource} in a policy of {arn}"
    yield sentence, {**entity, inline: [*own, allowing]}
    for policy in own:
        others = [one for one in own if one is not policy]
        yield f"remove policy {policy['PolicyName']} of {arn}", {**entity, inline: others}
    attached = list(entity.get("AttachedManagedPolicies") or ())
    for policy in attached:
        others = [one for one in attached if one is not policy]
        sentence = f"detach policy {policy['PolicyArn']} from {arn}"
        yield sentence, {**entity, "AttachedManagedPolicies": others}
    if entity.get("PermissionsBoundary"):
        sentence = f"remove the permissions boundary of {arn}"
        yield sentence, {**entity, "PermissionsBoundary": None}


def _is_principal(arn: str, principal: str) -> bool:
    """Whether a principal is a user or role, or a session of that role."""
    if arn == principal:
        return True
    session = principal.partition(":assumed-role/")[2].partition("/")[0]
    return ":role/" in arn and bool(session) and arn.rpartition("/")[2] == session
