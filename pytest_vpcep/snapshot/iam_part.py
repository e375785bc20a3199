"""Collecting the ``iam`` part of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_vpcep.snapshot import calls
from pytest_vpcep.snapshot.reading import STRICT, Reading

_NO_ENTITY = frozenset({"NoSuchEntity"})


def collect_iam(client: Any, *, reading: Reading = STRICT) -> dict[str, Any]:
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
    answer = reading.read(client, calls.GET_POLICY, place, absent=_NO_ENTITY, PolicyArn=arn)
    if not answer:
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
