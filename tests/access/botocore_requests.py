"""Every S3 operation of botocore's model as the HTTP request botocore would send, never sent."""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.model import OperationModel, Shape

from pytest_vpcep.access.http_request import HttpRequest

SECRET = "made-up"

#: Member names whose value botocore checks or routes by.
_STRINGS = {
    "Bucket": "amzn-s3-demo-bucket",
    "Key": "folder/a key+&=é.txt",
    "CopySource": "amzn-s3-source-bucket/source%20key.txt?versionId=sourceversion",
    "RenameSource": "/old-name.txt",
    "SSECustomerKey": "0" * 32,
    "CopySourceSSECustomerKey": "1" * 32,
    "ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg==",
    "RequestRoute": "io-route",
    "Expires": "2026-01-01T00:00:00Z",
    "KMSKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
}


def value_for(name: str, shape: Shape, *, optional: bool, depth: int = 0) -> Any:
    """Make up a value of a shape: its required members, and the optional ones if asked."""
    match shape.type_name:
        case "string":
            enum = getattr(shape, "enum", None)
            return enum[0] if enum else _STRINGS.get(name, "value")
        case "integer" | "long":
            return 1
        case "boolean":
            return True
        case "timestamp":
            return "2026-01-01T00:00:00Z"
        case "blob":
            return b"body"
        case "list":
            return [value_for(name, shape.member, optional=optional, depth=depth + 1)]
        case "map":
            return {"name": "value"}
        case "structure":
            return _structure(shape, optional=optional, depth=depth)
    raise AssertionError(f"no value for a shape of type {shape.type_name}")


def _structure(shape: Any, *, optional: bool, depth: int) -> dict[str, Any]:
    names = list(shape.required_members)
    if optional and depth < 3:
        names = list(shape.members)
    if getattr(shape, "is_tagged_union", False):
        names = list(shape.members)[:1]
    return {
        name: value_for(name, shape.members[name], optional=optional, depth=depth + 1)
        for name in names
    }


def s3_client(
    *, addressing: str, endpoint_url: str | None = None, region: str = "eu-west-1"
) -> Any:
    """A client that signs with made-up keys."""
    session = botocore.session.Session(profile=None)
    return session.create_client(
        "s3",
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key=SECRET,
        config=Config(s3={"addressing_style": addressing}, signature_version="s3v4"),
    )


def prepared(client: Any, operation: OperationModel, *, optional: bool) -> AWSPreparedRequest:
    """The signed request for an operation, caught before it would be sent."""
    caught: list[AWSPreparedRequest] = []

    def catch(request: AWSPreparedRequest, **_: Any) -> Any:
        caught.append(request)
        raise _CaughtError

    parameters = _structure(operation.input_shape, optional=optional, depth=0)
    client.meta.events.register_first("before-send.s3", catch, unique_id="catch")
    try:
        client._make_api_call(operation.name, parameters)
    except _CaughtError:
        return caught[0]
    finally:
        client.meta.events.unregister("before-send.s3", catch, unique_id="catch")
    raise AssertionError(f"{operation.name} sent nothing")


def http_request(request: AWSPreparedRequest) -> HttpRequest:
    """A prepared request as the gate would see it."""
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    return HttpRequest(
        request.method,
        request.url,
        request.headers,
        body.encode() if isinstance(body, str) else body,
    )


class _CaughtError(Exception):
    pass
