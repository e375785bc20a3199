"""Whether an incoming request's AWS signature is right, and what AWS answers when it is not."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote_to_bytes

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from botocore.utils import normalize_url_path

from pytest_vpcep.access.credential_scope import (
    SIGV4_ALGORITHM,
    CredentialMalformedError,
    CredentialScope,
    credential_of,
)
from pytest_vpcep.access.http_request import HttpRequest

#: How far a request's clock may be off ("RequestTimeTooSkewed", Amazon S3 error responses).
ALLOWED_SKEW = timedelta(minutes=15)
#: The longest time a presigned URL can be valid for.
LONGEST_EXPIRY = timedelta(days=7)

_S3_SERVICES = ("s3", "s3express", "s3-object-lambda", "s3-outposts")
_TIMESTAMP = "%Y%m%dT%H%M%SZ"
_SHA256_HEX = re.compile(r"^[0-9a-f]{64}$")
_UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True)
class Refusal:
    """What a service answers to a request whose signature it does not accept.

    Args:
        status: HTTP status code.
        code: the service's error code.
        message: the service's wording.

    """

    status: int
    code: str
    message: str


def authenticate(
    http_request: HttpRequest,
    secret_of: Callable[[CredentialScope], str | None],
    *,
    now: datetime | None = None,
) -> CredentialScope | Refusal | None:
    """Find out who signed a request, as its service would.

    Args:
        http_request: the request, with its ``Host`` header as signed (or a URL with that host).
        secret_of: the secret of the access key that a scope names; None where nobody has it, or
            not with that session token.
        now: the service's clock; the present by default.

    Returns:
        The scope of a request rightly signed; None for an anonymous request; a refusal else.

    """
    try:
        credential = credential_of(http_request)
    except CredentialMalformedError as error:
        return malformed(http_request, error)
    if credential is None:
        return None
    secret = secret_of(credential)
    if secret is None:
        return unknown_access_key(http_request, credential)
    return verify(http_request, secret, now=now) or credential


def verify(
    http_request: HttpRequest, secret: str, *, now: datetime | None = None
) -> Refusal | None:
    """Check a request's signature against the secret of the access key it names.

    The canonical request, string to sign and signature are botocore's own ("Create a signed AWS
    API request"); the signed headers are the client's choice, the body is hashed where signed.
    A streamed body's own chunk signatures and trailer are not looked at, only what signs its head.

    Args:
        http_request: the request, with its ``Host`` header as signed (or a URL with that host).
        secret: the access key's secret; it goes into no message.
        now: the service's clock; the present by default.

    Returns:
        None for an anonymous request or one rightly signed; the service's refusal else.

    """
    try:
        credential = credential_of(http_request)
    except CredentialMalformedError as error:
        return malformed(http_request, error)
    if credential is None:
        return None
    if credential.algorithm != SIGV4_ALGORITHM:
        return _unsupported(credential)
    return (
        _wrong_time(http_request, credential, now or datetime.now(UTC))
        or _unsigned_header(http_request, credential)
        or _wrong_payload(http_request, credential)
        or _wrong_signature(http_request, credential, secret)
    )


def unknown_access_key(http_request: HttpRequest, credential: CredentialScope) -> Refusal:
    """Refuse a request signed with an access key, or a session token, that nobody has.

    "Error responses" (Amazon S3), "Common errors" (AWS STS, IAM, ...) and "Error codes for the
    Amazon EC2 API"; a session token S3 does not know is ``InvalidToken``.
    """
    message = "The security token included in the request is invalid."
    if credential.service in _S3_SERVICES:
        if credential.session_token is not None:
            return Refusal(
                400, "InvalidToken", "The provided token is malformed or otherwise invalid."
            )
        return Refusal(
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        )
    if credential.service == "ec2":
        return _ec2_auth_failure()
    if _is_json(http_request):
        return Refusal(400, "UnrecognizedClientException", message)
    return Refusal(403, "InvalidClientTokenId", message)


def missing_signature() -> Refusal:
    """Refuse an anonymous request to a service that knows none ("Common errors"); S3 knows them."""
    message = "Request is missing Authentication Token"
    return Refusal(403, "MissingAuthenticationToken", message)


def malformed(http_request: HttpRequest, error: CredentialMalformedError) -> Refusal:
    """Refuse a request whose signature fields cannot be read.

    S3's ``AuthorizationHeaderMalformed`` and ``AuthorizationQueryParametersError``; the other
    services' ``IncompleteSignature`` ("Common errors").
    """
    if "X-Amz-Target" in http_request.headers or http_request.form.get("Action"):
        return Refusal(400, "IncompleteSignature", f"{error.reason}.")
    if error.presigned:
        return Refusal(
            400,
            "AuthorizationQueryParametersError",
            f"Error parsing the X-Amz-Credential parameter; {error.reason}.",
        )
    return Refusal(
        400,
        "AuthorizationHeaderMalformed",
        f"The authorization header is malformed; {error.reason}.",
    )


def _is_json(http_request: HttpRequest) -> bool:
    return "X-Amz-Target" in http_request.headers


def _ec2_auth_failure() -> Refusal:
    return Refusal(
        401, "AuthFailure", "AWS was not able to validate the provided access credentials"
    )


def _unsupported(credential: CredentialScope) -> Refusal:
    """Signature Version 2, which newer Regions refuse, and 4A, which needs no shared secret."""
    if credential.service in _S3_SERVICES:
        return Refusal(
            400,
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. "
            "Please use AWS4-HMAC-SHA256.",
        )
    return Refusal(400, "IncompleteSignature", "Unsupported AWS 'algorithm'.")


def _mismatch(http_request: HttpRequest, credential: CredentialScope) -> Refusal:
    calculated = "The request signature we calculated does not match the signature you provided. "
    if credential.service in _S3_SERVICES:
        return Refusal(
            403, "SignatureDoesNotMatch", f"{calculated}Check your key and signing method."
        )
    if credential.service == "ec2":
        return _ec2_auth_failure()
    message = (
        f"{calculated}Check your AWS Secret Access Key and signing method. "
        "Consult the service documentation for details."
    )
    return _signature_refusal(http_request, message)


def _signature_refusal(http_request: HttpRequest, message: str) -> Refusal:
    if _is_json(http_request):
        return Refusal(400, "InvalidSignatureException", message)
    return Refusal(403, "SignatureDoesNotMatch", message)


def _wrong_time(
    http_request: HttpRequest, credential: CredentialScope, now: datetime
) -> Refusal | None:
    signed_at = credential.signed_at
    if signed_at is None:
        return malformed(
            http_request,
            CredentialMalformedError(
                "the date is missing or not ISO 8601", presigned=credential.presigned
            ),
        )
    if signed_at.strftime("%Y%m%d") != credential.date:
        return _mismatch(http_request, credential)
    if credential.presigned and "X-Amz-Expires" in http_request.parameters:
        return _outside_expiry(http_request, credential, signed_at, now)
    if abs(now - signed_at) <= ALLOWED_SKEW:
        return None
    return _skewed(http_request, credential, signed_at, now)


def _skewed(
    http_request: HttpRequest, credential: CredentialScope, signed_at: datetime, now: datetime
) -> Refusal:
    """S3's RequestTimeTooSkewed, EC2's AuthFailure, and "Troubleshoot signed requests"."""
    if credential.service in _S3_SERVICES:
        return Refusal(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        )
    if credential.service == "ec2":
        return _ec2_auth_failure()
    limit = now - ALLOWED_SKEW if signed_at < now else now + ALLOWED_SKEW
    at, edge, clock = (moment.strftime(_TIMESTAMP) for moment in (signed_at, limit, now))
    if signed_at < now:
        message = f"Signature expired: {at} is now earlier than {edge} ({clock} - 15 min.)"
    else:
        message = f"Signature not yet current: {at} is still later than {edge} ({clock} + 15 min.)"
    return _signature_refusal(http_request, message)


def _outside_expiry(
    http_request: HttpRequest, credential: CredentialScope, signed_at: datetime, now: datetime
) -> Refusal | None:
    """Hold a presigned URL to its own limit ("Authenticating Requests: Using Query Parameters")."""
    text = http_request.parameters["X-Amz-Expires"]
    if not text.isdecimal():
        return _bad_expiry(http_request, "X-Amz-Expires should be a number")
    expires = timedelta(seconds=min(int(text), 10**9))
    if expires > LONGEST_EXPIRY:
        return _bad_expiry(
            http_request,
            "X-Amz-Expires must be less than a week (in seconds); that is, the given "
            "X-Amz-Expires must be less than 604800 seconds",
        )
    if signed_at > now + ALLOWED_SKEW:
        message = "Request is not yet valid"
    elif now > signed_at + expires:
        message = "Request has expired"
    else:
        return None
    if credential.service in _S3_SERVICES:
        return Refusal(403, "AccessDenied", message)
    return _skewed(http_request, credential, signed_at, now)


def _bad_expiry(http_request: HttpRequest, message: str) -> Refusal:
    if http_request.form.get("Action"):
        return Refusal(400, "IncompleteSignature", message)
    return Refusal(400, "AuthorizationQueryParametersError", message)


def _unsigned_header(http_request: HttpRequest, credential: CredentialScope) -> Refusal | None:
    """S3 wants every ``x-amz-`` header signed ("Create a signed AWS API request")."""
    if credential.service not in _S3_SERVICES:
        return None
    unsigned = (
        name
        for name in http_request.headers
        if name.startswith("x-amz-") and name not in credential.signed_headers
    )
    if next(unsigned, None) is None:
        return None
    message = "There were headers present in the request which were not signed"
    return Refusal(403, "AccessDenied", message)


def _wrong_payload(http_request: HttpRequest, credential: CredentialScope) -> Refusal | None:
    """S3 wants the body's hash in a header, and holds it against the body where it is a hash."""
    if credential.service not in _S3_SERVICES:
        return None
    given = http_request.headers.get("x-amz-content-sha256")
    if given is None:
        if credential.presigned:
            return None
        return Refusal(
            400,
            "InvalidRequest",
            "Missing required header for this request: x-amz-content-sha256",
        )
    if _SHA256_HEX.match(given) and given != _sha256(http_request.body):
        return Refusal(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
    return None


def _wrong_signature(
    http_request: HttpRequest, credential: CredentialScope, secret: str
) -> Refusal | None:
    if "host" not in credential.signed_headers:
        return _mismatch(http_request, credential)
    signed_at = credential.signed_at
    signer_class = S3SigV4Auth if credential.service in _S3_SERVICES else SigV4Auth
    signer = signer_class(
        Credentials(credential.access_key_id, secret), credential.service, credential.region
    )
    request = AWSRequest(method=http_request.method, url=http_request.url)
    request.context["timestamp"] = signed_at.strftime(_TIMESTAMP) if signed_at else ""
    canonical = _canonical_request(http_request, credential, signer)
    expected = signer.signature(signer.string_to_sign(request, canonical), request)
    if hmac.compare_digest(expected.encode(), credential.signature.encode()):
        return None
    return _mismatch(http_request, credential)


def _canonical_request(
    http_request: HttpRequest, credential: CredentialScope, signer: SigV4Auth
) -> str:
    """Build the canonical request over what the client chose to sign, with botocore's parts."""
    headers = HTTPHeaders()
    for name in credential.signed_headers:
        headers[name] = _header(http_request, name)
    query = "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}"
        for name, value in http_request.query
        if not (credential.presigned and name == "X-Amz-Signature")
    )
    return "\n".join(
        (
            http_request.method,
            _canonical_path(http_request, credential),
            signer.canonical_query_string(AWSRequest(url=f"https://host/?{query}")),
            signer.canonical_headers(headers) + "\n",
            signer.signed_headers(headers),
            _payload_hash(http_request, credential),
        )
    )


def _header(http_request: HttpRequest, name: str) -> str:
    value = http_request.headers.get(name)
    if value is None and name == "host":
        return http_request.parts.netloc.rpartition("@")[2]
    return value or ""


def _canonical_path(http_request: HttpRequest, credential: CredentialScope) -> str:
    """Every byte encoded once for S3, whose keys are paths as they are; twice for the others."""
    path = quote(unquote_to_bytes(http_request.parts.path or "/"), safe="/~")
    if credential.service in _S3_SERVICES:
        return path
    return quote(normalize_url_path(path), safe="/~")


def _payload_hash(http_request: HttpRequest, credential: CredentialScope) -> str:
    if credential.service not in _S3_SERVICES:
        return _sha256(http_request.body)
    given = http_request.headers.get("x-amz-content-sha256")
    if credential.presigned:
        given = http_request.parameters.get("X-Amz-Content-Sha256", given)
    return given or _UNSIGNED_PAYLOAD


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
