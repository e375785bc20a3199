"""Instance metadata in the terminal: the service itself, and an instance role's credentials."""

from __future__ import annotations

import json

import pytest
from terminals import BUCKETS, bench

from pytest_vpcep.cloud.terminal.metadata import MetadataService

ROLE = "/latest/meta-data/iam/security-credentials/"
CREDENTIALS = {
    "Code": "Success",
    "Type": "AWS-HMAC",
    "AccessKeyId": "ASIAROLE",
    "SecretAccessKey": "not-a-secret",
    "Token": "session-token",
    "Expiration": "2099-01-01T00:00:00Z",
    "LastUpdated": "2024-01-01T00:00:00Z",
}
TOKEN = "X-aws-ec2-metadata-token"
TTL = f"{TOKEN}-ttl-seconds"
HTTP = """
import http.client, sys
method, path, *headers = sys.argv[1:]
connection = http.client.HTTPConnection("169.254.169.254", timeout=5)
connection.request(method, path, headers=dict(h.split("=", 1) for h in headers))
answer = connection.getresponse()
print(answer.status, answer.read().decode())
"""


def instance_with_role(method, path, _headers):
    known = {
        ROLE: b"lab-role",
        f"{ROLE}lab-role": json.dumps(CREDENTIALS).encode(),
        "/latest/meta-data/instance-id": b"i-1",
    }
    assert method in ("GET", "HEAD")
    return (200, {"Content-Type": "text/plain"}, known[path]) if path in known else (404, {}, b"")


@pytest.mark.parametrize("kind", ["bubblewrap", "directory"])
def test_role_credentials_sign_requests(kind):
    with bench(BUCKETS, isolation=kind, metadata=instance_with_role) as opened:
        assert opened.output("aws s3 ls") == "2024-01-02 03:04:05 lab-bucket"
        (seen,) = opened.gate.seen
    assert "Credential=ASIAROLE/" in seen.headers["Authorization"]
    assert seen.headers["X-Amz-Security-Token"] == "session-token"


@pytest.fixture
def http():
    with bench(metadata=instance_with_role) as opened:
        opened.output("cat > ask.py", input=HTTP.encode())
        yield lambda *words: opened.output("python3 ask.py " + " ".join(words))


def test_version_2_of_the_service(http):
    status, token = http("PUT", "/latest/api/token", f"{TTL}=60").split()
    assert status == "200"
    assert http("GET", "/latest/meta-data/instance-id", f"{TOKEN}={token}") == "200 i-1"
    assert http("GET", "/latest/meta-data/instance-id", f"{TOKEN.lower()}={token}") == "200 i-1"
    assert http("GET", "/latest/meta-data/nonesuch", f"{TOKEN}={token}").strip() == "404"
    assert http("GET", "/latest/meta-data/instance-id?a=b", f"{TOKEN}={token}") == "200 i-1"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        pytest.param(["GET", "/latest/meta-data/instance-id"], "401", id="version-1"),
        pytest.param(["GET", "/latest/meta-data/", f"{TOKEN}=guess"], "401", id="bad-token"),
        pytest.param(["PUT", "/latest/api/token"], "400", id="no-time-to-live"),
        pytest.param(["PUT", "/latest/api/token", f"{TTL}=21601"], "400", id="over-6-hours"),
        pytest.param(["PUT", "/latest/api/token", f"{TTL}=0"], "400", id="zero"),
        pytest.param(["PUT", "/latest/api/token", f"{TTL}=-1"], "400", id="negative"),
        pytest.param(["POST", "/latest/meta-data/"], "405", id="method"),
    ],
)
def test_the_service_refuses(http, words, status):
    assert http(*words).strip() == status


def test_a_token_expires(monkeypatch):
    service = MetadataService(instance_with_role)
    _, _, token = service.answer("PUT", "/latest/api/token", {TTL: "5"})
    headers = {TOKEN: token.decode()}
    assert service.answer("GET", "/latest/meta-data/instance-id", headers)[0] == 200
    now = __import__("time").monotonic()
    monkeypatch.setattr("pytest_vpcep.cloud.terminal.metadata.time.monotonic", lambda: now + 6)
    assert service.answer("GET", "/latest/meta-data/instance-id", headers)[0] == 401


def test_terminals_have_their_own_metadata():
    def named(name):
        return lambda *_: (200, {}, name)

    with bench(metadata=named(b"one")) as one, bench(metadata=named(b"two")) as two:
        for opened, name in ((one, "one"), (two, "two")):
            opened.output("cat > ask.py", input=HTTP.encode())
            _, token = opened.output(f"python3 ask.py PUT /latest/api/token {TTL}=60").split()
            assert opened.output(f"python3 ask.py GET / {TOKEN}={token}") == f"200 {name}"
