"""IAM's part of a snapshot, by ARN: who there is and which policies are attached to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from pytest_vpcep.errors import RequestError, SnapshotError
from pytest_vpcep.network.fields import Fields
from pytest_vpcep.snapshot.policies import named_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_vpcep.policy import Policy


@dataclass(frozen=True)
class AttachedPolicies:
    """The policies IAM has attached to one principal.

    Args:
        identity: inline and managed policies of a user, its groups, or a role.
        permissions_boundary: None where there is none.

    """

    identity: tuple[Policy, ...] = ()
    permissions_boundary: Policy | None = None


@dataclass(frozen=True)
class _Document:
    """A policy document before it is parsed."""

    name: str
    text: str | Mapping[str, Any]


@dataclass(frozen=True)
class _Entity:
    """A user, group or role as ``GetAccountAuthorizationDetails`` describes it."""

    arn: str
    name: str
    inline: tuple[_Document, ...]
    managed: tuple[str, ...]
    groups: tuple[str, ...]
    boundary: str | None
    tags: Mapping[str, str]


class Principals:
    """The users, roles, groups and managed policies of one account.

    "GetAccountAuthorizationDetails" (IAM API Reference) gives all of them, with documents as
    URL-encoded JSON, which boto3 and the command line decode; both forms are read.

    Args:
        account: account id.
        details: the response; None where it could not be collected.
        withheld: why it could not be collected.

    Raises:
        SnapshotError: a value is not of the response's shape.

    """

    def __init__(
        self, account: str, details: Mapping[str, Any] | None, *, withheld: str = ""
    ) -> None:
        self._account = account
        self._withheld = withheld if details is None else None
        self._users: dict[str, _Entity] = {}
        self._roles: dict[str, _Entity] = {}
        self._groups: dict[str, _Entity] = {}
        self._managed: dict[str, _Document] = {}
        self._profiles: dict[str, str | None] = {}
        self._known: dict[str, AttachedPolicies] = {}
        if details is not None:
            self._read(details)
        self._roles_by_name = {role.name: role for role in self._roles.values()}

    @property
    def users(self) -> tuple[str, ...]:
        """The users' ARNs, sorted."""
        return tuple(sorted(self._users))

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles' ARNs, sorted."""
        return tuple(sorted(self._roles))

    def policies(self, principal: str) -> AttachedPolicies:
        """Return the policies attached to a principal.

        Args:
            principal: ARN of a user, role, role session or the account's root, a service
                principal, or ``anonymous``; the last three have none.

        Raises:
            RequestError: the snapshot has no such principal.
            SnapshotError: an attached policy's document is not in the snapshot, or IAM's part
                of it was not collected.
            PolicyRefused: an attached policy cannot be read; the text names it.

        """
        if principal not in self._known:
            entity = self._entity(principal)
            self._known[principal] = AttachedPolicies() if entity is None else self._of(entity)
        return self._known[principal]

    def tags(self, principal: str) -> dict[str, str]:
        """Return the tags of a user or role; of any other principal, none.

        Raises:
            RequestError: the snapshot has no such principal.
            SnapshotError: IAM's part of the snapshot was not collected.

        """
        entity = self._entity(principal)
        return {} if entity is None else dict(entity.tags)

    def role_of_profile(self, arn: str) -> str | None:
        """Return the ARN of the role in an instance profile; None where it holds none.

        Raises:
            SnapshotError: the snapshot has no such instance profile with a role.

        """
        if arn not in self._profiles:
            raise SnapshotError(
                f"the role of instance profile {arn} is not in the snapshot "
                f"({self._withheld or 'no role lists it'}); collect it again"
            )
        return self._profiles[arn]

    def _entity(self, principal: str) -> _Entity | None:
        parts = principal.split(":", 5)
        if len(parts) < 6 or parts[0] != "arn" or parts[5] == "root":
            return None
        if self._withheld is not None:
            raise SnapshotError(
                f"the policies of {principal} are not in the snapshot ({self._withheld}); "
                "collect it with iam:GetAccountAuthorizationDetails permitted"
            )
        found = self._users.get(principal) or self._roles.get(principal)
        kind, _, rest = parts[5].partition("/")
        if found is None and kind == "assumed-role" and parts[4] == self._account:
            found = self._roles_by_name.get(rest.partition("/")[0])
        if found is None:
            known = ", ".join((*self.users, *self.roles)[:5]) or "no users or roles"
            raise RequestError(f"there is no principal {principal} in the snapshot; it has {known}")
        return found

    def _of(self, entity: _Entity) -> AttachedPolicies:
        documents = [*self._documents(entity)]
        for name in entity.groups:
            group = self._groups.get(name)
            if group is None:
                raise SnapshotError(f"group {name} of {entity.arn} is not in the snapshot")
            documents.extend(self._documents(group))
        boundary = self._managed_document(entity.boundary, entity) if entity.boundary else None
        return AttachedPolicies(
            identity=tuple(named_policy(document.text, document.name) for document in documents),
            permissions_boundary=named_policy(boundary.text, boundary.name) if boundary else None,
        )

    def _documents(self, entity: _Entity) -> Iterator[_Document]:
        yield from entity.inline
        for arn in entity.managed:
            yield self._managed_document(arn, entity)

    def _managed_document(self, arn: str, entity: _Entity) -> _Document:
        document = self._managed.get(arn)
        if document is None:
            raise SnapshotError(
                f"managed policy {arn} of {entity.arn} is not in the snapshot; collect it again "
                "with iam:GetPolicy and iam:GetPolicyVersion permitted"
            )
        return document

    def _read(self, details: Mapping[str, Any]) -> None:
        fields = Fields(details, "iam.GetAccountAuthorizationDetails")
        for user in _entities(fields, details, "User"):
            self._users[user.arn] = user
        for group in _entities(fields, details, "Group"):
            self._groups[group.name] = group
        for role in _entities(fields, details, "Role"):
            self._roles[role.arn] = role
        for item in fields.objects("RoleDetailList"):
            for profile in item.objects("InstanceProfileList"):
                self._profiles[profile.text("Arn")] = item.text("Arn")
        for item, policy in _pairs(fields, details, "Policies"):
            document = _default_version(item, policy)
            if document is not None:
                self._managed[item.text("Arn")] = document


def _pairs(
    owner: Fields, data: Mapping[str, Any], key: str
) -> Iterator[tuple[Fields, Mapping[str, Any]]]:
    """Yield the objects of a list, checked and as they are."""
    checked = list(owner.objects(key))
    return zip(checked, data.get(key) or (), strict=True)


def _entities(fields: Fields, details: Mapping[str, Any], kind: str) -> Iterator[_Entity]:
    for item, data in _pairs(fields, details, f"{kind}DetailList"):
        boundary = item.object("PermissionsBoundary")
        yield _Entity(
            arn=item.text("Arn"),
            name=item.text(f"{kind}Name"),
            inline=tuple(
                _Document(policy.text("PolicyName"), _text(policy, raw, "PolicyDocument"))
                for policy, raw in _pairs(item, data, f"{kind}PolicyList")
            ),
            managed=tuple(
                policy.text("PolicyArn") for policy in item.objects("AttachedManagedPolicies")
            ),
            groups=item.texts("GroupList"),
            boundary=boundary.optional_text("PermissionsBoundaryArn"),
            tags={tag.text("Key"): tag.text("Value", "") for tag in item.objects("Tags")},
        )


def _default_version(policy: Fields, data: Mapping[str, Any]) -> _Document | None:
    wanted = policy.optional_text("DefaultVersionId")
    for version, raw in _pairs(policy, data, "PolicyVersionList"):
        is_default = version.flag("IsDefaultVersion", default=False)
        if is_default or (wanted and version.optional_text("VersionId") == wanted):
            name = policy.text("PolicyName", policy.text("Arn").rpartition("/")[2])
            return _Document(name, _text(version, raw, "Document"))
    return None


def _text(owner: Fields, data: Mapping[str, Any], key: str) -> str | Mapping[str, Any]:
    found = data.get(key)
    if isinstance(found, str):
        return unquote(found) if found.startswith("%") else found
    if not isinstance(found, dict):
        raise owner.wrong(key, "a policy document")
    return found
