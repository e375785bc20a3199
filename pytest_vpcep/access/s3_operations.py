"""From an S3 REST request to the S3 API operation it is."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote

from pytest_vpcep.access.http_request import Addressing, HttpRequest, ServiceAddress, service_of
from pytest_vpcep.errors import RequestError

#: Bucket operations by method and subresource, and by method alone (``""``); Amazon S3 API
#: Reference, the "Request Syntax" of each operation.
_BUCKET_OPERATIONS = {
    "GET": {
        "abac": "GetBucketAbac",
        "accelerate": "GetBucketAccelerateConfiguration",
        "acl": "GetBucketAcl",
        "analytics": "GetBucketAnalyticsConfiguration",
        "cors": "GetBucketCors",
        "encryption": "GetBucketEncryption",
        "intelligent-tiering": "GetBucketIntelligentTieringConfiguration",
        "inventory": "GetBucketInventoryConfiguration",
        "lifecycle": "GetBucketLifecycleConfiguration",
        "location": "GetBucketLocation",
        "logging": "GetBucketLogging",
        "metadataConfiguration": "GetBucketMetadataConfiguration",
        "metadataTable": "GetBucketMetadataTableConfiguration",
        "metrics": "GetBucketMetricsConfiguration",
        "notification": "GetBucketNotificationConfiguration",
        "object-lock": "GetObjectLockConfiguration",
        "ownershipControls": "GetBucketOwnershipControls",
        "policy": "GetBucketPolicy",
        "policyStatus": "GetBucketPolicyStatus",
        "publicAccessBlock": "GetPublicAccessBlock",
        "replication": "GetBucketReplication",
        "requestPayment": "GetBucketRequestPayment",
        "session": "CreateSession",
        "tagging": "GetBucketTagging",
        "uploads": "ListMultipartUploads",
        "versioning": "GetBucketVersioning",
        "versions": "ListObjectVersions",
        "website": "GetBucketWebsite",
        "": "ListObjects",
    },
    "PUT": {
        "abac": "PutBucketAbac",
        "accelerate": "PutBucketAccelerateConfiguration",
        "acl": "PutBucketAcl",
        "analytics": "PutBucketAnalyticsConfiguration",
        "cors": "PutBucketCors",
        "encryption": "PutBucketEncryption",
        "intelligent-tiering": "PutBucketIntelligentTieringConfiguration",
        "inventory": "PutBucketInventoryConfiguration",
        "lifecycle": "PutBucketLifecycleConfiguration",
        "logging": "PutBucketLogging",
        "metadataAnnotationTable": "UpdateBucketMetadataAnnotationTableConfiguration",
        "metadataInventoryTable": "UpdateBucketMetadataInventoryTableConfiguration",
        "metadataJournalTable": "UpdateBucketMetadataJournalTableConfiguration",
        "metrics": "PutBucketMetricsConfiguration",
        "notification": "PutBucketNotificationConfiguration",
        "object-lock": "PutObjectLockConfiguration",
        "ownershipControls": "PutBucketOwnershipControls",
        "policy": "PutBucketPolicy",
        "publicAccessBlock": "PutPublicAccessBlock",
        "replication": "PutBucketReplication",
        "requestPayment": "PutBucketRequestPayment",
        "tagging": "PutBucketTagging",
        "versioning": "PutBucketVersioning",
        "website": "PutBucketWebsite",
        "": "CreateBucket",
    },
    "POST": {
        "delete": "DeleteObjects",
        "metadataConfiguration": "CreateBucketMetadataConfiguration",
        "metadataTable": "CreateBucketMetadataTableConfiguration",
        "": "PostObject",
    },
    "DELETE": {
        "analytics": "DeleteBucketAnalyticsConfiguration",
        "cors": "DeleteBucketCors",
        "encryption": "DeleteBucketEncryption",
        "intelligent-tiering": "DeleteBucketIntelligentTieringConfiguration",
        "inventory": "DeleteBucketInventoryConfiguration",
        "lifecycle": "DeleteBucketLifecycle",
        "metadataConfiguration": "DeleteBucketMetadataConfiguration",
        "metadataTable": "DeleteBucketMetadataTableConfiguration",
        "metrics": "DeleteBucketMetricsConfiguration",
        "ownershipControls": "DeleteBucketOwnershipControls",
        "policy": "DeleteBucketPolicy",
        "publicAccessBlock": "DeletePublicAccessBlock",
        "replication": "DeleteBucketReplication",
        "tagging": "DeleteBucketTagging",
        "website": "DeleteBucketWebsite",
        "": "DeleteBucket",
    },
    "HEAD": {"": "HeadBucket"},
}

#: Object operations, likewise.
_OBJECT_OPERATIONS = {
    "GET": {
        "acl": "GetObjectAcl",
        "annotation": "GetObjectAnnotation",
        "attributes": "GetObjectAttributes",
        "legal-hold": "GetObjectLegalHold",
        "retention": "GetObjectRetention",
        "tagging": "GetObjectTagging",
        "torrent": "GetObjectTorrent",
        "uploadId": "ListParts",
        "": "GetObject",
    },
    "PUT": {
        "acl": "PutObjectAcl",
        "annotation": "PutObjectAnnotation",
        "encryption": "UpdateObjectEncryption",
        "legal-hold": "PutObjectLegalHold",
        "renameObject": "RenameObject",
        "retention": "PutObjectRetention",
        "tagging": "PutObjectTagging",
        "uploadId": "UploadPart",
        "": "PutObject",
    },
    "POST": {
        "restore": "RestoreObject",
        "select": "SelectObjectContent",
        "uploadId": "CompleteMultipartUpload",
        "uploads": "CreateMultipartUpload",
    },
    "DELETE": {
        "annotation": "DeleteObjectAnnotation",
        "tagging": "DeleteObjectTagging",
        "uploadId": "AbortMultipartUpload",
        "": "DeleteObject",
    },
    "HEAD": {"": "HeadObject"},
}

#: Operations that share method and subresource with another one, told apart by a parameter: the
#: name where it is absent.
_WITHOUT_PARAMETER = {
    "GetBucketAnalyticsConfiguration": ("id", "ListBucketAnalyticsConfigurations"),
    "GetBucketIntelligentTieringConfiguration": (
        "id",
        "ListBucketIntelligentTieringConfigurations",
    ),
    "GetBucketInventoryConfiguration": ("id", "ListBucketInventoryConfigurations"),
    "GetBucketMetricsConfiguration": ("id", "ListBucketMetricsConfigurations"),
    "GetObjectAnnotation": ("annotationName", "ListObjectAnnotations"),
}

#: PUT operations that become another one where ``x-amz-copy-source`` is given.
_WITH_COPY_SOURCE = {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}

#: Names of botocore's model that are older forms of one request, to the name used here.
SAME_ON_THE_WIRE = MappingProxyType(
    {
        "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
        "GetBucketNotification": "GetBucketNotificationConfiguration",
        "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
        "PutBucketNotification": "PutBucketNotificationConfiguration",
    }
)


@dataclass(frozen=True)
class CopySource:
    """What ``x-amz-copy-source`` names.

    Args:
        bucket: the source bucket; None where an access point is named.
        key: the source object's key, decoded.
        version_id: the version asked for; None for the current one.
        access_point: ARN of the access point the source is read through, else None.
    """

    bucket: str | None
    key: str
    version_id: str | None = None
    access_point: str | None = None


@dataclass(frozen=True)
class S3Operation:
    """One S3 API operation, and what it is asked of.

    Args:
        name: the operation's name in the Amazon S3 API Reference, such as ``ListObjectsV2``;
            where two names mean one request, the newer (``SAME_ON_THE_WIRE``).
        bucket: the bucket; None for ``ListBuckets``, and over an access point.
        key: the object's key, decoded; None for an operation on a bucket or account.
        version_id: the object version asked for; None for the current one.
        source: what is copied, for ``CopyObject`` and ``UploadPartCopy``.
        address: the service address the request was sent to.
    """

    name: str
    bucket: str | None
    key: str | None
    version_id: str | None
    source: CopySource | None
    address: ServiceAddress


def s3_operation(http_request: HttpRequest) -> S3Operation:
    """Name the S3 operation that a request is, from its method, address, query and headers.

    ``PostObject``, a browser's form upload, is no operation of the SDKs but is of S3's.

    Raises:
        RequestError: S3 has no operation of that method and subresource, or the copy source or
            address cannot be read.
    """
    address = service_of(http_request)
    if address.service == "s3-object-lambda":
        return S3Operation("WriteGetObjectResponse", None, None, None, None, address)
    if address.service not in ("s3", "s3express"):
        raise RequestError(f"a request to {address.service} is not an S3 bucket or object request")
    key = _key(http_request, address)
    if address.bucket is None and address.access_point is None:
        return S3Operation(
            _account_operation(http_request, address), None, None, None, None, address
        )
    name = _name(http_request, _OBJECT_OPERATIONS if key else _BUCKET_OPERATIONS)
    copy_source = http_request.headers.get("x-amz-copy-source")
    source = None
    if copy_source is not None and name in _WITH_COPY_SOURCE:
        name, source = _WITH_COPY_SOURCE[name], _copy_source(copy_source)
    version_id = http_request.parameters.get("versionId") if key else None
    return S3Operation(name, address.bucket, key, version_id or None, source, address)


def _key(http_request: HttpRequest, address: ServiceAddress) -> str | None:
    path = http_request.parts.path.removeprefix("/")
    if address.addressing is Addressing.PATH:
        path = path.partition("/")[2]
    return unquote(path) or None


def _account_operation(http_request: HttpRequest, address: ServiceAddress) -> str:
    if http_request.method != "GET":
        raise RequestError(
            f"S3 has no {http_request.method} operation without a bucket; name one in host or path"
        )
    return "ListDirectoryBuckets" if address.service == "s3express" else "ListBuckets"


def _name(http_request: HttpRequest, operations: dict[str, dict[str, str]]) -> str:
    by_subresource = operations.get(http_request.method, {})
    subresource = next((name for name, _ in http_request.query if name in by_subresource), "")
    name = by_subresource.get(subresource)
    if name is None:
        raise RequestError(
            f"S3 has no {http_request.method} operation of that path and query "
            f"(parameters: {', '.join(sorted(http_request.parameters)) or 'none'})"
        )
    if name in _WITHOUT_PARAMETER and _WITHOUT_PARAMETER[name][0] not in http_request.parameters:
        return _WITHOUT_PARAMETER[name][1]
    if name == "ListObjects" and http_request.parameters.get("list-type") == "2":
        return "ListObjectsV2"
    return name


def _copy_source(header: str) -> CopySource:
    """Read ``[/]BUCKET/KEY[?versionId=ID]`` or ``ARN/object/KEY``, percent-encoded (CopyObject)."""
    path, _, query = header.partition("?versionId=")
    path = unquote(path).removeprefix("/")
    version_id = unquote(query) or None
    if path.startswith("arn:"):
        access_point, separator, key = path.partition("/object/")
        if not separator:
            raise RequestError("x-amz-copy-source: an ARN has to end in /object/KEY")
        return CopySource(None, key, version_id, access_point)
    bucket, _, key = path.partition("/")
    if not bucket or not key:
        raise RequestError("x-amz-copy-source has to be BUCKET/KEY")
    return CopySource(bucket, key, version_id)
