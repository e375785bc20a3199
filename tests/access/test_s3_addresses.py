from __future__ import annotations

import pytest

from pytest_vpcep.access.credential_scope import CredentialMalformedError, credential_of
from pytest_vpcep.access.http_request import (
    Addressing,
    Headers,
    HttpRequest,
    ServiceAddress,
    service_of,
)
from pytest_vpcep.errors import RequestError

VIRTUAL, PATH, ACCESS_POINT = Addressing.VIRTUAL_HOSTED, Addressing.PATH, Addressing.ACCESS_POINT
ACCESS_POINT_ARN = "arn:aws:s3:us-west-2:111122223333:accesspoint/my-ap"


def signed(service: str, region: str) -> dict[str, str]:
    scope = f"20260131/{region}/{service}/aws4_request"
    fields = f"Credential=AKIA1/{scope}, SignedHeaders=host;x-amz-date, Signature=00"
    return {"Authorization": f"AWS4-HMAC-SHA256 {fields}"}


def s3(region: str | None, bucket: str | None, addressing: Addressing) -> ServiceAddress:
    return ServiceAddress("s3", region, bucket, addressing)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        # "Virtual hosting of buckets" and "Methods for accessing a general purpose bucket".
        pytest.param("b.s3.eu-west-1.amazonaws.com/k", s3("eu-west-1", "b", VIRTUAL), id="virtual"),
        pytest.param(
            "a.b.s3.eu-west-1.amazonaws.com/k", s3("eu-west-1", "a.b", VIRTUAL), id="dots"
        ),
        pytest.param("s3.eu-west-1.amazonaws.com/b/k", s3("eu-west-1", "b", PATH), id="path"),
        pytest.param("s3.eu-west-1.amazonaws.com/", s3("eu-west-1", None, PATH), id="no bucket"),
        pytest.param("s3.eu-west-1.amazonaws.com", s3("eu-west-1", None, PATH), id="no path"),
        pytest.param("b.s3.amazonaws.com/k", s3("us-east-1", "b", VIRTUAL), id="legacy global"),
        pytest.param("s3.amazonaws.com/b/k", s3("us-east-1", "b", PATH), id="legacy global path"),
        pytest.param("s3-us-west-2.amazonaws.com/b", s3("us-west-2", "b", PATH), id="legacy dash"),
        pytest.param(
            "b.s3-us-west-2.amazonaws.com", s3("us-west-2", "b", VIRTUAL), id="dash virtual"
        ),
        pytest.param("s3-external-1.amazonaws.com/b", s3("us-east-1", "b", PATH), id="external-1"),
        pytest.param(
            "s3.s3.us-east-1.amazonaws.com", s3("us-east-1", "s3", VIRTUAL), id="bucket named s3"
        ),
        pytest.param(
            "b.s3.us-east-1.s3.us-west-2.amazonaws.com",
            s3("us-west-2", "b.s3.us-east-1", VIRTUAL),
            id="bucket like a host",
        ),
        # "Using Amazon S3 dual-stack endpoints", "Amazon S3 endpoints and quotas".
        pytest.param(
            "b.s3.dualstack.us-west-2.amazonaws.com", s3("us-west-2", "b", VIRTUAL), id="dual"
        ),
        pytest.param(
            "s3.dualstack.us-west-2.amazonaws.com/b", s3("us-west-2", "b", PATH), id="dual path"
        ),
        pytest.param(
            "b.s3-fips.us-gov-west-1.amazonaws.com", s3("us-gov-west-1", "b", VIRTUAL), id="fips"
        ),
        pytest.param(
            "b.s3-fips.dualstack.us-east-2.amazonaws.com",
            s3("us-east-2", "b", VIRTUAL),
            id="fips dual",
        ),
        pytest.param("b.s3-accelerate.amazonaws.com", s3(None, "b", VIRTUAL), id="accelerate"),
        pytest.param(
            "b.s3.cn-north-1.amazonaws.com.cn", s3("cn-north-1", "b", VIRTUAL), id="China"
        ),
        pytest.param(
            "B.S3.EU-WEST-1.AMAZONAWS.COM", s3("eu-west-1", "b", VIRTUAL), id="upper case"
        ),
        pytest.param(
            "b.s3.eu-west-1.amazonaws.com:443/k", s3("eu-west-1", "b", VIRTUAL), id="port"
        ),
        # "AWS PrivateLink for Amazon S3".
        pytest.param(
            "b.bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com/k",
            s3("us-east-1", "b", VIRTUAL),
            id="interface endpoint",
        ),
        pytest.param(
            "bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com/b/k",
            s3("us-east-1", "b", PATH),
            id="interface endpoint path",
        ),
        pytest.param(
            "vpce-1a2b3c4d-5e6f.sts.us-east-1.vpce.amazonaws.com",
            ServiceAddress("sts", "us-east-1"),
            id="interface endpoint of another service",
        ),
        # "Accessing Amazon S3 general purpose buckets through access points".
        pytest.param(
            "my-ap-111122223333.s3-accesspoint.us-west-2.amazonaws.com/k",
            ServiceAddress("s3", "us-west-2", None, ACCESS_POINT, ACCESS_POINT_ARN),
            id="access point",
        ),
        pytest.param(
            "my-ap-111122223333.s3-accesspoint.dualstack.us-west-2.amazonaws.com/k",
            ServiceAddress("s3", "us-west-2", None, ACCESS_POINT, ACCESS_POINT_ARN),
            id="access point dual-stack",
        ),
        pytest.param(
            "my-ap-111122223333.accesspoint.vpce-1a2b3c4d-5e6f.s3.us-west-2.vpce.amazonaws.com/k",
            ServiceAddress("s3", "us-west-2", None, ACCESS_POINT, ACCESS_POINT_ARN),
            id="access point over an interface endpoint",
        ),
        pytest.param(
            "111122223333.s3-control.us-west-2.amazonaws.com/v20180820/accesspoint",
            ServiceAddress("s3-control", "us-west-2"),
            id="S3 Control",
        ),
        pytest.param(
            "b--use1-az5--x-s3.s3express-use1-az5.us-east-1.amazonaws.com/k",
            ServiceAddress("s3express", "us-east-1", "b--use1-az5--x-s3", VIRTUAL),
            id="directory bucket",
        ),
        pytest.param(
            "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/k",
            ServiceAddress("s3-global", None),
            id="Multi-Region Access Point",
        ),
        # "AWS service endpoints" (AWS General Reference).
        pytest.param("sts.us-east-1.amazonaws.com", ServiceAddress("sts", "us-east-1"), id="sts"),
        pytest.param("sts.amazonaws.com", ServiceAddress("sts", "us-east-1"), id="global sts"),
        pytest.param("iam.amazonaws.com", ServiceAddress("iam", "us-east-1"), id="iam"),
        pytest.param("ec2.eu-west-1.amazonaws.com", ServiceAddress("ec2", "eu-west-1"), id="ec2"),
        pytest.param(
            "ec2.eu-west-1.api.aws", ServiceAddress("ec2", "eu-west-1"), id="ec2 dual-stack"
        ),
        pytest.param(
            "sts-fips.us-west-1.amazonaws.com", ServiceAddress("sts", "us-west-1"), id="fips sts"
        ),
        pytest.param(
            "s3tables.us-east-1.amazonaws.com", ServiceAddress("s3tables", "us-east-1"), id="tables"
        ),
    ],
)
def test_hosts_of_aws(url: str, address: ServiceAddress) -> None:
    assert service_of(HttpRequest("GET", f"https://{url}", {})) == address


@pytest.mark.parametrize(
    "host", ["127.0.0.1:4566", "localhost:4566", "[::1]:4566", "cloud.example"]
)
@pytest.mark.parametrize("service", ["s3", "sts", "ec2", "dynamodb"])
def test_stand_in_addresses_are_read_by_their_signature(host: str, service: str) -> None:
    request = HttpRequest("GET", f"http://{host}/b/k", signed(service, "eu-west-1"))
    expected = (
        s3("eu-west-1", "b", PATH) if service == "s3" else ServiceAddress(service, "eu-west-1")
    )
    assert service_of(request) == expected


def test_unsigned_requests_to_a_stand_in_address() -> None:
    assert service_of(HttpRequest("GET", "http://127.0.0.1/b", {})) == s3(None, "b", PATH)
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    body = b"Action=AssumeRoleWithWebIdentity&RoleArn=arn"
    assert service_of(HttpRequest("POST", "http://127.0.0.1/", form, body)).service == "sts"


def test_a_signature_says_the_region_where_the_host_does_not() -> None:
    for host in ("b.s3.amazonaws.com", "b.s3-accelerate.amazonaws.com"):
        request = HttpRequest("GET", f"https://{host}/", signed("s3", "eu-north-1"))
        assert service_of(request).region == "eu-north-1"
    cloudwatch = HttpRequest(
        "POST", "https://monitoring.eu-west-1.amazonaws.com", signed("monitoring", "eu-west-1")
    )
    assert service_of(cloudwatch) == ServiceAddress("monitoring", "eu-west-1")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/b/k",
        "b.s3.amazonaws.com",
        "ftp://s3.amazonaws.com/",
        "http://",
        "http://h:99999/",
        "http://[::1",
    ],
)
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(RequestError):
        HttpRequest("GET", url, {})


@pytest.mark.parametrize(
    "host",
    [
        "no-account.s3-accesspoint.us-west-2.amazonaws.com",
        "vpce-1.vpce.amazonaws.com",
        "x.vpce.amazonaws.com",
        "ap.accesspoint.vpce-1.s3.us-west-2.vpce.amazonaws.com",
        "a.b.vpce-1.s3.us-west-2.vpce.amazonaws.com",
    ],
)
def test_hosts_that_are_incomplete(host: str) -> None:
    with pytest.raises(RequestError, match="host name"):
        service_of(HttpRequest("GET", f"https://{host}/", {}))


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer abc",
        "AWS4-HMAC-SHA256 Credential=AKIA/x",
        "AWS4-HMAC-SHA256 Credential=AKIA/20260131/r/s3/aws4_request, Signature=0",
        "AWS4-HMAC-SHA256 Credential=A/2026013/r/s3/aws4_request, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-MD5 Credential=A/20260131/r/s3/aws4_request, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 ,,,=,",
    ],
)
def test_authorization_headers_that_cannot_be_read(authorization: str) -> None:
    with pytest.raises(CredentialMalformedError, match="Authorization header"):
        credential_of(HttpRequest("GET", "http://127.0.0.1/", {"Authorization": authorization}))


def test_representations_hold_no_token() -> None:
    token = "FwoGZXIvYXdzEXAMPLE"
    headers = signed("s3", "us-east-1") | {"X-Amz-Security-Token": token, "Cookie": token}
    request = HttpRequest(
        "GET", f"https://b.s3.amazonaws.com/?X-Amz-Security-Token={token}", headers
    )
    credential = credential_of(request)
    assert credential is not None
    assert credential.session_token == token
    assert token not in repr(request) + repr(request.headers) + repr(credential)


def test_headers_are_looked_up_without_regard_to_case() -> None:
    request = HttpRequest("GET", "http://127.0.0.1/", Headers({"Content-TYPE": b"caf\xe9"}))
    assert request.headers["content-type"] == "café"
    assert "CONTENT-type" in request.headers
    assert dict(request.headers) == {"content-type": "café"}
