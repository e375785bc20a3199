"""Decisions agree from every door: in process, over HTTP, and decided on a collected snapshot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from door_clients import Outcome, outcome_of, over_http
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vpcep.access import CONSOLE, Decision, Request, RequestOutcome, decide
from pytest_vpcep.cloud.credentials import Credential
from pytest_vpcep.cloud.simulated import SimulatedCloud
from pytest_vpcep.lab import Lab
from pytest_vpcep.lab.endpoint import deny_unless_over, endpoint_policy
from pytest_vpcep.snapshot import Snapshot, collect

USER = "tester"


@dataclass(frozen=True)
class State:
    """One state of the lab: what of it is configured, and how."""

    routes: tuple[str, ...]
    endpoint_effect: str
    endpoint_resources: str
    bucket_policy: str
    user_policy: str
    everything_out: bool


STATES = st.builds(
    State,
    routes=st.sampled_from([(), ("internet",), ("endpoint",), ("endpoint", "internet")]),
    endpoint_effect=st.sampled_from(["Allow", "Deny"]),
    endpoint_resources=st.sampled_from(["everything", "the bucket", "another bucket"]),
    bucket_policy=st.sampled_from(
        ["none", "deny", "deny objects", "deny reading", "allow over endpoint", "deny other VPCs"]
    ),
    user_policy=st.sampled_from(["everything", "reading", "nothing", "deny listing"]),
    everything_out=st.booleans(),
)

#: By botocore method: its parameters, and the action and resource AWS authorises for it.
ASKED: dict[str, Callable[[str], tuple[dict[str, Any], str, str]]] = {
    "list_buckets": lambda _: ({}, "s3:ListAllMyBuckets", "arn:aws:s3:::*"),
    "list_objects_v2": lambda bucket: (
        {"Bucket": bucket},
        "s3:ListBucket",
        f"arn:aws:s3:::{bucket}",
    ),
    "get_object": lambda bucket: (
        {"Bucket": bucket, "Key": "notes-on-bucket-policies.txt"},
        "s3:GetObject",
        f"arn:aws:s3:::{bucket}/notes-on-bucket-policies.txt",
    ),
    "put_object": lambda bucket: (
        {"Bucket": bucket, "Key": "put", "Body": b"body"},
        "s3:PutObject",
        f"arn:aws:s3:::{bucket}/put",
    ),
    "get_bucket_policy": lambda bucket: (
        {"Bucket": bucket},
        "s3:GetBucketPolicy",
        f"arn:aws:s3:::{bucket}",
    ),
}


class Bench:
    """One lab, put into one state after another by the account's root user."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self.lab = Lab(cloud).reach(1)
        self.lab.create_endpoint()
        iam = self.lab.root.session.client("iam")
        self.arn = iam.create_user(UserName=USER)["User"]["Arn"]
        key = iam.create_access_key(UserName=USER)["AccessKey"]
        self.credential = Credential(self.arn, "", key["AccessKeyId"], key["SecretAccessKey"])
        places = (CONSOLE, self.lab.topology.instance)
        self.inside = {
            place: cloud.session(place, self.credential).client("s3") for place in places
        }
        self.outside = {place: over_http(cloud.serve(place), self.credential) for place in places}

    def configure(self, state: State) -> None:
        """Put the lab into a state."""
        made, ec2 = self.lab.topology, self.lab.root.session.client("ec2")
        table = {"RouteTableId": made.route_table, "DestinationCidrBlock": "0.0.0.0/0"}
        tables = ec2.describe_route_tables(RouteTableIds=[made.route_table])["RouteTables"]
        if any(route.get("GatewayId") == made.internet_gateway for route in tables[0]["Routes"]):
            ec2.delete_route(**table)
        if "internet" in state.routes:
            ec2.create_route(**table, GatewayId=made.internet_gateway)
        change = "AddRouteTableIds" if "endpoint" in state.routes else "RemoveRouteTableIds"
        ec2.modify_vpc_endpoint(
            VpcEndpointId=self.lab.endpoint,
            PolicyDocument=json.dumps(self.endpoint_policy(state)),
            **{change: [made.route_table]},
        )
        self.configure_egress(ec2, everything=state.everything_out)
        self.configure_bucket(state.bucket_policy)
        self.configure_user(state.user_policy)

    def endpoint_policy(self, state: State) -> dict[str, Any]:
        """The endpoint policy of a state."""
        bucket = self.lab.topology.bucket_arn
        resources = {
            "everything": ("*",),
            "the bucket": (bucket, f"{bucket}/*"),
            "another bucket": ("arn:aws:s3:::another", "arn:aws:s3:::another/*"),
        }
        return endpoint_policy(state.endpoint_effect, resources[state.endpoint_resources])

    def configure_egress(self, ec2: Any, *, everything: bool) -> None:
        """Let the instance's security group send everything, or nothing."""
        group = self.lab.topology.security_group
        rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        everywhere = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        if rules["IpPermissionsEgress"] and not everything:
            ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everywhere)
        elif everything and not rules["IpPermissionsEgress"]:
            ec2.authorize_security_group_egress(GroupId=group, IpPermissions=everywhere)

    def configure_bucket(self, kind: str) -> None:
        """Set one of the bucket policies."""
        bucket, s3 = self.lab.topology.bucket_arn, self.lab.root.session.client("s3")
        if kind == "none":
            s3.delete_bucket_policy(Bucket=self.lab.bucket)
            return
        vpce, vpc = self.lab.endpoint, self.lab.topology.vpc
        changes: dict[str, dict[str, Any]] = {
            "deny": {},
            "deny objects": {"Resource": f"{bucket}/*"},
            "deny reading": {"Action": ["s3:GetObject"], "Resource": f"{bucket}/*"},
            "allow over endpoint": {
                "Effect": "Allow",
                "Condition": {"StringEquals": {"aws:sourceVpce": vpce}},
            },
            "deny other VPCs": {"Condition": {"StringNotEquals": {"aws:SourceVpc": vpc}}},
        }
        policy = deny_unless_over(vpce, bucket, **changes[kind])
        s3.put_bucket_policy(Bucket=self.lab.bucket, Policy=json.dumps(policy))

    def configure_user(self, kind: str) -> None:
        """Give the user one of the identity-based policies."""
        statements: dict[str, dict[str, Any]] = {
            "everything": {"Effect": "Allow", "Action": "*", "Resource": "*"},
            "reading": {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"},
            "nothing": {"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"},
            "deny listing": {"Effect": "Deny", "Action": "s3:List*", "Resource": "*"},
        }
        self.lab.root.session.client("iam").put_user_policy(
            UserName=USER,
            PolicyName="policy",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements[kind]}),
        )

    def collected(self) -> Snapshot:
        """A snapshot of the account, collected as from any other."""
        return collect(self.lab.root.session, region=self.lab.topology.region)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """One lab for all examples."""
    with SimulatedCloud() as cloud:
        yield Bench(cloud)


def seen(decision: Decision) -> tuple[str, str | None]:
    """What a caller would see of a decision."""
    return str(decision.outcome), decision.message if decision.denied else None


def seen_of(answer: Outcome) -> tuple[str, str | None]:
    """The same of an answer; a bucket without a policy is an answer too."""
    if answer.code in (None, "NoSuchBucketPolicy"):
        return str(RequestOutcome.ALLOWED), None
    if answer.code == "ConnectTimeoutError":
        return str(RequestOutcome.UNREACHABLE), None
    assert (answer.status, answer.code) == (403, "AccessDenied")
    return str(RequestOutcome.DENIED), answer.message


@settings(deadline=None, max_examples=40)
@given(state=STATES)
def test_all_doors_agree(bench: Bench, state: State) -> None:
    bench.configure(state)
    snapshot = bench.collected()
    for place, client in bench.inside.items():
        for operation, asked in ASKED.items():
            parameters, action, resource = asked(bench.lab.bucket)
            answer = outcome_of(client, operation, parameters)
            assert outcome_of(bench.outside[place], operation, parameters) == answer
            decision = decide(snapshot, place, Request(bench.arn, action, resource))
            assert seen_of(answer) == seen(decision), (place, action)
