"""Error answers in the form each service gives them: S3's XML, the query protocols', JSON."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from pytest_vpcep.cloud.door import Answer

if TYPE_CHECKING:
    from pytest_vpcep.access.http_request import HttpRequest

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def error_answer(
    request: HttpRequest, service: str, status: int, code: str, message: str
) -> Answer:
    """An error as a service words it on the wire.

    "Error responses" (Amazon S3 API Reference), "Error codes for the Amazon EC2 API", and
    "AWS Query protocol" (Smithy) give the three XML forms.

    Args:
        request: the request that is refused.
        service: the service that refuses it, as in a credential scope.
        status: HTTP status code.
        code: the service's error code.
        message: its wording.

    """
    request_id = secrets.token_hex(8).upper()
    headers = {"x-amzn-requestid": request_id, "content-type": "application/xml"}
    if request.method == "HEAD":
        return Answer(status, headers | {"x-amz-request-id": request_id}, b"")
    if service.startswith("s3"):
        headers = {"content-type": "application/xml", "x-amz-request-id": request_id}
        return Answer(status, headers, _s3_body(code, message, request_id).encode())
    if service == "ec2":
        return Answer(status, headers, _ec2_body(code, message, request_id).encode())
    if "X-Amz-Target" in request.headers:
        headers["content-type"] = "application/x-amz-json-1.1"
        return Answer(status, headers, json.dumps({"__type": code, "message": message}).encode())
    return Answer(status, headers, _query_body(code, message, request_id).encode())


def _s3_body(code: str, message: str, request_id: str) -> str:
    return (
        f"{_XML}<Error><Code>{code}</Code><Message>{escape(message)}</Message>"
        f"<RequestId>{request_id}</RequestId><HostId>{secrets.token_urlsafe(32)}</HostId></Error>"
    )


def _ec2_body(code: str, message: str, request_id: str) -> str:
    return (
        f"{_XML}<Response><Errors><Error><Code>{code}</Code>"
        f"<Message>{escape(message)}</Message></Error></Errors>"
        f"<RequestID>{request_id}</RequestID></Response>"
    )


def _query_body(code: str, message: str, request_id: str) -> str:
    return (
        f"{_XML}<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
        f"<Message>{escape(message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
