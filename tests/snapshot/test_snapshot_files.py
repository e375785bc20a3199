"""Snapshots saved and loaded, whole and damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.snapshot import FORMAT, Snapshot, load, save


@pytest.fixture
def saved(snapshot: Snapshot, tmp_path: Path) -> Path:
    path = tmp_path / "lab.json"
    save(snapshot, path)
    return path


def test_what_was_saved_is_loaded(snapshot: Snapshot, saved: Path) -> None:
    assert load(saved) == snapshot
    assert load(str(saved)) == snapshot


def test_document_is_in_the_contracts_form(saved: Path) -> None:
    document = json.loads(saved.read_text())
    assert document["format"] == FORMAT == "vpcep-snapshot/1"
    assert {"account", "partition", "region", "taken_at", "ec2", "s3", "iam"} < set(document)
    assert document["taken_at"].endswith("Z")


def test_order_of_keys_does_not_matter(snapshot: Snapshot, saved: Path, tmp_path: Path) -> None:
    turned = replace(snapshot, ec2=dict(reversed(snapshot.ec2.items())))
    save(turned, tmp_path / "turned.json")
    assert (tmp_path / "turned.json").read_bytes() == saved.read_bytes()


def test_windows_byte_order_mark_is_read_over(snapshot: Snapshot, saved: Path) -> None:
    saved.write_bytes(b"\xef\xbb\xbf" + saved.read_bytes())
    assert load(saved) == snapshot


def test_failing_to_save_leaves_what_was_there(
    snapshot: Snapshot, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SnapshotError, match=r"lab\.json: No space left on device; name a file"):
        save(snapshot, saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_saving_into_no_folder(snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="No such file or directory; name a file in a folder"):
        save(snapshot, tmp_path / "none" / "lab.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "no JSON at line 1 column 1", id="empty"),
        pytest.param(b'{"format": ', "no JSON at line 1 column 12", id="truncated"),
        pytest.param(b"\xff\xfe{\x00}\x00", "byte 0 is no UTF-8", id="UTF-16"),
        pytest.param(b"[" * 100_000, "no JSON that can be read", id="nested too deep"),
        pytest.param(b"9" * 5_000, "no JSON that can be read", id="too long a number"),
        pytest.param(b"[]", "snapshot must be an object, not list", id="list"),
        pytest.param(b"{}", 'snapshot.format must be "vpcep-snapshot/1", missing', id="no format"),
        pytest.param(
            b'{"format": "vpcep-snapshot/9"}', "not 'vpcep-snapshot/9'", id="later format"
        ),
    ],
)
def test_no_snapshot_at_all(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "lab.json"
    path.write_bytes(content)
    with pytest.raises(SnapshotError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "again" in str(caught.value)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"none\.json: No such file or directory; name a file"):
        load(tmp_path / "none.json")


def set_at(*path: Any) -> Callable[[Any], None]:
    """Set the value at the path's last key; the last of the arguments is the value."""
    *keys, last, value = path

    def change(document: Any) -> None:
        for key in keys:
            document = document[key]
        document[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "place"),
    [
        pytest.param(set_at("account", "12"), "snapshot.account must be an account id", id="id"),
        pytest.param(set_at("account", 12), "snapshot.account must be a string", id="number"),
        pytest.param(set_at("region", "nowhere"), "snapshot.region must be a Region", id="Region"),
        pytest.param(set_at("partition", "gcp"), "snapshot.partition must be", id="partition"),
        pytest.param(set_at("taken_at", "noon"), "snapshot.taken_at must be a time", id="time"),
        pytest.param(set_at("ec2", None), "snapshot.ec2 must be an object, missing", id="no ec2"),
        pytest.param(set_at("s3", []), "snapshot.s3 must be an object", id="s3 a list"),
        pytest.param(
            set_at("ec2", "DescribeSubnets", "Subnets", 2, "CidrBlock", "10.0.0.0/99"),
            "ec2.DescribeSubnets.Subnets[2].CidrBlock must be a CIDR block",
            id="CIDR block",
        ),
        pytest.param(
            set_at("ec2", "DescribeVpcs", "Vpcs", {}),
            "ec2.DescribeVpcs.Vpcs must be a list",
            id="no list",
        ),
        pytest.param(
            set_at("ec2", "DescribeVpcEndpoints", "VpcEndpoints", 0, "VpcEndpointId", None),
            "ec2.DescribeVpcEndpoints.VpcEndpoints[0].VpcEndpointId must be a string, missing",
            id="no endpoint id",
        ),
        pytest.param(
            set_at("ec2", "DescribeVpcEndpoints", "VpcEndpoints", 0, "PolicyDocument", 7),
            "ec2.DescribeVpcEndpoints.VpcEndpoints[0].PolicyDocument must be a policy document",
            id="endpoint policy",
        ),
        pytest.param(
            set_at("s3", "Buckets", "lab-bucket", None),
            "s3.Buckets.lab-bucket must be an object, missing",
            id="no bucket",
        ),
        pytest.param(
            set_at("s3", "Buckets", "lab-bucket", "Policy", 7),
            "s3.Buckets.lab-bucket.Policy must be a policy document or null",
            id="bucket policy",
        ),
        pytest.param(
            set_at(
                "s3",
                "Buckets",
                "lab-bucket",
                "PublicAccessBlockConfiguration",
                "RestrictPublicBuckets",
                "yes",
            ),
            "s3.Buckets.lab-bucket.PublicAccessBlockConfiguration.RestrictPublicBuckets must be",
            id="block public access",
        ),
        pytest.param(
            set_at("s3", "Buckets", "lab-bucket", "Objects", [1]),
            "s3.Buckets.lab-bucket.Objects must be a list of strings",
            id="keys",
        ),
        pytest.param(
            set_at("iam", "GetAccountAuthorizationDetails", "UserDetailList", 0, "Arn", 1),
            "iam.GetAccountAuthorizationDetails.UserDetailList[0].Arn must be a string",
            id="user",
        ),
        pytest.param(
            set_at("iam", "GetAccountAuthorizationDetails", 7),
            "iam.GetAccountAuthorizationDetails must be an object",
            id="details",
        ),
        pytest.param(
            set_at("not_permitted", [{"place": "s3"}]),
            "snapshot.not_permitted[0].operation must be a string",
            id="not permitted",
        ),
    ],
)
def test_place_of_what_a_hand_put_wrong(
    saved: Path, change: Callable[[Any], None], place: str
) -> None:
    document = json.loads(saved.read_text())
    change(document)
    saved.write_text(json.dumps(document))
    with pytest.raises(SnapshotError) as caught:
        load(saved)
    assert str(caught.value).startswith(f"{saved}: {place}")
    assert "collect the snapshot again" in str(caught.value)


def test_parts_may_be_empty(snapshot: Snapshot, tmp_path: Path) -> None:
    bare = replace(snapshot, ec2={}, s3={}, iam={})
    save(bare, tmp_path / "bare.json")
    assert load(tmp_path / "bare.json") == bare
