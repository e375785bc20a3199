"""Which access key signed a request, and for which date, Region and service; no secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from pytest_vpcep.errors import RequestError

SIGV4_ALGORITHM = "AWS4-HMAC-SHA256"
SIGV4A_ALGORITHM = "AWS4-ECDSA-P256-SHA256"
#: What S3 calls Signature Version 2 in ``s3:signatureversion``.
SIGV2_ALGORITHM = "AWS"

_HEADER = re.compile(r"^(?P<algorithm>AWS4-[A-Z0-9-]+)\s+(?P<fields>.+)$", re.DOTALL)
_SCOPE = re.compile(
    r"^(?P<key>[^/]+)/(?P<date>\d{8})(?:/(?P<region>[^/]*))?/(?P<service>[^/]+)/aws4_request$"
)


class SignedRequest(Protocol):
    """What is read of a request here: its headers and its query."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, looked up without regard to case."""

    @property
    def parameters(self) -> Mapping[str, str]:
        """Query parameters, decoded."""


class CredentialMalformedError(RequestError):
    """A request's signature fields that cannot be read.

    Args:
        presigned: whether they were in the query rather than in the ``Authorization`` header.
        reason: what is wrong with them.
    """

    def __init__(self, reason: str, *, presigned: bool) -> None:
        super().__init__(f"{'query parameters' if presigned else 'Authorization header'}: {reason}")
        self.presigned = presigned
        self.reason = reason


@dataclass(frozen=True)
class CredentialScope:
    """Who says to have signed a request, and what for; whether it is true is for ``verify``.

    Args:
        access_key_id: the access key's id.
        date: the scope's date, ``YYYYMMDD``; empty for Signature Version 2.
        region: the scope's Region; empty for Signature Version 2 and 4A.
        service: the scope's service.
        signed_headers: names of the signed headers, in lower case.
        session_token: the session token sent along; None for long-term keys.
        presigned: whether the signature is in the query.
        signature: the signature, as sent.
        timestamp: ``X-Amz-Date`` (or ``Date``) as sent; None where there is none.
        algorithm: ``AWS4-HMAC-SHA256``, ``AWS4-ECDSA-P256-SHA256``, or ``AWS`` (version 2).
    """

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    session_token: str | None = field(default=None, repr=False)
    presigned: bool = False
    signature: str = field(default="", repr=False)
    timestamp: str | None = None
    algorithm: str = SIGV4_ALGORITHM

    @property
    def signed_at(self) -> datetime | None:
        """When the request was signed, in UTC; None where the timestamp cannot be read."""
        text = self.timestamp or ""
        try:
            if text.endswith("Z"):
                return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return parsedate_to_datetime(text).astimezone(UTC)
        except (ValueError, OverflowError):
            return None


def credential_of(request: SignedRequest) -> CredentialScope | None:
    """Read the signature fields of a request, in its header or its query.

    Follows "Create a signed AWS API request" and "Authenticating Requests: Using Query Parameters
    (AWS Signature Version 4)". An ``Authorization`` header wins over the query.

    Args:
        request: the request, such as an ``HttpRequest``.

    Returns:
        The scope; None for an anonymous request.

    Raises:
        CredentialMalformedError: there are signature fields, and they cannot be read.
    """
    authorization = request.headers.get("Authorization", "").strip()
    if authorization:
        return _of_header(request, authorization)
    if "X-Amz-Algorithm" in request.parameters or "X-Amz-Signature" in request.parameters:
        return _of_query(request)
    if "AWSAccessKeyId" in request.parameters:
        return _version_2(request, request.parameters["AWSAccessKeyId"], presigned=True)
    return None


def _of_header(request: SignedRequest, authorization: str) -> CredentialScope:
    if authorization.startswith("AWS "):
        return _version_2(request, authorization[4:].partition(":")[0], presigned=False)
    match = _HEADER.match(authorization)
    if not match:
        raise CredentialMalformedError("not an AWS signature", presigned=False)
    parts = (part.strip().partition("=") for part in match["fields"].split(","))
    fields = {name: value for name, _, value in parts}
    return _scope(
        fields,
        algorithm=match["algorithm"],
        session_token=request.headers.get("X-Amz-Security-Token"),
        timestamp=request.headers.get("X-Amz-Date") or request.headers.get("Date"),
        presigned=False,
    )


def _of_query(request: SignedRequest) -> CredentialScope:
    query = request.parameters
    fields = {
        name: query[f"X-Amz-{name}"]
        for name in ("Credential", "SignedHeaders", "Signature")
        if f"X-Amz-{name}" in query
    }
    return _scope(
        fields,
        algorithm=query.get("X-Amz-Algorithm", ""),
        session_token=query.get("X-Amz-Security-Token"),
        timestamp=query.get("X-Amz-Date"),
        presigned=True,
    )


def _scope(
    fields: Mapping[str, str],
    *,
    algorithm: str,
    session_token: str | None,
    timestamp: str | None,
    presigned: bool,
) -> CredentialScope:
    if algorithm not in (SIGV4_ALGORITHM, SIGV4A_ALGORITHM):
        raise CredentialMalformedError(
            "the signing algorithm is not supported", presigned=presigned
        )
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not fields.get(name):
            raise CredentialMalformedError(f"{name} is missing", presigned=presigned)
    scope = _SCOPE.match(fields["Credential"])
    if not scope:
        raise CredentialMalformedError(
            "Credential is not KEY-ID/YYYYMMDD/REGION/SERVICE/aws4_request", presigned=presigned
        )
    return CredentialScope(
        access_key_id=scope["key"],
        date=scope["date"],
        region=scope["region"] or "",
        service=scope["service"],
        signed_headers=tuple(fields["SignedHeaders"].lower().split(";")),
        session_token=session_token,
        presigned=presigned,
        signature=fields["Signature"],
        timestamp=timestamp,
        algorithm=algorithm,
    )


def _version_2(request: SignedRequest, access_key_id: str, *, presigned: bool) -> CredentialScope:
    """Signature Version 2, which S3 still knows: it names neither date, Region nor service."""
    return CredentialScope(
        access_key_id=access_key_id,
        date="",
        region="",
        service="s3",
        signed_headers=(),
        session_token=request.headers.get("X-Amz-Security-Token"),
        presigned=presigned,
        timestamp=request.headers.get("X-Amz-Date") or request.headers.get("Date"),
        algorithm=SIGV2_ALGORITHM,
    )
