"""What collecting finds on moto."""

from __future__ import annotations

import json
from concurrent.futures import Executor
from dataclasses import replace

import pytest
from snapshot_lab import REGION, MotoLab

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.snapshot import Snapshot, collect, filtered
from pytest_vpcep.snapshot.calls import DESCRIBES
from pytest_vpcep.snapshot.collect import collect_bucket
from pytest_vpcep.snapshot.files import as_document


def test_finds_the_whole_lab(collected: tuple[Snapshot, MotoLab]) -> None:
    snapshot, moto_lab = collected
    topology = snapshot.topology
    assert (snapshot.account, snapshot.partition, snapshot.region) == (
        "123456789012",
        "aws",
        REGION,
    )
    assert set(snapshot.ec2) >= {call.operation for call in DESCRIBES}
    assert topology.instances[moto_lab.instance].interfaces
    assert topology.subnet_tables[moto_lab.subnet] == moto_lab.route_table
    assert topology.vpcs[moto_lab.vpc].dns_support is True
    assert topology.vpcs[moto_lab.vpc].dns_hostnames is True
    assert snapshot.not_permitted == ()


def test_bucket_in_the_contracts_form(collected: tuple[Snapshot, MotoLab]) -> None:
    snapshot, moto_lab = collected
    bucket = snapshot.bucket("lab-bucket")
    assert bucket["LocationConstraint"] == REGION
    assert bucket["Objects"] == ["one.txt", "two.txt"]
    assert bucket["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"] is True
    condition = bucket["Policy"]["Statement"][0]["Condition"]
    assert condition == {"StringNotEquals": {"aws:sourceVpce": moto_lab.endpoint}}
    assert snapshot.bucket_policy_withheld("lab-bucket") is None


def test_bucket_without_policy_or_block(moto_lab: MotoLab) -> None:
    s3 = moto_lab.session.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="bare-bucket")
    assert collect_bucket(s3, "bare-bucket") == {
        "LocationConstraint": None,
        "Policy": None,
        "PublicAccessBlockConfiguration": None,
        "Objects": [],
    }


def test_deleted_endpoint_is_listed_with_its_state_but_not_there(
    collected: tuple[Snapshot, MotoLab],
) -> None:
    snapshot, moto_lab = collected
    states = {
        item["VpcEndpointId"]: item["State"]
        for item in snapshot.ec2["DescribeVpcEndpoints"]["VpcEndpoints"]
    }
    assert states == {moto_lab.endpoint: "available", moto_lab.deleted_endpoint: "deleted"}
    assert set(snapshot.topology.endpoints) == {moto_lab.endpoint}


def test_entries_of_the_gateway_services_prefix_lists_only(snapshot: Snapshot) -> None:
    named = {
        item["PrefixListId"]: item["PrefixListName"]
        for item in snapshot.ec2["DescribeManagedPrefixLists"]["PrefixLists"]
    }
    entries = snapshot.ec2["ManagedPrefixListEntries"]
    assert {named[identifier] for identifier in entries} == {
        f"com.amazonaws.{REGION}.s3",
        f"com.amazonaws.{REGION}.dynamodb",
    }
    assert all(found["Entries"] for found in entries.values())


def test_neither_secrets_nor_response_metadata(collected: tuple[Snapshot, MotoLab]) -> None:
    snapshot, moto_lab = collected
    text = json.dumps(as_document(snapshot))
    assert moto_lab.secret not in text
    assert "AccessKey" not in text
    assert "ResponseMetadata" not in text
    assert "NextToken" not in text


def test_threads_find_the_same(moto_lab: MotoLab, executor: Executor) -> None:
    one_by_one = collect(moto_lab.session, region=REGION)
    at_once = collect(moto_lab.session, region=REGION, executor=executor)
    assert replace(at_once, taken_at=one_by_one.taken_at) == one_by_one


def test_progress_names_each_call(moto_lab: MotoLab) -> None:
    made: list[str] = []
    collect(moto_lab.session, region=REGION, progress=made.append)
    assert made[0] == "GetCallerIdentity"
    assert {"DescribeVpcs", "GetBucketPolicy", "GetAccountAuthorizationDetails"} < set(made)


def test_only_one_vpc_and_bucket(moto_lab: MotoLab) -> None:
    moto_lab.session.client("s3", region_name="us-east-1").create_bucket(Bucket="another-bucket")
    whole = collect(moto_lab.session, region=REGION)
    part = collect(moto_lab.session, region=REGION, vpcs=[moto_lab.vpc], buckets=["lab-bucket"])
    assert len(whole.topology.vpcs) == 2
    assert set(part.topology.vpcs) == {moto_lab.vpc}
    assert set(part.buckets) == {"lab-bucket"}
    assert set(part.topology.instances) == {moto_lab.instance}
    assert set(part.ec2["VpcAttributes"]) == {moto_lab.vpc}
    selected = filtered(whole, vpcs=[moto_lab.vpc], buckets=["lab-bucket"])
    assert replace(selected, taken_at=part.taken_at) == part


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        pytest.param({"vpcs": ["vpc-none"]}, "no VPC vpc-none .* --vpc", id="vpc"),
        pytest.param({"buckets": ["none"]}, "no bucket none; check --bucket", id="bucket"),
    ],
)
def test_what_is_asked_for_has_to_be_there(
    moto_lab: MotoLab, selection: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(SnapshotError, match=message):
        collect(moto_lab.session, region=REGION, **selection)


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        pytest.param({"vpcs": ["vpc-none"]}, "no VPC vpc-none in the snapshot", id="vpc"),
        pytest.param({"buckets": ["none"]}, "no bucket none .* it has lab-bucket", id="bucket"),
    ],
)
def test_what_is_selected_has_to_be_there(
    snapshot: Snapshot, selection: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(SnapshotError, match=message):
        filtered(snapshot, **selection)


def test_keys_are_listed_up_to_a_limit(moto_lab: MotoLab, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = moto_lab.session.client("s3")
    monkeypatch.setattr("pytest_vpcep.snapshot.s3_part.OBJECT_LIMIT", 2)
    assert "ObjectsTruncated" not in collect_bucket(s3, moto_lab.bucket)
    monkeypatch.setattr("pytest_vpcep.snapshot.s3_part.OBJECT_LIMIT", 1)
    bucket = collect_bucket(s3, moto_lab.bucket)
    assert bucket["Objects"] == ["one.txt"]
    assert bucket["ObjectsTruncated"] is True
