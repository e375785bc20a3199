"""What one HTTP request asks for: its operation, what AWS authorizes for it, and its context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_vpcep.access.api_operations import (
    ApiOperation,
    api_authorizations,
    api_context,
    api_operation,
)
from pytest_vpcep.access.http_request import service_of
from pytest_vpcep.access.s3_authorization import s3_authorizations
from pytest_vpcep.access.s3_context import s3_context
from pytest_vpcep.access.s3_operations import S3Operation, s3_operation
from pytest_vpcep.cloud import moto_backend
from pytest_vpcep.cloud.caller_context import TLS_VERSION

if TYPE_CHECKING:
    from pytest_vpcep.access.api_resources import Caller
    from pytest_vpcep.access.authorization import Authorization
    from pytest_vpcep.access.http_request import HttpRequest, ServiceAddress


@dataclass(frozen=True)
class Operation:
    """One operation of a service, as a request asks for it.

    Args:
        request: the request, with AWS's URL.
        address: the service, Region and bucket it addresses.
        detail: the operation, read by the service's own rules.
        authorizations: the actions and resources that have to be allowed.

    """

    request: HttpRequest
    address: ServiceAddress
    detail: S3Operation | ApiOperation
    authorizations: tuple[Authorization, ...]

    @property
    def name(self) -> str:
        """The operation's name, as in botocore."""
        return self.detail.name

    @property
    def s3(self) -> S3Operation | None:
        """The operation as S3's; None for other services."""
        return self.detail if isinstance(self.detail, S3Operation) else None

    @property
    def bucket(self) -> str | None:
        """The bucket it is about; None for none."""
        return self.s3.bucket if self.s3 else None

    def context_of(
        self, authorization: Authorization, partition: str
    ) -> dict[str, str | tuple[str, ...]]:
        """The condition keys that the service takes from the request.

        Args:
            authorization: the one of ``authorizations`` to be judged.
            partition: the Region's partition.

        """
        if isinstance(self.detail, ApiOperation):
            return api_context(authorization, self.detail, self.request)
        secure = self.request.parts.scheme == "https"
        bucket, key = self.detail.bucket, self.detail.key
        version = self.detail.version_id
        tags: dict[str, str] = {}
        if bucket and key:
            tags = moto_backend.object_tags(bucket, key, partition, version)
        return s3_context(
            authorization,
            self.detail,
            self.request,
            tls_version=TLS_VERSION if secure else None,
            existing_tags=tags,
        )


def operation_of(request: HttpRequest, caller: Caller, partition: str) -> Operation:
    """Read what a request asks for.

    Args:
        request: the request, with AWS's URL.
        caller: who asks, in which account.
        partition: the Region's partition.

    Raises:
        RequestError: the request is none that its service knows.

    """
    address = service_of(request)
    if not address.service.startswith("s3"):
        api = api_operation(request, address)
        return Operation(request, address, api, api_authorizations(api, caller))
    s3 = s3_operation(request)
    tagged = False
    if s3.name == "CopyObject" and s3.source and s3.source.bucket:
        tagged = bool(moto_backend.object_tags(s3.source.bucket, s3.source.key, partition))
    needed = s3_authorizations(s3, request, source_is_tagged=tagged)
    return Operation(request, address, s3, needed)
