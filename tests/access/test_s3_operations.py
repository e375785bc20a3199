from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore_requests import http_request, prepared, s3_client

from pytest_vpcep.access.http_request import HttpRequest
from pytest_vpcep.access.s3_operations import SAME_ON_THE_WIRE, CopySource, s3_operation
from pytest_vpcep.errors import RequestError

MODEL = botocore.session.Session().get_service_model("s3")
EVERY_OPERATION = list(MODEL.operation_names)
BUCKET_URL = "https://amzn-s3-demo-bucket.s3.us-east-1.amazonaws.com"

ADDRESSINGS = {
    "virtual": {"addressing": "virtual"},
    "path": {"addressing": "path"},
    "loopback": {"addressing": "auto", "endpoint_url": "http://127.0.0.1:5005"},
    "legacy-global": {"addressing": "virtual", "region": "us-east-1"},
}


@pytest.fixture(scope="module", params=ADDRESSINGS)
def client(request: pytest.FixtureRequest) -> Any:
    return s3_client(**ADDRESSINGS[request.param])


@pytest.mark.parametrize("optional", [False, True], ids=["required", "all"])
@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_every_operation_of_botocore_maps_back(client: Any, name: str, optional: bool) -> None:
    model = MODEL.operation_model(name)
    operation = s3_operation(http_request(prepared(client, model, optional=optional)))
    members = model.input_shape.members if model.input_shape else {}
    assert operation.name == SAME_ON_THE_WIRE.get(name, name)
    assert operation.bucket == ("amzn-s3-demo-bucket" if "Bucket" in members else None)
    assert operation.key == ("folder/a key+&=é.txt" if "Key" in members else None)


@pytest.mark.parametrize("old", SAME_ON_THE_WIRE)
def test_operations_that_share_a_name_here_cannot_be_told_apart(old: str) -> None:
    new = SAME_ON_THE_WIRE[old]
    assert MODEL.operation_model(old).http == MODEL.operation_model(new).http


@pytest.mark.parametrize(
    ("method", "path", "name", "key", "version_id"),
    [
        pytest.param("GET", "", "ListObjects", None, None, id="no path at all"),
        pytest.param("GET", "/?list-type=2&prefix=", "ListObjectsV2", None, None, id="v2"),
        pytest.param("GET", "/?list-type=1", "ListObjects", None, None, id="other list type"),
        pytest.param("GET", "/k?versionId=v1", "GetObject", "k", "v1", id="version"),
        pytest.param("GET", "/k?versionId=", "GetObject", "k", None, id="empty version"),
        pytest.param(
            "GET", "/?versionId=v1", "ListObjects", None, None, id="bucket has no version"
        ),
        pytest.param(
            "GET", "/k?response-content-type=a", "GetObject", "k", None, id="response header"
        ),
        pytest.param("GET", "/a//b", "GetObject", "a//b", None, id="empty segment in key"),
        pytest.param("GET", "/%2e%2e/b", "GetObject", "../b", None, id="dots in key stay"),
        pytest.param("GET", "/a%20b%2Bc", "GetObject", "a b+c", None, id="encoded key"),
        pytest.param("GET", "/a+b", "GetObject", "a+b", None, id="plus in a path is a plus"),
        pytest.param("GET", "/policy", "GetObject", "policy", None, id="key like a subresource"),
        pytest.param("GET", "/?policy", "GetBucketPolicy", None, None, id="no equals sign"),
        pytest.param("GET", "/?policy=", "GetBucketPolicy", None, None, id="equals sign"),
        pytest.param("get", "/?policy", "GetBucketPolicy", None, None, id="lower-case method"),
        pytest.param("PUT", "/k?partNumber=1&uploadId=u", "UploadPart", "k", None, id="part"),
        pytest.param("POST", "/", "PostObject", None, None, id="form upload"),
        pytest.param("POST", "/?delete", "DeleteObjects", None, None, id="batch delete"),
        pytest.param("HEAD", "/", "HeadBucket", None, None, id="head bucket"),
        pytest.param("HEAD", "/k?partNumber=1", "HeadObject", "k", None, id="head part"),
    ],
)
def test_requests_as_other_clients_write_them(
    method: str, path: str, name: str, key: str | None, version_id: str | None
) -> None:
    operation = s3_operation(HttpRequest(method, f"{BUCKET_URL}{path}", {}))
    assert (operation.name, operation.key, operation.version_id) == (name, key, version_id)


@pytest.mark.parametrize(
    ("header", "source"),
    [
        pytest.param("b/k", CopySource("b", "k"), id="plain"),
        pytest.param("/b/k", CopySource("b", "k"), id="leading slash"),
        pytest.param("b/a%20b/c%3F", CopySource("b", "a b/c?"), id="encoded"),
        pytest.param("b%2Fk", CopySource("b", "k"), id="encoded slash"),
        pytest.param("b/k?versionId=v", CopySource("b", "k", "v"), id="version"),
        pytest.param(
            "arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/d/k",
            CopySource(None, "d/k", None, "arn:aws:s3:us-east-1:111122223333:accesspoint/ap"),
            id="access point",
        ),
    ],
)
def test_copy_source(header: str, source: CopySource) -> None:
    request = HttpRequest("PUT", f"{BUCKET_URL}/k", {"X-Amz-Copy-Source": header})
    assert s3_operation(request).source == source
    part = HttpRequest(
        "PUT", f"{BUCKET_URL}/k?partNumber=1&uploadId=u", {"x-amz-copy-source": header}
    )
    assert s3_operation(part).name == "UploadPartCopy"


@pytest.mark.parametrize(
    ("method", "url", "headers", "said"),
    [
        pytest.param("PATCH", f"{BUCKET_URL}/k", {}, "no PATCH operation", id="method"),
        pytest.param("POST", f"{BUCKET_URL}/k?acl", {}, "no POST operation", id="subresource"),
        pytest.param(
            "DELETE", "https://s3.us-east-1.amazonaws.com/", {}, "without a bucket", id="no bucket"
        ),
        pytest.param(
            "PUT", f"{BUCKET_URL}/k", {"x-amz-copy-source": "b"}, "BUCKET/KEY", id="copy source"
        ),
        pytest.param(
            "PUT",
            f"{BUCKET_URL}/k",
            {"x-amz-copy-source": "arn:aws:s3:::b/k"},
            "/object/KEY",
            id="copy source ARN",
        ),
        pytest.param("GET", "https://sts.us-east-1.amazonaws.com/", {}, "sts", id="other service"),
    ],
)
def test_requests_that_are_no_operation(
    method: str, url: str, headers: dict[str, str], said: str
) -> None:
    with pytest.raises(RequestError, match=said):
        s3_operation(HttpRequest(method, url, headers))
