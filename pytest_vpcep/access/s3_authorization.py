"""From an S3 operation to the actions and resources that AWS authorizes for it.

Sources: "Required permissions for Amazon S3 API operations" (Amazon S3 User Guide), "API
operations defined by Amazon S3" (Service Authorization Reference, "Actions, resources, and
condition keys for Amazon S3") and the permissions section of each operation in the Amazon S3 API
Reference. Permissions that only add something to a successful answer (``s3:GetObjectAcl`` for an
owner's name in a listing, ``s3:GetObjectTagging`` for a tag count) are not asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_vpcep.access.authorization import Authorization, DeletedObject, partition_of
from pytest_vpcep.access.http_request import HttpRequest, ServiceAddress
from pytest_vpcep.access.s3_bodies import records
from pytest_vpcep.access.s3_operations import CopySource, S3Operation

#: The action of each operation whose action is not of the same name.
_ACTIONS = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateBucketMetadataConfiguration": "CreateBucketMetadataTableConfiguration",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketMetadataConfiguration": "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetadataConfiguration": "GetBucketMetadataTableConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetObjectTorrent": "GetObject",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PostObject": "PutObject",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "SelectObjectContent": "GetObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}

#: The action instead, where the request names an object version.
_VERSION_ACTIONS = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectAnnotation": "DeleteObjectVersionAnnotation",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectAnnotation": "GetObjectVersionAnnotation",
    "GetObjectAttributes": "GetObjectVersionAttributes",
    "GetObjectTagging": "GetObjectVersionTagging",
    "ListObjectAnnotations": "ListObjectVersionAnnotations",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectAnnotation": "PutObjectVersionAnnotation",
    "PutObjectTagging": "PutObjectVersionTagging",
}

#: Operations that only directory buckets have, or that no bucket has.
_ELSEWHERE = {
    "CreateSession": "s3express:CreateSession",
    "ListDirectoryBuckets": "s3express:ListAllMyDirectoryBuckets",
    "RenameObject": "s3express:CreateSession",
    "WriteGetObjectResponse": "s3-object-lambda:WriteGetObjectResponse",
}

#: Operations that create tables in an S3 table bucket, which needs permissions there as well.
_METADATA_TABLES = frozenset(
    {
        "CreateBucketMetadataConfiguration",
        "CreateBucketMetadataTableConfiguration",
        "UpdateBucketMetadataAnnotationTableConfiguration",
        "UpdateBucketMetadataInventoryTableConfiguration",
    }
)

_CREATING = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload"})
_BYPASSING = frozenset({"DeleteObject", "DeleteObjects", "PutObjectRetention"})
_GRANT_HEADERS = tuple(
    f"x-amz-grant-{grant}" for grant in ("full-control", "read", "read-acp", "write", "write-acp")
)

#: Operations that answer 404 or 403 for an object that is not there (their API Reference).
MISSING_OBJECT_OPERATIONS = frozenset({"GetObject", "HeadObject", "GetObjectAttributes"})


def s3_authorizations(
    operation: S3Operation, http_request: HttpRequest, *, source_is_tagged: bool = False
) -> tuple[Authorization, ...]:
    """List what AWS authorizes for an S3 operation: all of it has to be allowed.

    ``DeleteObjects`` alone answers object by object; its authorizations name their ``item``.

    Args:
        operation: the operation that ``s3_operation`` found the request to be.
        http_request: the request.
        source_is_tagged: for ``CopyObject``, whether the source object has tags, which are
            copied along by default.

    Raises:
        RequestError: the body, where it takes part, is not well-formed XML.
    """
    if operation.name in _ELSEWHERE:
        return (_elsewhere(operation),)
    if operation.address.service == "s3express":
        return (_directory_bucket(operation),)
    if operation.name == "DeleteObjects":
        return (*_deleted(operation, http_request), *_bypass(operation, http_request))
    return (
        *_source(operation, http_request, source_is_tagged=source_is_tagged),
        *_main(operation),
        *_from_headers(operation, http_request, source_is_tagged=source_is_tagged),
        *_from_body(operation, http_request),
        *_bypass(operation, http_request),
    )


def bucket_listing(operation: S3Operation) -> Authorization:
    """Name the permission that decides between 404 and 403 for an object that is not there."""
    return Authorization("s3:ListBucket", _bucket_arn(operation))


def missing_object_code(*, may_list: bool) -> str:
    """The error code for an object that is not there, or no longer.

    "If you have the s3:ListBucket permission" it is 404, without it 403 (GetObject, HeadObject
    and GetObjectAttributes, Amazon S3 API Reference), so that nobody learns names by asking.

    Args:
        may_list: whether the caller is allowed ``s3:ListBucket`` on the bucket.
    """
    return "NoSuchKey" if may_list else "AccessDenied"


def _main(operation: S3Operation) -> Iterator[Authorization]:
    """The operation's own action; GetObjectAttributes reads the object as well."""
    name = _ACTIONS.get(operation.name, operation.name)
    resource = _resource(operation)
    reason = _access_point_reason(operation.address)
    if operation.name == "PostObject":
        resource, reason = (
            f"{_bucket_arn(operation)}/*",
            "the key is in the form, which is not read",
        )
    yield _object_action(operation, name, resource, reason)
    if operation.name == "GetObjectAttributes":
        yield _object_action(operation, "GetObject", resource, reason)
    if operation.name in _METADATA_TABLES:
        yield Authorization(
            "s3tables:CreateTable",
            "*",
            undetermined="tables are made in a table bucket that the request need not name",
        )


def _object_action(
    operation: S3Operation, name: str, resource: str, reason: str | None
) -> Authorization:
    version_id = operation.version_id if name in _VERSION_ACTIONS else None
    action = _VERSION_ACTIONS[name] if version_id else name
    return Authorization(f"s3:{action}", resource, None, version_id, reason)


def _source(
    operation: S3Operation, http_request: HttpRequest, *, source_is_tagged: bool
) -> Iterator[Authorization]:
    """Reading what is copied, and its tags where they are copied along."""
    source = operation.source
    if source is None:
        return
    names = ["GetObject"]
    if operation.name == "CopyObject" and source_is_tagged and _copies_tags(http_request):
        names.append("GetObjectTagging")
    for name in names:
        action = _VERSION_ACTIONS[name] if source.version_id else name
        yield Authorization(
            f"s3:{action}", _source_arn(operation, source), version_id=source.version_id
        )


def _copies_tags(http_request: HttpRequest) -> bool:
    return http_request.headers.get("x-amz-tagging-directive", "COPY").upper() == "COPY"


def _from_headers(
    operation: S3Operation, http_request: HttpRequest, *, source_is_tagged: bool
) -> Iterator[Authorization]:
    if operation.name == "CreateBucket":
        yield from _bucket_from_headers(operation, http_request)
    if operation.name not in _CREATING:
        return
    headers, resource = http_request.headers, _resource(operation)
    acl = _acl(http_request)
    if acl is not None:
        default = "the documentation does not say whether the default ACL takes s3:PutObjectAcl"
        yield Authorization(
            "s3:PutObjectAcl", resource, undetermined=default if acl == "private" else None
        )
    copied = operation.name == "CopyObject" and source_is_tagged and _copies_tags(http_request)
    if copied or headers.get("x-amz-tagging"):
        yield Authorization("s3:PutObjectTagging", resource)
    if "x-amz-object-lock-mode" in headers or "x-amz-object-lock-retain-until-date" in headers:
        yield Authorization("s3:PutObjectRetention", resource)
    if "x-amz-object-lock-legal-hold" in headers:
        yield Authorization("s3:PutObjectLegalHold", resource)


def _bucket_from_headers(
    operation: S3Operation, http_request: HttpRequest
) -> Iterator[Authorization]:
    """What CreateBucket needs besides, by its headers (CreateBucket, "Permissions")."""
    bucket = _bucket_arn(operation)
    if _acl(http_request) not in (None, "private"):
        yield Authorization("s3:PutBucketAcl", bucket)
    if http_request.headers.get("x-amz-bucket-object-lock-enabled", "").lower() == "true":
        yield Authorization("s3:PutBucketObjectLockConfiguration", bucket)
        yield Authorization("s3:PutBucketVersioning", bucket)
    if "x-amz-object-ownership" in http_request.headers:
        yield Authorization("s3:PutBucketOwnershipControls", bucket)


def _acl(http_request: HttpRequest) -> str | None:
    """The canned ACL asked for, ``grants`` for explicit ones, None for none."""
    if any(name in http_request.headers for name in _GRANT_HEADERS):
        return "grants"
    return http_request.headers.get("x-amz-acl")


def _from_body(operation: S3Operation, http_request: HttpRequest) -> Iterator[Authorization]:
    if operation.name == "CreateBucket" and records(http_request.body, "Tag"):
        yield Authorization("s3:TagResource", _bucket_arn(operation))
    if operation.name == "PutBucketReplication":
        for configuration in records(http_request.body, "ReplicationConfiguration"):
            yield Authorization("iam:PassRole", configuration.get("Role", "*").strip() or "*")


def _deleted(operation: S3Operation, http_request: HttpRequest) -> Iterator[Authorization]:
    """One authorization for each object of a batch."""
    for entry in records(http_request.body, "Object"):
        item = DeletedObject(entry.get("Key", ""), entry.get("VersionId") or None)
        action = "s3:DeleteObjectVersion" if item.version_id else "s3:DeleteObject"
        resource = _object_arn(operation, item.key)
        reason = _access_point_reason(operation.address)
        yield Authorization(action, resource, item, item.version_id, reason)


def _bypass(operation: S3Operation, http_request: HttpRequest) -> Iterator[Authorization]:
    asked = http_request.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
    if operation.name not in _BYPASSING or not asked:
        return
    reason = "asked for objects under governance retention; the documentation leaves others open"
    if operation.name != "DeleteObjects":
        yield Authorization(
            "s3:BypassGovernanceRetention", _resource(operation), undetermined=reason
        )
        return
    for deleted in _deleted(operation, http_request):
        yield Authorization(
            "s3:BypassGovernanceRetention",
            deleted.resource,
            deleted.item,
            deleted.version_id,
            reason,
        )


def _elsewhere(operation: S3Operation) -> Authorization:
    reason = "the request does not name the resource's account"
    if operation.name == "WriteGetObjectResponse":
        reason = "the request names its Object Lambda access point by a token only"
    if operation.name == "ListDirectoryBuckets":
        return Authorization(_ELSEWHERE[operation.name], "*")
    return Authorization(_ELSEWHERE[operation.name], "*", undetermined=reason)


def _directory_bucket(operation: S3Operation) -> Authorization:
    """Zonal operations are authorized once, by CreateSession; Regional ones one by one."""
    action = "CreateSession" if operation.key else operation.name
    reason = "directory buckets are authorized by session, in an account the request does not name"
    return Authorization(f"s3express:{action}", "*", undetermined=reason)


def _access_point_reason(address: ServiceAddress) -> str | None:
    if address.access_point is None:
        return None
    return "the bucket behind the access point, whose policy counts too, is not in the request"


def _resource(operation: S3Operation) -> str:
    if operation.key is not None:
        return _object_arn(operation, operation.key)
    if operation.bucket is None and operation.address.access_point is None:
        return f"arn:{partition_of(operation.address.region)}:s3:::*"
    return _bucket_arn(operation)


def _bucket_arn(operation: S3Operation) -> str:
    if operation.address.access_point is not None:
        return operation.address.access_point
    return f"arn:{partition_of(operation.address.region)}:s3:::{operation.bucket}"


def _object_arn(operation: S3Operation, key: str) -> str:
    if operation.address.access_point is not None:
        return f"{operation.address.access_point}/object/{key}"
    return f"{_bucket_arn(operation)}/{key}"


def _source_arn(operation: S3Operation, source: CopySource) -> str:
    if source.access_point is not None:
        return f"{source.access_point}/object/{source.key}"
    return f"arn:{partition_of(operation.address.region)}:s3:::{source.bucket}/{source.key}"
