"""The administrator's access key: shown once, handed to the terminal, never printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_vpcep.secret import Secret

if TYPE_CHECKING:
    import boto3


@dataclass(frozen=True)
class AccessKey:
    """An access key of an IAM user.

    Args:
        user: the user's name.
        access_key_id: the key's id, no secret.
        secret_access_key: the secret; kept out of ``repr``.

    """

    user: str
    access_key_id: str
    secret_access_key: Secret = field(repr=False)


def create_access_key(session: boto3.Session) -> AccessKey:
    """Step 3: an access key for the IAM user who calls."""
    created = session.client("iam").create_access_key()["AccessKey"]
    return AccessKey(
        user=created["UserName"],
        access_key_id=created["AccessKeyId"],
        secret_access_key=Secret(created["SecretAccessKey"]),
    )


def access_key_exists(session: boto3.Session, key: AccessKey) -> bool:
    """Whether IAM still has an access key."""
    listed = session.client("iam").list_access_keys(UserName=key.user)["AccessKeyMetadata"]
    return any(entry["AccessKeyId"] == key.access_key_id for entry in listed)


def delete_access_key(session: boto3.Session, key: AccessKey) -> None:
    """Delete an access key; deleting one that is gone already is no error."""
    if access_key_exists(session, key):
        session.client("iam").delete_access_key(UserName=key.user, AccessKeyId=key.access_key_id)
