"""Whose an access key is: the account's root, an IAM user, or a session of a role."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pytest_vpcep.cloud import moto_backend
from pytest_vpcep.errors import CloudError
from pytest_vpcep.secret import Secret

if TYPE_CHECKING:
    from pytest_vpcep.access.credential_scope import CredentialScope

ANONYMOUS = "anonymous"
_RENEWED_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True)
class Credential:
    """Access keys of one principal.

    Args:
        principal: the principal's ARN, or ``anonymous``.
        user_id: what ``aws:userid`` holds for it.
        access_key_id: the key's id; empty for an anonymous request.
        secret_access_key: the secret; kept out of ``repr``.
        session_token: the token of a temporary credential; None for a long-term key.

    """

    principal: str
    user_id: str
    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)
    session_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "secret_access_key", Secret(self.secret_access_key))
        if self.session_token is not None:
            object.__setattr__(self, "session_token", Secret(self.session_token))


NOBODY = Credential(ANONYMOUS, "anonymous")


@dataclass(frozen=True)
class RoleSession:
    """A role's temporary credential on an instance, and how long it is good for, in UTC."""

    credential: Credential
    issued: datetime
    expires: datetime


class Credentials:
    """All access keys of one simulated account.

    Args:
        account: account id.
        partition: ``aws``, ``aws-cn`` or ``aws-us-gov``.

    """

    def __init__(self, account: str, partition: str) -> None:
        self._account = account
        self._partition = partition
        # moto has no root user; its key is ours to keep.
        self.root = Credential(
            principal=f"arn:{partition}:iam::{account}:root",
            user_id=account,
            access_key_id=f"AKIA{secrets.token_hex(8).upper()}",
            secret_access_key=secrets.token_urlsafe(30),
        )

    def find(self, scope: CredentialScope | None) -> Credential | None:
        """The credential a request says it was signed with; None where nobody has such a key.

        Args:
            scope: what the request says; None for an anonymous request.

        """
        if scope is None:
            return NOBODY
        if scope.access_key_id == self.root.access_key_id:
            return self.root
        found = self._of_user(scope.access_key_id) or self._of_role(scope.access_key_id)
        if found is None or found.session_token != scope.session_token:
            return None
        return found

    def of_scope(self, scope: CredentialScope | None) -> Credential:
        """The credential of a request whose signature was found right; see ``find``.

        Raises:
            CloudError: the key has gone since.
        """
        found = self.find(scope)
        if found is None:
            message = f"account {self._account} no longer has the access key of this request"
            raise CloudError(message)
        return found

    def secret_of(self, scope: CredentialScope) -> str | None:
        """The secret of the access key that a scope names; None where nobody has it."""
        found = self.find(scope)
        return found.secret_access_key if found else None

    def of_key(self, access_key_id: str) -> Credential:
        """The credential of an IAM user's access key.

        Raises:
            CloudError: no active key of the account has this id.

        """
        found = self._of_user(access_key_id)
        if found is None:
            message = f"account {self._account} has no active access key {access_key_id}"
            raise CloudError(message)
        return found

    def on_instance(self, role: str, instance: str, region: str) -> RoleSession:
        """The session that an instance has of its role: the one still valid, or a new one.

        Args:
            role: the role's ARN.
            instance: the instance's id, which is the session's name.
            region: Region the instance is in.

        """
        now = datetime.now(UTC).replace(tzinfo=None)
        backend = moto_backend.sts_backend(self._account, self._partition)
        kept = [
            session
            for session in backend.assumed_roles
            if session.role_arn == role
            and session.session_name == instance
            and session.expiration > now + _RENEWED_BEFORE
        ]
        session = kept[-1] if kept else backend.assume_role(region, instance, role, "", 21600, "")
        return RoleSession(
            Credential(
                principal=session.arn,
                user_id=session.user_id,
                access_key_id=session.access_key_id,
                secret_access_key=session.secret_access_key,
                session_token=session.session_token,
            ),
            issued=now,
            expires=session.expiration,
        )

    def _of_user(self, access_key_id: str) -> Credential | None:
        for user in list(moto_backend.iam_backend(self._account, self._partition).users.values()):
            for key in user.access_keys:
                if key.access_key_id == access_key_id and key.status == "Active":
                    return Credential(user.arn, user.id, access_key_id, key.secret_access_key)
        return None

    def _of_role(self, access_key_id: str) -> Credential | None:
        now = datetime.now(UTC).replace(tzinfo=None)
        sessions = moto_backend.sts_backend(self._account, self._partition).assumed_roles
        for role in list(sessions):
            if role.access_key_id == access_key_id and role.expiration > now:
                return Credential(
                    principal=role.arn,
                    user_id=role.user_id,
                    access_key_id=access_key_id,
                    secret_access_key=role.secret_access_key,
                    session_token=role.session_token,
                )
        return None
