"""A vantage point: where requests come from, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_vpcep.access.context import with_given
from pytest_vpcep.access.decide import decide
from pytest_vpcep.access.request import Decision, Request
from pytest_vpcep.cloud.caller_context import caller_context, sdk_context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import boto3

    from pytest_vpcep.cloud.credentials import Credential
    from pytest_vpcep.cloud.simulated import SimulatedCloud


@dataclass(frozen=True)
class VantagePoint:
    """The console, or an instance's terminal, and whoever sits there at the time.

    Args:
        name: ``console``, or an instance's id.
        cloud: the cloud it is a place in.
        credential: gives the access key that signs requests from here now.

    """

    name: str
    cloud: SimulatedCloud = field(repr=False)
    credential: Callable[[], Credential] = field(repr=False)

    @property
    def principal(self) -> str:
        """ARN of who sits here now; ``anonymous`` while nobody has configured a key."""
        return self.credential().principal

    @property
    def session(self) -> boto3.Session:
        """A boto3 session whose requests come from here, signed by who sits here now."""
        return self.cloud.session(self.name, self.credential())

    def attempt(
        self,
        action: str,
        resource: str,
        *,
        principal: str | None = None,
        context: Mapping[str, str | tuple[str, ...]] | None = None,
    ) -> Decision:
        """Decide what would become of a request from here, with its explanation.

        It is taken for one that an AWS SDK sends over HTTPS now, signed by who sits here.

        Args:
            action: ``service:Operation``, such as ``s3:ListBucket``.
            resource: an ARN, ``*``, or for S3 just ``BUCKET`` or ``BUCKET/KEY``.
            principal: who asks, where it is not who sits here.
            context: condition keys of the request itself, such as ``s3:prefix``.

        """
        arn = resource if resource == "*" or resource.startswith("arn:") else _s3_arn(resource)
        credential = self.credential()
        carried = caller_context(self.name, credential)
        if principal not in (None, credential.principal):
            # Whose ARN is given tells no unique ID.
            del carried["aws:userid"]
        request = Request(principal or credential.principal, action, arn)
        carried |= sdk_context(request.service, request.principal)
        request = replace(request, context=with_given(carried, context or {}))
        decision = decide(self.cloud.snapshot(), self.name, request)
        self.cloud.journal.append(decision)
        return decision


def _s3_arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"
