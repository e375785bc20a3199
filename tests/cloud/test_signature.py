from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from signed_requests import (
    EVERY_WAY,
    FORM,
    KEY_ID,
    S3_MISMATCH,
    S3_URL,
    SECRET,
    STS_BODY,
    TOKEN,
    altered,
    ec2_header,
    json_header,
    s3_header,
    s3_presigned,
    signed,
    sts_header,
)

from pytest_vpcep.access.credential_scope import CredentialScope, credential_of
from pytest_vpcep.access.http_request import HttpRequest
from pytest_vpcep.cloud.signature import (
    Refusal,
    authenticate,
    missing_signature,
    unknown_access_key,
    verify,
)


@pytest.mark.parametrize("way", EVERY_WAY)
def test_what_botocore_signs_is_accepted(way: str) -> None:
    request = EVERY_WAY[way][0]()
    assert verify(request, SECRET) is None
    assert authenticate(request, lambda _: SECRET) == credential_of(request)


@pytest.mark.parametrize("way", EVERY_WAY)
def test_a_wrong_secret_is_refused_in_the_services_words(way: str) -> None:
    make, refusal = EVERY_WAY[way]
    assert verify(make(), f"{SECRET}x") == refusal


@pytest.mark.parametrize("way", EVERY_WAY)
def test_the_host_is_signed(way: str) -> None:
    make, refusal = EVERY_WAY[way]
    request = make()
    assert verify(altered(request, headers={**request.headers, "Host": "other"}), SECRET) == refusal
    at_home = {**request.headers, "Host": request.parts.netloc}
    elsewhere = altered(request, url=request.url.replace(request.parts.netloc, "moved.example"))
    assert verify(altered(elsewhere, headers=at_home), SECRET) is None


@pytest.mark.parametrize("way", ["S3 header", "S3 presigned", "STS header"])
def test_headers_that_are_not_signed_may_change(way: str) -> None:
    request = EVERY_WAY[way][0]()
    assert verify(altered(request, headers={**request.headers, "Accept": "*/*"}), SECRET) is None


def test_s3_wants_its_own_headers_signed() -> None:
    request = s3_presigned()
    added = altered(request, headers={**request.headers, "x-amz-acl": "public-read"})
    refusal = verify(added, SECRET)
    assert refusal == Refusal(
        403, "AccessDenied", "There were headers present in the request which were not signed"
    )


def test_query_parameters_may_come_in_any_order_and_encoding() -> None:
    request = s3_header()
    base = request.url.partition("?")[0]
    assert verify(altered(request, url=f"{base}?y=%2f%20&x=0&%78=1"), SECRET) is None
    assert verify(altered(request, url=f"{base}?y=%2F&x=0&x=1"), SECRET) == S3_MISMATCH
    assert verify(altered(request, url=request.url.replace("~", "%7e")), SECRET) is None


@pytest.mark.parametrize(
    ("service", "config", "scheme"),
    [
        pytest.param("s3", {}, "https", id="trailing checksum"),
        pytest.param("s3", {"payload_signing_enabled": True}, "https", id="signed payload"),
        pytest.param("s3", {"payload_signing_enabled": False}, "https", id="unsigned payload"),
        pytest.param("s3", {}, "http", id="plain HTTP"),
    ],
)
def test_uploads_of_a_botocore_client(service: str, config: dict[str, Any], scheme: str) -> None:
    session = botocore.session.Session(profile=None)
    client = session.create_client(
        service,
        region_name="eu-west-1",
        endpoint_url=f"{scheme}://127.0.0.1:1",
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        config=Config(s3=config),
    )
    seen: list[HttpRequest] = []

    def see(request: Any, **_: Any) -> Any:
        body = request.body.read() if hasattr(request.body, "read") else request.body
        seen.append(HttpRequest(request.method, request.url, request.headers, body or b""))
        raise InterruptedError

    client.meta.events.register_first("before-send.s3", see)
    with pytest.raises(InterruptedError):
        client.put_object(Bucket="b", Key="a b/é", Body=b"hello", Tagging="a=b", ACL="private")
    assert verify(seen[0], SECRET) is None
    assert verify(seen[0], SECRET[1:]) == S3_MISMATCH


@pytest.mark.parametrize(
    ("hash_", "code"),
    [
        pytest.param("STREAMING-UNSIGNED-PAYLOAD-TRAILER", None, id="chunks"),
        pytest.param("UNSIGNED-PAYLOAD", None, id="unsigned"),
        pytest.param("0" * 64, "XAmzContentSHA256Mismatch", id="another body's hash"),
        pytest.param(None, "InvalidRequest", id="no hash"),
    ],
)
def test_the_payload_hash(hash_: str | None, code: str | None) -> None:
    request = s3_header()
    headers = dict(request.headers) | {"x-amz-content-sha256": hash_ or ""}
    if hash_ is None:
        headers.pop("x-amz-content-sha256")
    refusal = verify(resigned(request, headers), SECRET)
    assert (refusal.code if refusal else None) == code


def resigned(request: HttpRequest, headers: dict[str, str]) -> HttpRequest:
    """Sign again with exactly these headers, whatever botocore would add."""

    class AsTheyAre(S3SigV4Auth):
        def _modify_request_before_signing(self, request: AWSRequest) -> None:
            request.headers.replace_header("x-amz-date", request.context["timestamp"])

    kept = {name: value for name, value in headers.items() if name != "authorization"}
    return signed(AsTheyAre, "s3", request.method, request.url, kept, request.body)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("make", "code", "wording"),
    [
        pytest.param(s3_header, "RequestTimeTooSkewed", "is too large", id="S3"),
        pytest.param(ec2_header, "AuthFailure", "not able to validate", id="EC2"),
        pytest.param(sts_header, "SignatureDoesNotMatch", "15 min.)", id="STS"),
        pytest.param(json_header, "InvalidSignatureException", "15 min.)", id="JSON"),
    ],
)
def test_clocks_may_differ_by_fifteen_minutes(
    make: Callable[[], HttpRequest], code: str, wording: str
) -> None:
    request = make()
    now = datetime.now(UTC)
    for away in (-14 * MINUTE, 14 * MINUTE):
        assert verify(request, SECRET, now=now + away) is None
    for away in (-16 * MINUTE, 16 * MINUTE):
        refusal = verify(request, SECRET, now=now + away)
        assert refusal is not None
        assert refusal.code == code
        assert wording in refusal.message


def test_the_wording_of_a_clock_that_is_off() -> None:
    request = sts_header()
    at = request.headers["X-Amz-Date"]
    signed_at = datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    late = verify(request, SECRET, now=signed_at + 20 * MINUTE)
    early = verify(request, SECRET, now=signed_at - 20 * MINUTE)
    clock = [f"{signed_at + away * MINUTE:%Y%m%dT%H%M%SZ}" for away in (5, 20, -5, -20)]
    assert late is not None
    assert early is not None
    assert late.message == (
        f"Signature expired: {at} is now earlier than {clock[0]} ({clock[1]} - 15 min.)"
    )
    assert early.message == (
        f"Signature not yet current: {at} is still later than {clock[2]} ({clock[3]} + 15 min.)"
    )


@pytest.mark.parametrize(
    ("expires", "later", "code", "message"),
    [
        pytest.param(60, timedelta(seconds=30), None, "", id="in time"),
        pytest.param(3600, 30 * MINUTE, None, "", id="longer than clocks may differ"),
        pytest.param(60, 2 * MINUTE, "AccessDenied", "Request has expired", id="expired"),
        pytest.param(60, -20 * MINUTE, "AccessDenied", "Request is not yet valid", id="early"),
        pytest.param(604800, timedelta(days=6), None, "", id="a week"),
        pytest.param(
            604801, MINUTE, "AuthorizationQueryParametersError", "604800", id="over a week"
        ),
        pytest.param(
            "soon",
            MINUTE,
            "AuthorizationQueryParametersError",
            "should be a number",
            id="no number",
        ),
        pytest.param(
            "9" * 40, MINUTE, "AuthorizationQueryParametersError", "604800", id="a long number"
        ),
    ],
)
def test_presigned_urls_expire(
    expires: Any, later: timedelta, code: str | None, message: str
) -> None:
    refusal = verify(s3_presigned(expires=expires), SECRET, now=datetime.now(UTC) + later)
    assert (refusal.code if refusal else None) == code
    assert message in (refusal.message if refusal else "")


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        pytest.param(s3_header, 403, "InvalidAccessKeyId", id="S3"),
        pytest.param(lambda: s3_header(token=TOKEN), 400, "InvalidToken", id="S3 token"),
        pytest.param(sts_header, 403, "InvalidClientTokenId", id="STS"),
        pytest.param(ec2_header, 401, "AuthFailure", id="EC2"),
        pytest.param(json_header, 400, "UnrecognizedClientException", id="JSON"),
    ],
)
def test_unknown_access_keys(make: Callable[[], HttpRequest], status: int, code: str) -> None:
    request = make()
    refusal = authenticate(request, lambda _: None)
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.code) == (status, code)
    credential = credential_of(request)
    assert isinstance(credential, CredentialScope)
    assert refusal == unknown_access_key(request, credential)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        pytest.param(
            HttpRequest("GET", S3_URL, {"Authorization": "AWS4-HMAC-SHA256 x"}),
            "AuthorizationHeaderMalformed",
            id="S3 header",
        ),
        pytest.param(
            HttpRequest("GET", f"{S3_URL}&X-Amz-Algorithm=AWS4-HMAC-SHA256", {}),
            "AuthorizationQueryParametersError",
            id="S3 query",
        ),
        pytest.param(
            HttpRequest(
                "POST", "https://sts.amazonaws.com", FORM | {"Authorization": "x"}, STS_BODY
            ),
            "IncompleteSignature",
            id="STS",
        ),
        pytest.param(
            HttpRequest("GET", S3_URL, {"Authorization": f"AWS {KEY_ID}:c2ln"}),
            "InvalidRequest",
            id="Signature Version 2",
        ),
    ],
)
def test_signatures_that_cannot_be_read(request_: HttpRequest, code: str) -> None:
    for answer in (verify(request_, SECRET), authenticate(request_, lambda _: SECRET)):
        assert isinstance(answer, Refusal)
        assert answer.code == code


def test_anonymous_requests_have_no_signature_to_check() -> None:
    request = HttpRequest("GET", S3_URL, {})
    assert verify(request, SECRET) is None
    assert authenticate(request, lambda _: SECRET) is None
    assert missing_signature().code == "MissingAuthenticationToken"
