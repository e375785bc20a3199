"""An HTTP request to an AWS service as data, and which service, Region and bucket it addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pytest_vpcep.access.credential_scope import credential_of
from pytest_vpcep.errors import RequestError

#: DNS suffixes of AWS's public service endpoints ("Regional endpoints", AWS General Reference).
_AWS_SUFFIXES = (".amazonaws.com.cn", ".amazonaws.com", ".amazonaws.eu", ".api.aws")

_REGION = r"[a-z]{2,4}(?:-[a-z]+)+-\d+"
_REGION_LABEL = re.compile(f"^{_REGION}$")
_VPC_ENDPOINT_LABEL = re.compile(r"^vpce-[0-9a-z-]+$")

_S3_HOST = re.compile(
    rf"^(?:(?P<prefix>.+)\.)?"
    rf"s3(?P<variant>-accesspoint|-control|-accelerate|-object-lambda|-outposts|-website)?"
    rf"(?:-fips)?(?:\.dualstack)?(?:[.-](?P<region>{_REGION}|external-1))?$"
)
_S3EXPRESS_HOST = re.compile(
    rf"^(?:(?P<prefix>.+)\.)?s3express-(?:fips-)?[a-z0-9-]+\.(?:dualstack\.)?(?P<region>{_REGION})$"
)
_ACCESS_POINT_HOST = re.compile(r"^(?P<name>.+)-(?P<account>\d{12})$")

#: STS operations that carry no signature; every other unsigned request is taken for one to S3.
_UNSIGNED_STS_ACTIONS = ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")


class Headers(Mapping[str, str]):
    """HTTP headers, looked up without regard to case; several of one name are not kept apart.

    Args:
        values: name to value; bytes are read as ISO-8859-1, as HTTP does.
    """

    def __init__(self, values: Mapping[str, str | bytes]) -> None:
        self._values = MappingProxyType(
            {
                name.lower(): value.decode("latin-1") if isinstance(value, bytes) else str(value)
                for name, value in values.items()
            }
        )

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({sorted(self._values)})"


@dataclass(frozen=True, repr=False)
class HttpRequest:
    """One HTTP request as it reached AWS, or as it would have.

    Its ``repr`` leaves out query, headers and body, which can carry session tokens.

    Args:
        method: HTTP method, in any case.
        url: absolute URL with AWS's host name, or with the address that stands in for it; the
            percent-encoding is the client's own.
        headers: request headers; looked up without regard to case.
        body: the body's bytes, decoded from any transfer encoding.

    Raises:
        RequestError: the URL is not an absolute HTTP URL.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""

    def __post_init__(self) -> None:
        object.__setattr__(self, "method", self.method.upper())
        object.__setattr__(self, "headers", Headers(self.headers))
        if self.parts.scheme not in ("http", "https") or not self.parts.hostname:
            raise RequestError(
                f"request URL {self.url.partition('?')[0]!r} is not an absolute http or https URL"
            )

    def __repr__(self) -> str:
        return f"HttpRequest({self.method!r}, {self.url.partition('?')[0]!r})"

    @cached_property
    def parts(self) -> SplitResult:
        """The URL taken apart, still percent-encoded."""
        try:
            parts = urlsplit(self.url)
            _ = parts.port
        except ValueError as error:
            raise RequestError(f"request URL has no readable host and port: {error}") from error
        return parts

    @cached_property
    def path(self) -> str:
        """The path, percent-decoded."""
        return unquote(self.parts.path)

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query's parameters, decoded, in order; one without ``=`` has the value ``""``."""
        return tuple(parse_qsl(self.parts.query, keep_blank_values=True))

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """The query's parameters by name; of several of one name the first."""
        return _first_of_each(self.query)

    @cached_property
    def form(self) -> Mapping[str, str]:
        """The body's parameters where it is a form, as the query protocols send; else empty."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            return MappingProxyType({})
        text = self.body.decode("utf-8", "replace")
        return _first_of_each(parse_qsl(text, keep_blank_values=True))


def _first_of_each(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return MappingProxyType(found)


class Addressing(StrEnum):
    """How an S3 request names its bucket (Amazon S3 User Guide, "Virtual hosting of buckets")."""

    VIRTUAL_HOSTED = "virtual-hosted"
    PATH = "path"
    ACCESS_POINT = "access-point"


@dataclass(frozen=True)
class ServiceAddress:
    """What a request addresses, before anything is known of its operation.

    Args:
        service: the service as in a credential scope: ``s3``, ``sts``, ``iam``, ``ec2``, ...;
            kinds of S3 that are not general purpose buckets keep their own name
            (``s3-control``, ``s3-object-lambda``, ``s3-outposts``, ``s3-website``, ``s3-global``,
            ``s3express``).
        region: Region of the endpoint; None where neither address nor signature says it.
        bucket: bucket the request is for; None for none, or an access point.
        addressing: how the bucket was named; None for services other than S3.
        access_point: ARN of the access point the request is for, else None.
    """

    service: str
    region: str | None
    bucket: str | None = None
    addressing: Addressing | None = None
    access_point: str | None = None


def service_of(http_request: HttpRequest) -> ServiceAddress:
    """Say which service a request is for, in which Region, and which bucket it names.

    AWS's own host names are read by "Amazon S3 endpoints and quotas" and "Virtual hosting of
    buckets" (legacy global, dashed, dual-stack, FIPS and VPC endpoint names included). Any other
    host is a stand-in (``AWS_ENDPOINT_URL``): service and Region are then the credential scope's,
    and buckets are in the path; an unsigned request to it is for S3, or for STS where its action
    is one that is never signed.

    Raises:
        RequestError: the request's credential is malformed.
    """
    host = (http_request.parts.hostname or "").rstrip(".")
    for suffix in _AWS_SUFFIXES:
        if host.endswith(suffix):
            return _of_aws_host(http_request, host.removesuffix(suffix), suffix)
    credential = credential_of(http_request)
    if credential is None:
        unsigned_sts = http_request.form.get("Action") in _UNSIGNED_STS_ACTIONS
        service, region = ("sts" if unsigned_sts else "s3"), None
    else:
        service, region = credential.service, credential.region
    if service in ("s3", "s3express"):
        return _path_style(http_request, service, region)
    return ServiceAddress(service, region)


def _of_aws_host(http_request: HttpRequest, name: str, suffix: str) -> ServiceAddress:
    """Read a host name of AWS's, its DNS suffix taken off."""
    if name.endswith(".vpce"):
        return _of_interface_endpoint(http_request, name.removesuffix(".vpce"))
    if name.endswith(".s3-global"):
        return ServiceAddress("s3-global", None)
    express = _S3EXPRESS_HOST.match(name)
    if express:
        return _of_bucket(http_request, "s3express", express["region"], express["prefix"])
    match = _S3_HOST.match(name)
    if match:
        return _of_s3_host(http_request, match, suffix)
    return _of_other_service(http_request, name)


def _of_s3_host(http_request: HttpRequest, match: re.Match[str], suffix: str) -> ServiceAddress:
    variant, prefix, region = match["variant"], match["prefix"], match["region"]
    if region in (None, "external-1"):
        region = _region_without_label(http_request, variant)
    if variant == "-accesspoint":
        named = _ACCESS_POINT_HOST.match(prefix or "")
        if not named:
            raise RequestError(
                f"access point host name {http_request.parts.hostname!r}: no account"
            )
        partition = "aws-cn" if suffix.endswith(".cn") else "aws"
        arn = f"arn:{partition}:s3:{region}:{named['account']}:accesspoint/{named['name']}"
        return ServiceAddress("s3", region, None, Addressing.ACCESS_POINT, arn)
    if variant in (None, "-accelerate"):
        return _of_bucket(http_request, "s3", region, prefix)
    if variant == "-website":
        return ServiceAddress("s3-website", region, prefix, Addressing.VIRTUAL_HOSTED)
    return ServiceAddress(f"s3{variant}", region)


def _region_without_label(http_request: HttpRequest, variant: str | None) -> str | None:
    """Region of a name that holds none: the global endpoint is us-east-1's, others are anyone's."""
    credential = credential_of(http_request)
    if credential is not None:
        return credential.region
    return "us-east-1" if variant is None else None


def _of_bucket(
    http_request: HttpRequest, service: str, region: str | None, bucket: str | None
) -> ServiceAddress:
    if bucket is None:
        return _path_style(http_request, service, region)
    return ServiceAddress(service, region, bucket, Addressing.VIRTUAL_HOSTED)


def _path_style(http_request: HttpRequest, service: str, region: str | None) -> ServiceAddress:
    bucket = http_request.parts.path.removeprefix("/").partition("/")[0]
    return ServiceAddress(service, region, unquote(bucket) or None, Addressing.PATH)


def _of_interface_endpoint(http_request: HttpRequest, name: str) -> ServiceAddress:
    """Read ``[BUCKET.]bucket.vpce-ID.s3.REGION`` and ``vpce-ID.SERVICE.REGION``.

    "AWS PrivateLink for Amazon S3" gives the ``bucket.``, ``accesspoint.`` and ``control.`` forms.
    """
    labels = name.split(".")
    at = next((i for i, label in enumerate(labels) if _VPC_ENDPOINT_LABEL.match(label)), None)
    if at is None or len(labels) < at + 3:
        raise RequestError(f"VPC endpoint host name {http_request.parts.hostname!r} is incomplete")
    service, region = labels[at + 1], labels[at + 2]
    if service != "s3":
        return ServiceAddress(service, region)
    kind = labels[at - 1] if at else "bucket"
    prefix = ".".join(labels[: max(at - 1, 0)]) or None
    if kind == "bucket":
        return _of_bucket(http_request, "s3", region, prefix)
    if kind == "control":
        return ServiceAddress("s3-control", region)
    named = _ACCESS_POINT_HOST.match(prefix or "")
    if kind != "accesspoint" or not named:
        raise RequestError(f"VPC endpoint host name {http_request.parts.hostname!r} is not S3's")
    arn = f"arn:aws:s3:{region}:{named['account']}:accesspoint/{named['name']}"
    return ServiceAddress("s3", region, None, Addressing.ACCESS_POINT, arn)


def _of_other_service(http_request: HttpRequest, name: str) -> ServiceAddress:
    """Read ``SERVICE[-fips].REGION`` and ``SERVICE``; a signature's scope names both better."""
    labels = [label for label in name.split(".") if label != "dualstack"]
    at = next((i for i, label in enumerate(labels) if _REGION_LABEL.match(label)), None)
    region = labels[at] if at is not None else None
    prefix = labels[at - 1] if at else labels[-1]
    credential = credential_of(http_request)
    if credential is not None:
        return ServiceAddress(credential.service, region or credential.region)
    return ServiceAddress(prefix.removesuffix("-fips"), region or "us-east-1")
