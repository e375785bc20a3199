"""The least IAM policy that collecting a snapshot needs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pytest_vpcep.snapshot.calls import CALLS
from pytest_vpcep.snapshot.partitions import partition_of


def collecting_policy(
    *,
    region: str = "*",
    account: str = "*",
    vpcs: Collection[str] = (),
    buckets: Collection[str] = (),
) -> dict[str, Any]:
    """Return the identity-based policy that permits every call of ``collect``, and no other.

    Args:
        region: the Region to collect from; ``*``: any of the ``aws`` partition.
        account: account id; ``*``: any.
        vpcs: ids of the VPCs to collect; empty: all.
        buckets: names of the buckets to collect; empty: all.

    """
    partition = partition_of(region)
    actions: dict[tuple[str, ...], list[str]] = {}
    for call in CALLS:
        if call.action is not None:
            resources = {
                call.resource.format(
                    partition=partition, region=region, account=account, vpc=vpc, bucket=bucket
                )
                for vpc in vpcs or ("*",)
                for bucket in buckets or ("*",)
            }
            actions.setdefault(tuple(sorted(resources)), []).append(call.action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": sorted(named),
                "Resource": resources[0] if len(resources) == 1 else list(resources),
            }
            for resources, named in actions.items()
        ],
    }
