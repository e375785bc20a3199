"""What is configured in a simulated account now, collected again only where it changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pytest_vpcep.cloud import moto_backend
from pytest_vpcep.cloud.past_the_gate import client_in
from pytest_vpcep.snapshot import Snapshot
from pytest_vpcep.snapshot.collect import (
    collect_bucket_keys,
    collect_bucket_settings,
    collect_ec2,
    collect_iam,
    refresh_ec2,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_vpcep.cloud.gate import Account
    from pytest_vpcep.network import Topology

_READS = ("Describe", "Get", "List", "Head", "Simulate", "Assume")

#: What they change of a bucket is its keys, which no decision asks for.
_ON_OBJECTS = frozenset(
    {"PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject", "DeleteObjects"}
)

#: "GetAccountAuthorizationDetails" (IAM API Reference) tells of no access keys.
_ON_ACCESS_KEYS = frozenset({"CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"})


class LiveConfiguration:
    """Snapshots of an account, kept until something that changes them passes the gate.

    Args:
        account: the account.

    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._ec2: Mapping[str, Any] | None = None
        self._ec2_changes: list[str] = []
        self._iam: Mapping[str, Any] | None = None
        self._buckets: dict[str, Mapping[str, Any]] = {}
        self._keys: dict[str, Mapping[str, Any]] = {}
        self._kept: dict[tuple[str, str | None], Snapshot] = {}

    def changed_by(self, service: str, operation: str, bucket: str | None) -> None:
        """Forget what a call that went through may have changed.

        Args:
            service: as in a credential scope.
            operation: the operation's name.
            bucket: the bucket it names; None for none.

        """
        if operation.startswith(_READS):
            return
        if operation in _ON_OBJECTS and service == "s3":
            self._keys.pop(bucket or "", None)
            return
        if operation in _ON_ACCESS_KEYS and service == "iam":
            return
        self._kept.clear()
        if service == "s3":
            self._buckets.pop(bucket or "", None)
            self._keys.pop(bucket or "", None)
        elif service == "iam":
            self._iam = None
        elif service == "ec2":
            self._ec2_changes.append(operation)
        else:
            self._ec2 = self._iam = None
            self._buckets.clear()
            self._keys.clear()

    def _collected(
        self, service: str, collect: Callable[..., Mapping[str, Any]], *known: Any
    ) -> Mapping[str, Any]:
        account, region = self._account.account, self._account.region
        with client_in(account, service, region) as client:
            return collect(client, *known)

    @property
    def ec2(self) -> Mapping[str, Any]:
        """The ``ec2`` part of a snapshot."""
        if self._ec2 is None:
            self._ec2 = self._collected("ec2", collect_ec2)
        elif self._ec2_changes:
            self._ec2 = self._collected("ec2", refresh_ec2, self._ec2, self._ec2_changes)
        self._ec2_changes.clear()
        return self._ec2

    @property
    def topology(self) -> Topology:
        """The network, indexed for tracing."""
        return self.snapshot(None).topology

    def _bucket(self, name: str) -> Mapping[str, Any]:
        if name not in self._buckets:
            self._buckets[name] = self._collected("s3", collect_bucket_settings, name)
        return self._buckets[name]

    def _bucket_with_keys(self, name: str) -> Mapping[str, Any]:
        if name not in self._keys:
            self._keys[name] = self._collected("s3", collect_bucket_keys, name)
        return {**self._bucket(name), **self._keys[name]}

    def snapshot(self, bucket: str | None) -> Snapshot:
        """What is configured, with no bucket but the one a request is about.

        Args:
            bucket: the bucket's name; None for a request that is about none. One that nobody
                has is taken for one without a policy, so that the service can say it is missing.

        """
        return self._kept_snapshot(("anywhere", bucket), lambda: self.ec2, bucket)

    def seen_from_console(self, bucket: str | None) -> Snapshot:
        """As ``snapshot``, without the network, which no request from the console crosses."""
        return self._kept_snapshot(("console", bucket), dict, bucket)

    def _kept_snapshot(
        self,
        kept_as: tuple[str, str | None],
        ec2: Callable[[], Mapping[str, Any]],
        bucket: str | None,
    ) -> Snapshot:
        owner = moto_backend.bucket_owner(bucket, self._account.partition) if bucket else None
        if bucket and owner not in (None, self._account.account):
            # Another account's bucket changes behind another gate, so nothing of it is kept.
            foreign = self._collected("s3", collect_bucket_settings, bucket)
            return self._snapshot(ec2(), {bucket: {**foreign, "Account": owner}})
        if kept_as not in self._kept:
            missing: Mapping[str, Any] = {"LocationConstraint": None, "Policy": None}
            buckets = {bucket: self._bucket(bucket) if owner else missing} if bucket else {}
            self._kept[kept_as] = self._snapshot(ec2(), buckets)
        return self._kept[kept_as]

    def whole(self) -> Snapshot:
        """What is configured, with all of the account's buckets."""
        names = moto_backend.s3_backend(self._account.account, self._account.partition).buckets
        return self._snapshot(
            self.ec2, {name: self._bucket_with_keys(name) for name in sorted(names)}
        )

    def _snapshot(self, ec2: Mapping[str, Any], buckets: Mapping[str, Any]) -> Snapshot:
        if self._iam is None:
            self._iam = self._collected("iam", collect_iam)
        return Snapshot(
            account=self._account.account,
            partition=self._account.partition,
            region=self._account.region,
            taken_at=_now(),
            ec2=ec2,
            s3={"Buckets": dict(buckets)},
            iam=self._iam,
            in_organization=False,
        )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
