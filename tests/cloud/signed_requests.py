"""Requests signed by botocore in every way, as a service would see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from pytest_vpcep.access.http_request import HttpRequest
from pytest_vpcep.cloud.signature import Refusal

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEXAMPLE//////TOKEN="
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
JSON = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
}
S3_MISMATCH = Refusal(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method.",
)
QUERY_MISMATCH = Refusal(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details.",
)
JSON_MISMATCH = Refusal(400, "InvalidSignatureException", QUERY_MISMATCH.message)
EC2_FAILURE = Refusal(
    401, "AuthFailure", "AWS was not able to validate the provided access credentials"
)

S3_URL = "https://b.s3.eu-west-1.amazonaws.com/a%20b/%C3%A9~c?x=1&x=0&y=%2F%20"
STS_BODY = b"Action=GetCallerIdentity&Version=2011-06-15"


def signed(
    signer: Callable[..., SigV4Auth],
    service: str,
    method: str,
    url: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    *,
    token: str | None = None,
    **options: Any,
) -> HttpRequest:
    """Sign a request with botocore, and see it as the service would."""
    request = AWSRequest(method=method, url=url, headers=headers or {}, data=body)
    signer(Credentials(KEY_ID, SECRET, token), service, "eu-west-1", **options).add_auth(request)
    prepared = request.prepare()
    return HttpRequest(prepared.method, prepared.url, prepared.headers, body)


def s3_header(**changes: Any) -> HttpRequest:
    asked = {"headers": {"x-amz-acl": "private", "Content-Type": "text/plain"}, "body": b"hello"}
    return signed(S3SigV4Auth, "s3", "PUT", S3_URL, **(asked | changes))


def sts_header(**changes: Any) -> HttpRequest:
    asked = {"headers": FORM, "body": STS_BODY}
    return signed(
        SigV4Auth, "sts", "POST", "https://sts.eu-west-1.amazonaws.com/", **(asked | changes)
    )


def ec2_header() -> HttpRequest:
    body = b"Action=DescribeVpcs&Version=2016-11-15"
    return signed(SigV4Auth, "ec2", "POST", "https://ec2.eu-west-1.amazonaws.com/", FORM, body)


def json_header() -> HttpRequest:
    url = "https://dynamodb.eu-west-1.amazonaws.com/"
    return signed(SigV4Auth, "dynamodb", "POST", url, JSON, b"{}")


def rest_path() -> HttpRequest:
    url = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn%3Aaws%3Alambda/./a//b"
    return signed(SigV4Auth, "lambda", "GET", url)


def s3_presigned(**changes: Any) -> HttpRequest:
    return signed(S3SigV4QueryAuth, "s3", "GET", S3_URL, **({"expires": 60} | changes))


def sts_presigned() -> HttpRequest:
    url = "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    return signed(SigV4QueryAuth, "sts", "GET", url, expires=60)


def loopback() -> HttpRequest:
    return signed(S3SigV4Auth, "s3", "GET", "http://127.0.0.1:40123/b/k?list-type=2&prefix=")


EVERY_WAY = {
    "S3 header": (s3_header, S3_MISMATCH),
    "S3 header with session token": (lambda: s3_header(token=TOKEN), S3_MISMATCH),
    "S3 presigned": (s3_presigned, S3_MISMATCH),
    "S3 presigned with session token": (lambda: s3_presigned(token=TOKEN), S3_MISMATCH),
    "S3 on loopback": (loopback, S3_MISMATCH),
    "STS header": (sts_header, QUERY_MISMATCH),
    "STS presigned": (sts_presigned, QUERY_MISMATCH),
    "EC2 header": (ec2_header, EC2_FAILURE),
    "JSON": (json_header, JSON_MISMATCH),
    "REST path": (rest_path, QUERY_MISMATCH),
}


def altered(request: HttpRequest, **changes: Any) -> HttpRequest:
    parts = {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "body": request.body,
    }
    return HttpRequest(**(parts | changes))
