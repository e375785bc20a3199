"""Collecting again only what a call may have changed gives what collecting all gives."""

from __future__ import annotations

from typing import Any

import pytest
from snapshot_lab import MotoLab
from snapshot_network_changes import CHANGES, Change

from pytest_vpcep.snapshot.calls import DESCRIBES, responses_changed_by
from pytest_vpcep.snapshot.collect import collect_ec2, refresh_ec2


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_same_as_collecting_all_again(moto_lab: MotoLab, change: Change) -> None:
    ec2: Any = moto_lab.session.client("ec2")
    before = collect_ec2(ec2)
    made: list[str] = []

    def heard(model: Any, **_event: Any) -> None:
        if not model.name.startswith("Describe"):
            made.append(model.name)

    ec2.meta.events.register("before-call.ec2", heard)
    change(ec2, moto_lab)
    ec2.meta.events.unregister("before-call.ec2", heard)
    after = collect_ec2(ec2)
    assert after != before
    assert refresh_ec2(ec2, before, made) == after


@pytest.mark.parametrize(
    ("operation", "count"),
    [
        pytest.param("ModifyVpcEndpoint", 4, id="step 7 and 8 of the lab"),
        pytest.param("CreateKeyPair", 0, id="nothing a snapshot holds"),
        pytest.param("SomethingNew", len(DESCRIBES), id="unknown: all"),
    ],
)
def test_no_needless_calls(operation: str, count: int) -> None:
    assert len(responses_changed_by(operation)) == count


def test_nothing_changed_makes_no_calls(moto_lab: MotoLab) -> None:
    ec2: Any = moto_lab.session.client("ec2")
    before = collect_ec2(ec2)
    made: list[str] = []
    ec2.meta.events.register("before-call.ec2", lambda model, **_event: made.append(model.name))
    assert refresh_ec2(ec2, before, []) == before
    assert refresh_ec2(ec2, before, ["CreateKeyPair"]) == before
    assert made == []
