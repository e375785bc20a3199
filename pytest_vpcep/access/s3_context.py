"""The condition keys that S3 takes from a request itself.

Sources: "Actions, resources, and condition keys for Amazon S3" (Service Authorization Reference)
for which key goes with which action, "Amazon S3 Signature Version 4 Authentication Specific Policy
Keys" (Amazon S3 API Reference), "Enforce conditional writes on Amazon S3 buckets" (Amazon S3 User
Guide). Which resource, principal and way a request has is known elsewhere, so keys of those
(``s3:ResourceAccount``, ``s3:DataAccessPointArn``, ``aws:SourceVpce``, ...) are not made here;
nor is ``s3:object-lock-remaining-retention-days``, whose rounding is not documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from urllib.parse import parse_qsl

from pytest_vpcep.access.authorization import Authorization
from pytest_vpcep.access.credential_scope import credential_of
from pytest_vpcep.access.http_request import HttpRequest
from pytest_vpcep.access.s3_bodies import records
from pytest_vpcep.access.s3_operations import S3Operation

_CREATE = frozenset({"PutObject", "BypassGovernanceRetention"})
_ACL = _CREATE | {"CreateBucket", "PutBucketAcl", "PutObjectAcl", "PutObjectVersionAcl"}
_ENCRYPT = _CREATE | {"UpdateObjectEncryption"}
_STORAGE_CLASS = _CREATE | {"PutObjectAcl", "PutObjectVersionAcl"}
_RETAIN = frozenset({"PutObject", "PutObjectRetention"})
_ANNOTATE = frozenset(
    f"{verb}Object{version}Annotation" for verb in ("Put", "Delete") for version in ("", "Version")
)
_LIST = frozenset({"ListBucket", "ListBucketVersions"})
_LIST_ANNOTATIONS = frozenset({"ListObjectAnnotations", "ListObjectVersionAnnotations"})
_TAG = _CREATE | {"PutObjectTagging", "PutObjectVersionTagging"}
_ON_EXISTING_TAGS = frozenset(
    {
        "DeleteObjectAnnotation",
        "DeleteObjectTagging",
        "DeleteObjectVersionAnnotation",
        "DeleteObjectVersionTagging",
        "GetObject",
        "GetObjectAcl",
        "GetObjectAnnotation",
        "GetObjectAttributes",
        "GetObjectTagging",
        "GetObjectVersion",
        "GetObjectVersionAcl",
        "GetObjectVersionAnnotation",
        "GetObjectVersionAttributes",
        "GetObjectVersionTagging",
        "ListObjectAnnotations",
        "ListObjectVersionAnnotations",
        "PutObjectAcl",
        "PutObjectAnnotation",
        "PutObjectTagging",
        "PutObjectVersionAcl",
        "PutObjectVersionAnnotation",
        "PutObjectVersionTagging",
        "UpdateObjectEncryption",
    }
)

#: Keys that are a header's value: the key's name after ``s3:``, the header, and the actions.
_HEADER_KEYS = (
    ("x-amz-acl", "x-amz-acl", _ACL),
    ("x-amz-grant-full-control", "x-amz-grant-full-control", _ACL),
    ("x-amz-grant-read", "x-amz-grant-read", _ACL),
    ("x-amz-grant-read-acp", "x-amz-grant-read-acp", _ACL),
    ("x-amz-grant-write", "x-amz-grant-write", _ACL),
    ("x-amz-grant-write-acp", "x-amz-grant-write-acp", _ACL),
    ("x-amz-metadata-directive", "x-amz-metadata-directive", _CREATE),
    ("x-amz-object-annotation-directive", "x-amz-object-annotation-directive", {"PutObject"}),
    ("x-amz-object-ownership", "x-amz-object-ownership", {"CreateBucket"}),
    ("x-amz-bucket-namespace", "x-amz-bucket-namespace", {"CreateBucket"}),
    ("x-amz-object-if-match", "x-amz-object-if-match", _ANNOTATE),
    ("x-amz-server-side-encryption", "x-amz-server-side-encryption", _ENCRYPT),
    (
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-aws-kms-key-id",
        _ENCRYPT,
    ),
    (
        "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-server-side-encryption-customer-algorithm",
        _CREATE,
    ),
    ("x-amz-storage-class", "x-amz-storage-class", _STORAGE_CLASS),
    ("x-amz-website-redirect-location", "x-amz-website-redirect-location", _CREATE),
    ("if-match", "if-match", {"DeleteObject", "PutObject"}),
    ("if-none-match", "if-none-match", {"PutObject"}),
    ("object-lock-mode", "x-amz-object-lock-mode", _RETAIN),
    ("object-lock-retain-until-date", "x-amz-object-lock-retain-until-date", _RETAIN),
    ("object-lock-legal-hold", "x-amz-object-lock-legal-hold", {"PutObject", "PutObjectLegalHold"}),
)

#: Keys that are a query parameter's value, likewise.
_PARAMETER_KEYS = (
    ("prefix", "prefix", _LIST),
    ("delimiter", "delimiter", _LIST),
    ("max-keys", "max-keys", _LIST),
    ("annotation-prefix", "annotation-prefix", _LIST_ANNOTATIONS),
    ("max-annotation-results", "max-annotation-results", _LIST_ANNOTATIONS),
)

#: Keys in the body, by operation, which has an action of the same name: the key's name after
#: ``s3:``, the element and its child.
_BODY_KEYS = {
    "CreateBucket": (("LocationConstraint", "CreateBucketConfiguration", "LocationConstraint"),),
    "PutObjectRetention": (
        ("object-lock-mode", "Retention", "Mode"),
        ("object-lock-retain-until-date", "Retention", "RetainUntilDate"),
    ),
    "PutObjectLegalHold": (("object-lock-legal-hold", "LegalHold", "Status"),),
    "UpdateObjectEncryption": (
        ("x-amz-server-side-encryption-aws-kms-key-id", "SSE-KMS", "KMSKeyArn"),
    ),
}

#: Actions without ``s3:x-amz-content-sha256``.
_WITHOUT_CONTENT_HASH = frozenset(
    {"GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration"}
)

#: PutObject operations that do not make an object appear, and so take no conditional headers.
_NOT_CREATING = frozenset({"CreateMultipartUpload", "UploadPart", "UploadPartCopy"})

#: A request context under construction.
_Values = dict[str, "str | tuple[str, ...]"]


def http_context(http_request: HttpRequest) -> dict[str, str]:
    """The global condition keys that any service takes from the HTTP request.

    ``aws:UserAgent``, ``aws:Referer`` and ``aws:SecureTransport`` ("AWS global condition context
    keys", IAM User Guide).

    Args:
        http_request: the request, with AWS's own URL, whose scheme tells TLS.
    """
    context = {"aws:SecureTransport": "true" if http_request.parts.scheme == "https" else "false"}
    for key, header in (("aws:UserAgent", "User-Agent"), ("aws:Referer", "Referer")):
        if header in http_request.headers:
            context[key] = http_request.headers[header]
    return context


def s3_context(
    authorization: Authorization,
    operation: S3Operation,
    http_request: HttpRequest,
    *,
    now: datetime | None = None,
    tls_version: str | None = None,
    existing_tags: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str | tuple[str, ...]]:
    """The condition keys that S3 fills from the request, for one of its authorizations.

    Args:
        authorization: the action and resource that are to be judged.
        operation: the operation the request is.
        http_request: the request, with AWS's own URL.
        now: the service's clock, for ``s3:signatureAge``; the present by default.
        tls_version: TLS version of the client's connection, such as ``1.3``; None leaves the key
            out, as plain HTTP does.
        existing_tags: tags the object has already, for ``s3:ExistingObjectTag``.

    Raises:
        RequestError: the body, where it takes part, is not well-formed XML.
    """
    service, _, action = authorization.action.partition(":")
    context: _Values = dict(http_context(http_request))
    if service == "iam":
        return context | {"iam:PassedToService": "s3.amazonaws.com"}
    if service != "s3":
        return context
    context |= _authentication(action, http_request, now or datetime.now(UTC))
    if tls_version is not None and http_request.parts.scheme == "https":
        context["s3:TlsVersion"] = tls_version
    context |= _from_headers_and_query(action, http_request)
    if operation.name == action:
        context |= _from_body(operation, http_request)
    context |= _of_object(action, authorization, operation, existing_tags)
    return context | _tags(action, operation, http_request)


def _authentication(action: str, http_request: HttpRequest, now: datetime) -> dict[str, str]:
    """How the request is signed; an anonymous one has none of these keys."""
    credential = credential_of(http_request)
    if credential is None:
        return {}
    context = {
        "s3:authType": "REST-QUERY-STRING" if credential.presigned else "REST-HEADER",
        "s3:signatureversion": credential.algorithm,
    }
    content_hash = http_request.headers.get("x-amz-content-sha256")
    if content_hash is not None and action not in _WITHOUT_CONTENT_HASH:
        context["s3:x-amz-content-sha256"] = content_hash
    if credential.presigned and credential.signed_at is not None:
        age = max(now - credential.signed_at, timedelta())
        context["s3:signatureAge"] = str(int(age.total_seconds() * 1000))
    return context


def _from_headers_and_query(action: str, http_request: HttpRequest) -> dict[str, str]:
    """Keys that are values as sent: an empty prefix is there, an absent one is not."""
    context = {
        f"s3:{key}": http_request.headers[header]
        for key, header, actions in _HEADER_KEYS
        if action in actions and header in http_request.headers
    }
    return context | {
        f"s3:{key}": http_request.parameters[parameter]
        for key, parameter, actions in _PARAMETER_KEYS
        if action in actions and parameter in http_request.parameters
    }


def _from_body(operation: S3Operation, http_request: HttpRequest) -> dict[str, str]:
    """Keys in an XML body; other operations' bodies are objects, and nobody's to read."""
    return {
        f"s3:{key}": record[child]
        for key, element, child in _BODY_KEYS.get(operation.name, ())
        for record in records(http_request.body, element)
        if child in record
    }


def _of_object(
    action: str,
    authorization: Authorization,
    operation: S3Operation,
    existing_tags: Mapping[str, str],
) -> dict[str, str]:
    """Version, copy source, and tags of the object that is there."""
    context = {}
    if authorization.version_id:
        context["s3:VersionId"] = authorization.version_id
    if operation.source is not None and action in _CREATE:
        source = operation.source
        named = f"{source.access_point}/object" if source.access_point else source.bucket
        context["s3:x-amz-copy-source"] = f"{named}/{source.key}"
    if action == "PutObject":
        creates = operation.name not in _NOT_CREATING
        context["s3:ObjectCreationOperation"] = "true" if creates else "false"
    if action in _ON_EXISTING_TAGS:
        context |= {f"s3:ExistingObjectTag/{key}": tag for key, tag in existing_tags.items()}
    return context


def _tags(action: str, operation: S3Operation, http_request: HttpRequest) -> _Values:
    """Tags that the request sets, on an object or on a bucket."""
    header = http_request.headers.get("x-amz-tagging", "")
    tags = dict(parse_qsl(header, keep_blank_values=True))
    if operation.name in ("PutObjectTagging", "CreateBucket"):
        found = records(http_request.body, "Tag")
        tags = {tag.get("Key", ""): tag.get("Value", "") for tag in found}
    one, several = "s3:RequestObjectTag", "s3:RequestObjectTagKeys"
    if action in ("CreateBucket", "TagResource"):
        one, several = "aws:RequestTag", "aws:TagKeys"
    elif action not in _TAG:
        return {}
    context: _Values = {f"{one}/{key}": tag for key, tag in tags.items()}
    return context | ({several: tuple(tags)} if tags else {})
