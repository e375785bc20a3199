"""The printed policy permits exactly the calls that collecting makes."""

from __future__ import annotations

from typing import Any

import pytest
from snapshot_lab import REGION, MotoLab
from snapshot_network_changes import CHANGES

from pytest_vpcep.policy import AuthorizationRequest, Policies, evaluate, parse_policy
from pytest_vpcep.snapshot import collect, collecting_policy
from pytest_vpcep.snapshot.calls import CALLS
from pytest_vpcep.snapshot.partitions import partition_of

ACCOUNT = "123456789012"
BY_OPERATION = {call.operation: call for call in CALLS}


@pytest.fixture
def made(moto_lab: MotoLab) -> list[tuple[str, dict[str, Any]]]:
    """Operation and parameters of every call made for a lab that needs them all."""
    ec2 = moto_lab.session.client("ec2")
    CHANGES["transit gateway"](ec2, moto_lab)
    CHANGES["prefix list in a route"](ec2, moto_lab)
    calls: list[tuple[str, dict[str, Any]]] = []

    def heard(model: Any, **_event: Any) -> None:
        calls.append((model.name, parameters.pop() if parameters else {}))

    parameters: list[dict[str, Any]] = []

    def asked(params: dict[str, Any], **_event: Any) -> None:
        parameters.append(dict(params))

    def without_policies(parsed: dict[str, Any], **_event: Any) -> None:
        parsed["Policies"] = []

    events = moto_lab.session.events
    events.register("provide-client-params.*", asked)
    events.register("before-call.*", heard)
    events.register("after-call.iam.GetAccountAuthorizationDetails", without_policies)
    collect(moto_lab.session, region=REGION)
    return calls


def test_table_is_what_collecting_calls(made: list[tuple[str, dict[str, Any]]]) -> None:
    assert {operation for operation, _ in made} == set(BY_OPERATION)


def test_policy_permits_every_call(
    made: list[tuple[str, dict[str, Any]]], moto_lab: MotoLab
) -> None:
    policies = Policies(
        identity=(
            parse_policy(
                collecting_policy(
                    region=REGION,
                    account=ACCOUNT,
                    vpcs=[moto_lab.vpc, _default_vpc(moto_lab)],
                    buckets=["lab-bucket"],
                )
            ),
        )
    )
    asked = [_request(operation, parameters) for operation, parameters in made]
    refused = [request for request in asked if request and not evaluate(request, policies).allowed]
    assert refused == []


def _default_vpc(moto_lab: MotoLab) -> str:
    vpcs = moto_lab.session.client("ec2").describe_vpcs()["Vpcs"]
    return next(vpc["VpcId"] for vpc in vpcs if vpc["IsDefault"])


def _request(operation: str, parameters: dict[str, Any]) -> AuthorizationRequest | None:
    action = BY_OPERATION[operation].action
    ec2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
    resources = {
        "Bucket": "arn:aws:s3:::{}",
        "VpcId": f"{ec2}:vpc/{{}}",
        "PrefixListId": f"{ec2}:prefix-list/{{}}",
        "TransitGatewayRouteTableId": f"{ec2}:transit-gateway-route-table/{{}}",
        "PolicyArn": "{}",
    }
    resource = next(
        (arn.format(parameters[key]) for key, arn in resources.items() if key in parameters), "*"
    )
    if action is None:
        return None
    return AuthorizationRequest(
        f"arn:aws:iam::{ACCOUNT}:user/reader", action, resource, resource_account=ACCOUNT
    )


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("s3:GetObject", "arn:aws:s3:::lab-bucket/one.txt", id="reads no object"),
        pytest.param("s3:GetBucketPolicy", "arn:aws:s3:::other", id="no other bucket"),
        pytest.param("ec2:DescribeVolumes", "*", id="nothing unused"),
        pytest.param("iam:ListAccessKeys", "*", id="no keys"),
    ],
)
def test_policy_permits_nothing_else(action: str, resource: str) -> None:
    policies = Policies(identity=(parse_policy(collecting_policy(buckets=["lab-bucket"])),))
    request = AuthorizationRequest(
        f"arn:aws:iam::{ACCOUNT}:user/reader", action, resource, resource_account=ACCOUNT
    )
    assert not evaluate(request, policies).allowed


def test_every_call_only_reads() -> None:
    actions = [call.action.partition(":")[2] for call in CALLS if call.action]
    assert all(action.startswith(("Describe", "Get", "List", "Search")) for action in actions)


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        pytest.param("us-east-1", "aws", id="commercial"),
        pytest.param("cn-north-1", "aws-cn", id="China"),
        pytest.param("us-gov-west-1", "aws-us-gov", id="GovCloud"),
        pytest.param("us-isob-east-1", "aws-iso-b", id="isolated"),
        pytest.param("*", "aws", id="any"),
    ],
)
def test_arns_are_of_the_regions_partition(region: str, partition: str) -> None:
    assert partition_of(region) == partition
    resources = [
        statement["Resource"] for statement in collecting_policy(region=region)["Statement"]
    ]
    arns = [resource for resource in resources if resource != "*"]
    assert len(arns) > 3
    assert all(arn.startswith(f"arn:{partition}:") for arn in arns)
