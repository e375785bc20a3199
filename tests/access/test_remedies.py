"""Remedies: for each thing that can be wrong, the change that puts it right, found by trying."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matrix_accounts import (
    ACCOUNT,
    ADMINISTRATOR,
    ALL,
    ENDPOINT,
    FULL,
    account,
    identities,
    network,
    snapshots,
)

from pytest_vpcep.access import Request, RequestOutcome, access_matrix, decide, remedies
from pytest_vpcep.access.changes import changes
from pytest_vpcep.access.matrix import request_of
from pytest_vpcep.snapshot import Snapshot

BUCKET = "arn:aws:s3:::lab"
Edit = Callable[[dict[str, Any]], None]


def made(*edits: Edit, way: str = "endpoint", public: str | None = None) -> Snapshot:
    """An instance that reaches the bucket, and what was then done to the account."""
    instance = {"way": way, "public": public, "profile": "app", "state": "running"}
    whole = {
        "ec2": network([instance], FULL),
        "buckets": {"lab": {"LocationConstraint": None, "Policy": None}},
        "iam": identities([ALL, ALL]),
    }
    whole = copy.deepcopy(whole)
    for edit in edits:
        edit(whole)
    return account(whole["ec2"], whole["buckets"], whole["iam"])


def found(snapshot: Snapshot, vantage: str = "i-0", **asked: str) -> tuple[str, ...]:
    request = {"principal": ADMINISTRATOR, "action": "s3:ListBucket", "resource": BUCKET} | asked
    return remedies(decide(snapshot, vantage, Request(**request)))


def row(whole: dict[str, Any], member: str, number: int = 0) -> dict[str, Any]:
    described: dict[str, Any] = whole["ec2"][f"Describe{member}"][member][number]
    return described


def sets(member: str, number: int = 0, **values: Any) -> Edit:
    return lambda whole: row(whole, member, number).update(values)


def bucket_policy(**statement: Any) -> Edit:
    written = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": BUCKET}
    document = {"Version": "2012-10-17", "Statement": [written | statement]}
    return lambda whole: whole["buckets"]["lab"].update(Policy=document)


def endpoint_policy(**statement: Any) -> Edit:
    written = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"} | statement
    return sets("VpcEndpoints", PolicyDocument={"Statement": [written]})


def without_rule(egress: bool) -> Edit:
    def edit(whole: dict[str, Any]) -> None:
        acl = row(whole, "NetworkAcls")
        acl["Entries"] = [entry for entry in acl["Entries"] if entry["Egress"] is not egress]

    return edit


def stopped(whole: dict[str, Any]) -> None:
    whole["ec2"]["DescribeInstances"]["Reservations"][0]["Instances"][0]["State"]["Name"] = (
        "stopped"
    )


def without_dns(whole: dict[str, Any]) -> None:
    whole["ec2"]["VpcAttributes"]["vpc-1"]["enableDnsSupport"] = False


def without_prefix_lists(whole: dict[str, Any]) -> None:
    whole["ec2"]["DescribeManagedPrefixLists"]["PrefixLists"] = []
    whole["ec2"]["ManagedPrefixListEntries"] = {}


def powerless(whole: dict[str, Any]) -> None:
    users = whole["iam"]["GetAccountAuthorizationDetails"]["UserDetailList"]
    users[0]["UserPolicyList"] = []


def bounded(whole: dict[str, Any]) -> None:
    details = whole["iam"]["GetAccountAuthorizationDetails"]
    arn = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    details["UserDetailList"][0]["PermissionsBoundary"] = {"PermissionsBoundaryArn": arn}
    nothing = {"Version": "2012-10-17", "Statement": [{**ALL["Statement"][0], "Action": "ec2:*"}]}
    version = {"IsDefaultVersion": True, "VersionId": "v1", "Document": nothing}
    details["Policies"] = [{"Arn": arn, "PolicyName": "boundary", "PolicyVersionList": [version]}]


OVER = {"StringNotEquals": {"aws:SourceVpce": ENDPOINT}}


class TestTheNetwork:
    @pytest.mark.parametrize(
        ("edits", "way", "sentence"),
        [
            pytest.param(
                [],
                "isolated",
                "associate route table rtb-isolated with endpoint vpce-1",
                id="route",
            ),
            pytest.param(
                [],
                "isolated",
                "add a route 0.0.0.0/0 -> nat-1 to route table rtb-isolated",
                id="nat-gateway",
            ),
            pytest.param(
                [], "public", "associate an Elastic IP address with eni-0", id="public-address"
            ),
            pytest.param([stopped], "endpoint", "start instance i-0", id="instance"),
            pytest.param(
                [without_dns], "endpoint", "turn on DNS support in vpc-1", id="dns-support"
            ),
            pytest.param(
                [sets("SecurityGroups", IpPermissionsEgress=[])],
                "endpoint",
                "add an outbound rule to security group sg-1: tcp 443 to pl-0",
                id="security-group",
            ),
            pytest.param(
                [
                    sets("SecurityGroups", IpPermissionsEgress=[]),
                    without_prefix_lists,
                ],
                "nat",
                "add an outbound rule to security group sg-1: tcp 443 to 0.0.0.0/0",
                id="security-group-without-prefix-list",
            ),
            pytest.param(
                [without_rule(egress=True)],
                "endpoint",
                "add to network ACL acl-1: outbound rule 100, allow tcp 443 to 0.0.0.0/0",
                id="acl-outbound",
            ),
            pytest.param(
                [without_rule(egress=False)],
                "endpoint",
                "add to network ACL acl-1: inbound rule 100, allow tcp 1024-65535 from 0.0.0.0/0",
                id="acl-answers",
            ),
            pytest.param(
                [sets("NetworkAcls", Entries=[])],
                "endpoint",
                "add to network ACL acl-1: outbound rule 100, allow tcp 443 to 0.0.0.0/0 and "
                "inbound rule 100, allow tcp 1024-65535 from 0.0.0.0/0",
                id="acl-both-ways",
            ),
        ],
    )
    def test_what_blocks_is_put_right(self, edits, way, sentence):
        assert sentence in found(made(*edits, way=way))

    def test_a_detached_internet_gateway(self):
        detached = made(sets("InternetGateways", Attachments=[]), way="public", public="54.1.1.1")
        assert "attach internet gateway igw-1 to vpc-1" in found(detached)

    def test_a_rule_that_denies_is_put_behind(self):
        entries = [
            {
                "RuleNumber": number,
                "Protocol": "-1",
                "RuleAction": action,
                "Egress": egress,
                "CidrBlock": "0.0.0.0/0",
            }
            for egress in (True, False)
            for number, action in ((50, "deny" if egress else "allow"), (100, "allow"))
        ]
        sentence = "add to network ACL acl-1: outbound rule 49, allow tcp 443 to 0.0.0.0/0"
        assert found(made(sets("NetworkAcls", Entries=entries)))[:1] == (sentence,)

    def test_no_rule_comes_before_the_first(self):
        deny = {"Protocol": "-1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0", "RuleNumber": 1}
        entries = [{**deny, "Egress": egress} for egress in (True, False)]
        assert found(made(sets("NetworkAcls", Entries=entries))) == ()

    def test_one_rule_where_one_will_do(self):
        sentences = found(made(without_rule(egress=True)))
        assert len([one for one in sentences if "acl-1" in one]) == 1


class TestPolicies:
    @pytest.mark.parametrize(
        ("edits", "way", "sentence"),
        [
            pytest.param(
                [bucket_policy(Condition=OVER)],
                "nat",
                "associate route table rtb-nat with endpoint vpce-1",
                id="forgotten-route",
            ),
            pytest.param(
                [bucket_policy(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-9"}})],
                "endpoint",
                "name vpce-1 for aws:SourceVpce in statement 1 of the policy of bucket lab",
                id="endpoint-of-the-wrong-row",
            ),
            pytest.param(
                [bucket_policy(Condition={"StringNotEquals": {"aws:SourceVpc": "vpc-9"}})],
                "endpoint",
                "name vpc-1 for aws:SourceVpc in statement 1 of the policy of bucket lab",
                id="wrong-vpc",
            ),
            pytest.param(
                [bucket_policy(Sid="Shut")],
                "endpoint",
                'change Effect of statement 1 ("Shut") of the policy of bucket lab to Allow',
                id="effect",
            ),
            pytest.param(
                [endpoint_policy(Effect="Deny")],
                "endpoint",
                "change Effect of statement 1 of the policy of endpoint vpce-1 to Allow",
                id="endpoint-policy-left-on-deny",
            ),
            pytest.param(
                [endpoint_policy(Action="s3:GetObject")],
                "endpoint",
                "add s3:ListBucket to Action of statement 1 of the policy of endpoint vpce-1",
                id="endpoint-policy-action",
            ),
            pytest.param(
                [endpoint_policy(Resource="arn:aws:s3:::lab/*")],
                "endpoint",
                "add arn:aws:s3:::lab to Resource of statement 1 of the policy of endpoint vpce-1",
                id="endpoint-policy-resource",
            ),
            pytest.param(
                [endpoint_policy(Principal={"AWS": "444455556666"})],
                "endpoint",
                "give endpoint vpce-1 the full-access policy",
                id="endpoint-policy-for-others",
            ),
            pytest.param(
                [powerless],
                "endpoint",
                f"allow s3:ListBucket on {BUCKET} in a policy of {ADMINISTRATOR}",
                id="identity-policy",
            ),
            pytest.param(
                [bounded],
                "endpoint",
                f"remove the permissions boundary of {ADMINISTRATOR}",
                id="boundary",
            ),
        ],
    )
    def test_what_denies_is_put_right(self, edits, way, sentence):
        assert sentence in found(made(*edits, way=way))

    @pytest.mark.parametrize(
        ("statement", "sentence"),
        [
            pytest.param(
                {"Resource": f"{BUCKET}/*"},
                "add arn:aws:s3:::lab to Resource of statement 1 of the policy of bucket lab",
                id="only-objects",
            ),
            pytest.param(
                {"Action": ["s3:GetObject", "s3:PutObject"]},
                "add s3:ListBucket to Action of statement 1 of the policy of bucket lab",
                id="a-few-actions",
            ),
            pytest.param(
                {"Effect": "Allow", "Condition": {"StringNotEquals": {"aws:SourceVpce": "x"}}},
                "change Effect of statement 1 of the policy of bucket lab to Deny",
                id="allow-instead-of-deny",
            ),
        ],
    )
    def test_what_lets_the_console_in_is_put_right(self, statement, sentence):
        """The students' mistakes: a deny that is too narrow, or none."""
        edit = bucket_policy(**({"Condition": OVER} | statement))
        assert sentence in found(made(edit), "console")

    def test_a_deny_on_a_condition_is_never_turned_round(self):
        sentences = found(made(bucket_policy(Condition=OVER)), "console")
        assert "remove statement 1 from the policy of bucket lab" in sentences
        assert not any("change Effect" in one for one in sentences)

    def test_block_public_access(self):
        """Blocking public access to your Amazon S3 storage: RestrictPublicBuckets."""

        def restricted(whole: dict[str, Any]) -> None:
            block = {"RestrictPublicBuckets": True}
            whole["buckets"]["lab"]["PublicAccessBlockConfiguration"] = block

        public = made(bucket_policy(Effect="Allow"), restricted)
        sentences = found(public, "console", principal="anonymous")
        assert (
            sentences
            == (
                "send it from instance i-0",
                "turn RestrictPublicBuckets of bucket lab off",
            )[1:]
        )

    def test_a_request_that_does_not_arrive_meets_no_policy(self):
        assert not any("policy" in one for one in found(made(way="isolated")))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(snapshots(), st.data())
def test_every_remedy_flips_the_outcome(snapshot: Snapshot, data: st.DataObject) -> None:
    """Retraced from the start, whether or not the remedy was found on the path as it was."""
    matrix = access_matrix(snapshot)
    asker = data.draw(st.sampled_from([one for one in matrix.askers if one.principal] or [None]))
    if asker is None:
        return
    request = request_of(asker, data.draw(st.sampled_from(matrix.columns)))
    decision = decide(snapshot, asker.place, request)
    reported = remedies(decision)
    assert decision.outcome is not RequestOutcome.UNDETERMINED or reported == ()
    tried = {change.sentence: change for change in changes(decision)} if reported else {}
    for sentence in reported:
        change = tried[sentence]
        other = decide(change.snapshot, change.vantage, request)
        assert other.allowed is not decision.allowed
        assert other.outcome is not RequestOutcome.UNDETERMINED
