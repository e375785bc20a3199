"""What is asked of a snapshot: who wants to do what to which resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_vpcep.network import Path
    from pytest_vpcep.policy import Context, Evaluation
    from pytest_vpcep.snapshot import Snapshot

#: The vantage point outside every VPC: a person at the AWS console, on the internet.
CONSOLE = "console"


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
