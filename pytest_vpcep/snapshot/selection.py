"""A part of a snapshot: only some VPCs, only some buckets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_vpcep.errors import SnapshotError

if TYPE_CHECKING:
    from pytest_vpcep.snapshot.document import Snapshot

_PEERS = ("RequesterVpcInfo", "AccepterVpcInfo")
_ATTACHMENTS = ("Attachments", "VpcAttachments")

#: What is shared between VPCs: a path may need it whole.
_SHARED = frozenset(
    {
        "DescribeManagedPrefixLists",
        "DescribeTransitGatewayAttachments",
        "DescribeTransitGatewayVpcAttachments",
    }
)


def filtered(
    snapshot: Snapshot, *, vpcs: Collection[str] = (), buckets: Collection[str] = ()
) -> Snapshot:
    """Return a snapshot of only some VPCs and buckets; IAM's part stays whole.

    Args:
        snapshot: the snapshot to take from.
        vpcs: ids of the VPCs to keep, with what is in them or attached to them; empty: all.
        buckets: names of the buckets to keep; empty: all.

    Raises:
        SnapshotError: the snapshot has no such VPC or bucket.

    """
    _require(vpcs, snapshot.topology.vpcs, "VPC")
    _require(buckets, snapshot.buckets, "bucket")
    chosen = {name: snapshot.buckets[name] for name in buckets or snapshot.buckets}
    return replace(
        snapshot,
        ec2=filtered_ec2(snapshot.ec2, vpcs) if vpcs else snapshot.ec2,
        s3={**snapshot.s3, "Buckets": chosen},
    )


def _require(wanted: Collection[str], present: Mapping[str, object], what: str) -> None:
    missing = sorted(set(wanted) - set(present))
    if missing:
        known = ", ".join(sorted(present)[:5]) or "none"
        raise SnapshotError(
            f"there is no {what} {', '.join(missing)} in the snapshot; it has {known}"
        )


def filtered_ec2(ec2: Mapping[str, Any], vpcs: Collection[str]) -> dict[str, Any]:
    """Return the ``ec2`` part with what belongs to some VPCs only, and all that they share.

    Args:
        ec2: AWS's responses by operation.
        vpcs: ids of the VPCs to keep.

    """
    kept: dict[str, Any] = {}
    for name, response in ec2.items():
        if name == "VpcAttributes":
            kept[name] = {vpc: found for vpc, found in response.items() if vpc in vpcs}
        elif name == "DescribeInstances":
            kept[name] = {"Reservations": list(_reservations(response, vpcs))}
        elif name.startswith("Describe") and name not in _SHARED:
            kept[name] = {
                key: [item for item in items if _belongs(item, vpcs)]
                for key, items in response.items()
            }
        else:
            kept[name] = response
    return kept


def _reservations(response: Mapping[str, Any], vpcs: Collection[str]) -> list[dict[str, Any]]:
    reservations = []
    for reservation in response.get("Reservations") or ():
        instances = [item for item in reservation["Instances"] if item.get("VpcId") in vpcs]
        if instances:
            reservations.append({**reservation, "Instances": instances})
    return reservations


def _belongs(item: Mapping[str, Any], vpcs: Collection[str]) -> bool:
    owners = {item.get("VpcId")}
    for key in _ATTACHMENTS:
        owners |= {attachment.get("VpcId") for attachment in item.get(key) or ()}
    owners |= {(item.get(side) or {}).get("VpcId") for side in _PEERS}
    return not owners.isdisjoint(vpcs)
