"""A folder of ``aws ec2 describe-*`` outputs as a snapshot."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from snapshot_lab import ADMINISTRATOR, REGION, MotoLab

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.snapshot import Snapshot, load


def write(folder: Path, name: str, content: Any) -> None:
    (folder / name).write_text(json.dumps(content))


@pytest.fixture
def folder(collected: tuple[Snapshot, MotoLab], tmp_path: Path) -> Path:
    """What a person gets who runs the commands one by one."""
    snapshot, moto_lab = collected
    for operation, response in snapshot.ec2.items():
        if operation.startswith("Describe"):
            name = re.sub(r"(?<=.)(?=[A-Z])", "-", operation).lower()
            write(tmp_path, f"{name}.json", response)
    for identifier, entries in snapshot.ec2["ManagedPrefixListEntries"].items():
        write(tmp_path, f"entries-of-{identifier}.json", entries)
    for name, value in snapshot.ec2["VpcAttributes"][moto_lab.vpc].items():
        attribute = name[0].upper() + name[1:]
        answer = {"VpcId": moto_lab.vpc, attribute: {"Value": value}}
        write(tmp_path, f"attribute-{name}.json", answer)
    write(tmp_path, "volumes.json", {"Volumes": []})
    (tmp_path / "notes.txt").write_text("not JSON, and no matter")
    return tmp_path


def test_same_network_as_the_snapshot(collected: tuple[Snapshot, MotoLab], folder: Path) -> None:
    snapshot, moto_lab = collected
    loaded = load(folder)
    assert (loaded.account, loaded.partition, loaded.region) == ("123456789012", "aws", REGION)
    for name in ("vpcs", "subnets", "instances", "route_tables", "endpoints", "prefix_lists"):
        found, expected = getattr(loaded.topology, name), getattr(snapshot.topology, name)
        if name == "vpcs":
            found, expected = found[moto_lab.vpc], expected[moto_lab.vpc]
        assert found == expected
    assert loaded.taken_at.endswith("Z")


def test_what_it_does_not_hold_is_withheld(folder: Path) -> None:
    loaded = load(folder)
    assert "no bucket lab-bucket" in str(loaded.bucket_policy_withheld("lab-bucket"))
    with pytest.raises(SnapshotError, match="was not collected"):
        loaded.attached_policies(ADMINISTRATOR)


def test_iam_details_are_taken_too(snapshot: Snapshot, folder: Path) -> None:
    details = snapshot.iam["GetAccountAuthorizationDetails"]
    write(folder, "get-account-authorization-details.json", details)
    assert load(folder).attached_policies(ADMINISTRATOR).identity


def test_files_of_one_kind_are_brought_together(folder: Path) -> None:
    vpcs = json.loads((folder / "describe-vpcs.json").read_text())["Vpcs"]
    (folder / "describe-vpcs.json").unlink()
    for index, vpc in enumerate((*vpcs, vpcs[0])):
        write(folder, f"vpc-{index}.json", {"Vpcs": [vpc]})
    assert load(folder).ec2["DescribeVpcs"]["Vpcs"] == vpcs


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("describe-vpcs.json", "{", "no JSON at line 1", id="truncated"),
        pytest.param(
            "describe-vpcs.json", "{}", "describe-vpcs.Vpcs must be a list, missing", id="empty"
        ),
        pytest.param("describe-vpcs.json", '{"Vpcs": 1}', "Vpcs must be a list", id="no list"),
        pytest.param("describe-vpcs.json", "[]", "describe-vpcs must be an object", id="list"),
        pytest.param(
            "entries.json", '{"Entries": []}', "put its id into the file's name", id="nobody's"
        ),
        pytest.param(
            "dns.json", '{"EnableDnsSupport": {"Value": true}}', "dns.VpcId must be", id="no VPC"
        ),
        pytest.param(
            "more.json",
            '{"Subnets": [{"SubnetId": "s", "VpcId": "v", "CidrBlock": "x"}]}',
            "CidrBlock must be a CIDR block",
            id="CIDR block",
        ),
    ],
)
def test_file_and_place_of_what_is_wrong(
    folder: Path, name: str, content: str, message: str
) -> None:
    (folder / name).write_text(content)
    with pytest.raises(SnapshotError) as caught:
        load(folder)
    assert str(caught.value).startswith(str(folder))
    assert message in str(caught.value)


def test_no_outputs_in_it(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="no describe output in it; fill it with commands"):
        load(tmp_path)


def test_neither_account_nor_region_in_it(tmp_path: Path) -> None:
    write(tmp_path, "describe-vpcs.json", {"Vpcs": []})
    with pytest.raises(SnapshotError, match="neither account nor Region can be told"):
        load(tmp_path)
