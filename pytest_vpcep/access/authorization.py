"""What a request needs to be allowed: one action on one resource at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DeletedObject:
    """One object of a DeleteObjects request.

    Args:
        key: the object's key.
        version_id: the version to delete; None for the current one.
    """

    key: str
    version_id: str | None = None


@dataclass(frozen=True)
class Authorization:
    """One action on one resource that a request needs.

    Args:
        action: ``service:Action``.
        resource: the resource's ARN, as policies match it and messages show it, or ``*``.
        item: the object that this one is for, in a batch that answers object by object; None
            where the whole request fails with it.
        version_id: the object version asked for; None for the current one.
        undetermined: why AWS's documentation does not settle that this is asked, or what of;
            None where it does. A denial of such a one is no certain denial of the request.
    """

    action: str
    resource: str
    item: DeletedObject | None = None
    version_id: str | None = None
    undetermined: str | None = None


def partition_of(region: str | None) -> str:
    """The partition that a Region is in."""
    if region and region.startswith("cn-"):
        return "aws-cn"
    if region and region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws"
