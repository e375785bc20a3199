"""What is asked of a snapshot: who wants to do what to which resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pytest_vpcep.errors import RequestError
from pytest_vpcep.policy.s3_actions import BUCKET_ACTIONS, OBJECT_ACTIONS, OTHER_ACTIONS

if TYPE_CHECKING:
    from pytest_vpcep.network import Path
    from pytest_vpcep.policy import Context, Evaluation
    from pytest_vpcep.snapshot import Snapshot

#: The vantage point outside every VPC: a person at the AWS console, on the internet.
CONSOLE = "console"

_ACTION = re.compile(r"[\w-]+:[\w-]+", re.ASCII)
_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", re.DOTALL)
#: A bucket or an object; access points and the like name a Region or an account.
_S3_NAME = re.compile(r"arn:[^:]+:s3:::(?P<bucket>[^/]*)(?P<key>/.*)?", re.DOTALL)


class RequestOutcome(StrEnum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNREACHABLE = "unreachable"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class Request:
    """One action on one resource by one principal.

    Args:
        principal: ARN of a user, role, role session or the account's root, or ``anonymous``.
        action: ``service:Operation``, such as ``s3:GetObject``.
        resource: the resource's ARN, or ``*`` for an action on no resource in particular.
        context: condition keys and values that neither path, principal nor resource give, such
            as ``s3:prefix``; they take precedence over what is filled in.
        region: the Region whose endpoint the request goes to; None: the resource's.
        hostname: the endpoint's name, where it is not the service's public one.

    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    region: str | None = None
    hostname: str | None = None

    @property
    def service(self) -> str:
        """The action's service prefix, such as ``s3``."""
        return self.action.partition(":")[0].lower()

    @property
    def bucket(self) -> str | None:
        """The bucket an S3 request is about; None for other services and for ``*``."""
        if self.service != "s3" or not self.resource.startswith("arn:"):
            return None
        name = self.resource.split(":", 5)[-1].partition("/")[0]
        return None if name in ("", "*") else name


def checked(request: Request) -> Request:
    """Give a request back if it can be asked of AWS at all.

    Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon
    S3", for S3's actions and which of them are on buckets, which on objects.

    Args:
        request: what a user wants to have decided.

    Raises:
        RequestError: the principal, action, resource or context is not written as AWS has it,
            S3 has no such action, or has it on another kind of resource.

    """
    if not isinstance(request.principal, str) or not request.principal:
        message = f"principal {request.principal!r}: give an ARN, or 'anonymous'"
        raise RequestError(message)
    if not isinstance(request.action, str) or not _ACTION.fullmatch(request.action):
        message = f"action {request.action!r}: write it as service:Operation, like s3:GetObject"
        raise RequestError(message)
    if not _is_resource(request.resource):
        message = (
            f"resource {request.resource!r}: give an ARN like arn:aws:s3:::bucket/key, "
            "or * for an action on no resource in particular"
        )
        raise RequestError(message)
    _check_context(request.context)
    if request.service == "s3":
        _check_s3(request)
    return request


def _is_resource(resource: object) -> bool:
    if not isinstance(resource, str):
        return False
    named = _S3_NAME.fullmatch(resource)
    return resource == "*" or bool(named["bucket"] if named else _ARN.fullmatch(resource))


def _check_context(context: object) -> None:
    if not isinstance(context, Mapping):
        message = f"context {context!r}: give a mapping of condition keys to their values"
        raise RequestError(message)
    for key, value in context.items():
        values = value if isinstance(value, (tuple, list)) else (value,)
        if not all(isinstance(one, str) for one in (key, *values)):
            message = f"context {key!r}: {value!r}: give a string, or a tuple of strings"
            raise RequestError(message)


def _check_s3(request: Request) -> None:
    operation = request.action.partition(":")[2].lower()
    if operation not in BUCKET_ACTIONS | OBJECT_ACTIONS | OTHER_ACTIONS:
        message = (
            f"action {request.action!r}: S3 has none of this name; those of a bucket and its "
            "objects are like s3:ListBucket and s3:GetObject"
        )
        raise RequestError(message)
    named = _S3_NAME.fullmatch(request.resource)
    if named is None:
        return
    if operation in BUCKET_ACTIONS and named["key"] is not None:
        message = (
            f"resource {request.resource!r}: {request.action} is on a bucket; give the bucket's "
            "ARN, without a key"
        )
        raise RequestError(message)
    if operation in OBJECT_ACTIONS and named["key"] in (None, "/"):
        message = (
            f"resource {request.resource!r}: {request.action} is on an object; give the object's "
            "ARN, with its key"
        )
        raise RequestError(message)


@dataclass(frozen=True, repr=False)
class Decision:
    """What AWS would answer, by which way the request came, and why.

    Args:
        snapshot: the configuration it was decided on.
        vantage: where the request came from: ``console``, an instance's or an interface's id.
        request: what was asked.
        outcome: allowed, denied, unreachable or undetermined.
        path: the way from the instance to the service; None from the console.
        context: the request context that the policies were evaluated with.
        evaluation: the policies' result; None where the request never arrives.
        message: the error message AWS gives; empty where the request is allowed.
        undetermined: why no answer can be given; None where one can.

    """

    snapshot: Snapshot
    vantage: str
    request: Request
    outcome: RequestOutcome
    path: Path | None
    context: Context
    evaluation: Evaluation | None
    message: str
    undetermined: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether the request succeeds."""
        return self.outcome is RequestOutcome.ALLOWED

    @property
    def denied(self) -> bool:
        """Whether the request arrives and is refused."""
        return self.outcome is RequestOutcome.DENIED

    @property
    def via(self) -> str | None:
        """Id of the gateway or endpoint the request left the VPC by."""
        return self.path.via if self.path else None

    def __repr__(self) -> str:
        request = self.request
        return f"<{self.outcome}: {request.action} on {request.resource} from {self.vantage}>"

    def __str__(self) -> str:
        from pytest_vpcep.access.explanation import explain

        return explain(self)
