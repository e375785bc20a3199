"""The snapshot itself, and what a decision reads from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_vpcep.errors import RequestError
from pytest_vpcep.network import Topology
from pytest_vpcep.network.fields import Fields
from pytest_vpcep.snapshot.policies import named_policy
from pytest_vpcep.snapshot.principals import Principals

if TYPE_CHECKING:
    from pytest_vpcep.policy import Policy
    from pytest_vpcep.snapshot.principals import AttachedPolicies

#: The value of a document's ``format``.
FORMAT = "vpcep-snapshot/1"

AUTHORIZATION_DETAILS = "iam.GetAccountAuthorizationDetails"


@dataclass(frozen=True)
class NotPermitted:
    """A read-only call that AWS refused or the cloud does not know, and so a gap.

    Args:
        place: what is missing for it, such as ``s3.Buckets.NAME.Policy``.
        operation: the call, such as ``GetBucketPolicy``.
        code: the error's code, such as ``AccessDenied``.
        message: the error's message, which is evidence in itself: "with an explicit deny in a
            resource-based policy" says that there is such a policy.

    """

    place: str
    operation: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.code}: {self.message}"


@dataclass(frozen=True)
class Snapshot:
    """What is configured in one account and Region.

    Args:
        account: account id, 12 digits; it owns the buckets in ``s3``.
        partition: ``aws``, ``aws-cn`` or ``aws-us-gov``.
        region: the Region of the ``ec2`` part.
        taken_at: when it was collected, in ISO 8601 and UTC.
        ec2: AWS's responses by operation (``DescribeVpcs``, ...), ``ManagedPrefixListEntries``
            by prefix list and ``VpcAttributes`` by VPC.
        s3: ``Buckets``, by name.
        iam: ``GetAccountAuthorizationDetails``.
        not_permitted: what could not be collected, and AWS's answer.
        in_organization: False for an account known to be in no AWS Organizations organization,
            as a simulated one is; None where it is not known. Saved documents do not hold it.

    """

    account: str
    partition: str
    region: str
    taken_at: str
    ec2: Mapping[str, Any] = field(repr=False)
    s3: Mapping[str, Any] = field(repr=False)
    iam: Mapping[str, Any] = field(repr=False)
    not_permitted: tuple[NotPermitted, ...] = ()
    in_organization: bool | None = field(default=None, compare=False)

    @cached_property
    def topology(self) -> Topology:
        """The ``ec2`` part, indexed for tracing.

        Raises:
            SnapshotError: a value in it is not of AWS's response shape.

        """
        return Topology.from_describe(
            self.ec2, account=self.account, partition=self.partition, region=self.region
        )

    @cached_property
    def principals(self) -> Principals:
        """The ``iam`` part, indexed by ARN.

        Raises:
            SnapshotError: a value in it is not of AWS's response shape.

        """
        details = self.iam.get("GetAccountAuthorizationDetails")
        if details is None:
            return Principals(self.account, None, withheld=self._why_missing(AUTHORIZATION_DETAILS))
        return Principals(self.account, details)

    @property
    def buckets(self) -> Mapping[str, Mapping[str, Any]]:
        """The buckets by name."""
        found: Mapping[str, Mapping[str, Any]] = self.s3.get("Buckets") or {}
        return found

    def bucket(self, name: str) -> Mapping[str, Any]:
        """Return a bucket's configuration.

        Raises:
            RequestError: the snapshot has no such bucket.

        """
        if name not in self.buckets:
            known = ", ".join(sorted(self.buckets)[:5]) or "no buckets"
            raise RequestError(f"there is no bucket {name} in the snapshot; it has {known}")
        return self.buckets[name]

    def bucket_policy(self, name: str | None) -> Policy | None:
        """Return a bucket's policy; None where it has none or it is not known.

        Args:
            name: the bucket's name; None for a request that is about no bucket.

        Raises:
            PolicyRefused: the policy cannot be read.

        """
        return self._policies.bucket(name) if name else None

    def bucket_policy_withheld(self, name: str | None) -> str | None:
        """Return why a bucket's policy is not known; None where it is, or is known to be none."""
        if not name or "Policy" in self.buckets.get(name, {}):
            return None
        if name not in self.buckets:
            return f"the snapshot has no bucket {name}, so its owner and policy are not known"
        reason = self._why_missing(f"s3.Buckets.{name}.Policy")
        return f"the policy of bucket {name} is not in the snapshot ({reason})"

    def endpoint_policy(self, identifier: str) -> Policy | None:
        """Return the policy of a VPC endpoint; None where it has none.

        Raises:
            PolicyRefused: the policy cannot be read.

        """
        return self._policies.endpoint(identifier)

    def attached_policies(self, principal: str) -> AttachedPolicies:
        """Return the policies attached to a principal; see :meth:`Principals.policies`."""
        return self.principals.policies(principal)

    def principal_tags(self, principal: str) -> dict[str, str]:
        """Return the tags of an IAM user or role; see :meth:`Principals.tags`."""
        return self.principals.tags(principal)

    def role_of_instance(self, identifier: str) -> str | None:
        """Return the ARN of the role in an instance's profile; None where it has no profile.

        Raises:
            SnapshotError: the profile is not in the snapshot.

        """
        for reservation in (
            Fields(self.ec2, "ec2").object("DescribeInstances").objects("Reservations")
        ):
            for instance in reservation.objects("Instances"):
                if instance.optional_text("InstanceId") == identifier:
                    profile = instance.object("IamInstanceProfile").optional_text("Arn")
                    return self.principals.role_of_profile(profile) if profile else None
        return None

    @cached_property
    def _policies(self) -> _ResourcePolicies:
        return _ResourcePolicies(self)

    def _why_missing(self, place: str) -> str:
        for gap in self.not_permitted:
            if gap.place == place:
                return str(gap)
        return f"{place} was not collected"


class _ResourcePolicies:
    """Parses the policies of buckets and endpoints, each once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._buckets: dict[str, Policy | None] = {}
        self._endpoints: dict[str, Policy | None] = {}

    def bucket(self, name: str) -> Policy | None:
        if name not in self._buckets:
            document = self._snapshot.buckets.get(name, {}).get("Policy")
            self._buckets[name] = _parsed(document, name)
        return self._buckets[name]

    def endpoint(self, identifier: str) -> Policy | None:
        if identifier not in self._endpoints:
            document = self._endpoint_documents.get(identifier)
            self._endpoints[identifier] = _parsed(document, identifier)
        return self._endpoints[identifier]

    @cached_property
    def _endpoint_documents(self) -> dict[str, Any]:
        listed = (self._snapshot.ec2.get("DescribeVpcEndpoints") or {}).get("VpcEndpoints") or ()
        return {endpoint["VpcEndpointId"]: endpoint.get("PolicyDocument") for endpoint in listed}


def _parsed(document: Any, name: str) -> Policy | None:
    return named_policy(document, name) if document else None
