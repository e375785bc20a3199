"""Decisions on a snapshot: the way, the context it gives, and what cannot be known."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pytest_vpcep.access import Request, RequestOutcome, decide, explanation_document, remedies
from pytest_vpcep.access.context import network_context, time_context
from pytest_vpcep.errors import RequestError
from pytest_vpcep.lab import Lab
from pytest_vpcep.network import Path
from pytest_vpcep.snapshot import NotPermitted, Snapshot


@pytest.fixture(scope="module")
def module_lab():
    """The lab at step 7, without its terminal; tests change snapshots of it, never itself."""
    from pytest_vpcep.cloud.simulated import SimulatedCloud

    with SimulatedCloud() as cloud:
        lab = Lab(cloud).reach(1)
        lab.create_endpoint()
        lab.put_bucket_policy()
        lab.associate_route_table()
        yield lab


@pytest.fixture
def snapshot(module_lab: Lab) -> Snapshot:
    return module_lab.cloud.snapshot()


def asked(lab: Lab, action: str = "s3:ListBucket", **changes: Any) -> Request:
    principal = lab.cloud.administrator.principal
    return Request(
        **{"principal": principal, "action": action}
        | {"resource": lab.topology.bucket_arn}
        | changes
    )


def with_bucket(snapshot: Snapshot, lab: Lab, **changes: Any) -> Snapshot:
    bucket = {**snapshot.bucket(lab.bucket), **changes}
    return replace(snapshot, s3={"Buckets": {lab.bucket: bucket}})


def without_policy(snapshot: Snapshot, lab: Lab) -> Snapshot:
    return with_bucket(snapshot, lab, Policy=None)


class TestNetworkKeys:
    """AWS global condition context keys (IAM User Guide): the availability of each network key."""

    def test_over_an_endpoint(self):
        path = Path((), via="vpce-1", endpoint="vpce-1", source_vpc="vpc-1", source_ip="10.0.0.4")
        assert network_context(path, "111122223333") == {
            "aws:SourceVpce": "vpce-1",
            "aws:SourceVpc": "vpc-1",
            "aws:VpcSourceIp": "10.0.0.4",
            "aws:VpceAccount": "111122223333",
        }

    def test_over_the_internet(self):
        path = Path((), via="igw-1", source_ip="198.51.100.7")
        assert network_context(path, "111122223333") == {"aws:SourceIp": "198.51.100.7"}

    def test_from_outside(self):
        assert network_context(None, "111122223333") == {}


def test_the_time_keys():
    """aws:CurrentTime is ISO 8601, aws:EpochTime seconds since 1970."""
    assert time_context("2026-01-31T13:00:00+01:00") == {
        "aws:CurrentTime": "2026-01-31T12:00:00Z",
        "aws:EpochTime": "1769860800",
    }


def test_a_moment_that_is_none():
    with pytest.raises(RequestError, match="'yesterday' is no date and time"):
        time_context("yesterday")


class TestWhereItCannotBeKnown:
    def test_the_console_s_address(self, snapshot, module_lab):
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": module_lab.topology.bucket_arn,
                "Condition": {"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
            },
        }
        changed = with_bucket(snapshot, module_lab, Policy=policy)
        unknown = decide(changed, "console", asked(module_lab))
        assert unknown.outcome is RequestOutcome.UNDETERMINED
        assert "aws:sourceip" in str(unknown.undetermined)
        given = asked(module_lab, context={"aws:SourceIp": "198.51.100.7"})
        assert decide(changed, "console", given).allowed

    def test_the_organization(self, snapshot, module_lab):
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": module_lab.topology.bucket_arn,
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}},
            },
        }
        live = with_bucket(snapshot, module_lab, Policy=policy)
        changed = replace(live, in_organization=None)
        decision = decide(changed, module_lab.topology.instance, asked(module_lab))
        assert decision.outcome is RequestOutcome.UNDETERMINED
        assert "aws:principalorgid" in str(decision.undetermined)
        # An account in no organization has no such key, which StringNotEquals takes for unequal.
        assert decide(live, module_lab.topology.instance, asked(module_lab)).denied
        # A statement on listing leaves what is asked of another action alone.
        policy["Statement"]["Action"] = "s3:ListBucket"
        changed = replace(with_bucket(snapshot, module_lab, Policy=policy), in_organization=None)
        assert decide(changed, "console", asked(module_lab, "s3:GetBucketLocation")).allowed

    def test_the_unique_id_of_who_asks(self, snapshot, module_lab):
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": module_lab.topology.bucket_arn,
                "Condition": {"StringNotLike": {"aws:userid": "AIDA*"}},
            },
        }
        changed = with_bucket(snapshot, module_lab, Policy=policy)
        assert "aws:userid" in str(decide(changed, "console", asked(module_lab)).undetermined)
        given = asked(module_lab, context={"aws:UserId": "AIDAEXAMPLE"})
        assert decide(changed, "console", given).allowed

    def test_a_bucket_policy_that_could_not_be_read(self, snapshot, module_lab):
        bucket = dict(snapshot.bucket(module_lab.bucket))
        del bucket["Policy"]
        message = "AccessDenied: ... with an explicit deny in a resource-based policy"
        gap = NotPermitted(
            f"s3.Buckets.{module_lab.bucket}.Policy", "GetBucketPolicy", "AccessDenied", message
        )
        changed = replace(
            snapshot, s3={"Buckets": {module_lab.bucket: bucket}}, not_permitted=(gap,)
        )
        decision = decide(changed, "console", asked(module_lab))
        assert decision.outcome is RequestOutcome.UNDETERMINED
        assert "explicit deny in a resource-based policy" in decision.message

    def test_a_bucket_that_is_not_in_the_snapshot(self, snapshot, module_lab):
        request = asked(module_lab, resource="arn:aws:s3:::somebody-elses")
        decision = decide(snapshot, "console", request)
        assert decision.outcome is RequestOutcome.UNDETERMINED

    def test_creating_a_bucket_asks_no_bucket_policy(self, snapshot, module_lab):
        request = asked(module_lab, "s3:CreateBucket", resource="arn:aws:s3:::a-new-one")
        assert decide(snapshot, "console", request).allowed

    def test_there_is_nothing_to_remedy(self, snapshot, module_lab):
        request = asked(module_lab, resource="arn:aws:s3:::somebody-elses")
        assert remedies(decide(snapshot, "console", request)) == ()


class TestBlockPublicAccess:
    """Blocking public access to your Amazon S3 storage: RestrictPublicBuckets."""

    PUBLIC = "everybody may list"

    def decided(self, snapshot, lab, restrict: bool, principal: str):
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:ListBucket",
                "Resource": lab.topology.bucket_arn,
            },
        }
        changed = with_bucket(
            snapshot,
            lab,
            Policy=policy,
            PublicAccessBlockConfiguration={"RestrictPublicBuckets": restrict},
        )
        return decide(changed, "console", asked(lab, principal=principal))

    def test_without_it_a_public_policy_lets_everybody_in(self, snapshot, module_lab):
        assert self.decided(snapshot, module_lab, False, "anonymous").allowed

    def test_with_it_nobody_from_outside(self, snapshot, module_lab):
        assert self.decided(snapshot, module_lab, True, "anonymous").denied

    def test_with_it_the_owner_s_principals_still(self, snapshot, module_lab):
        own = module_lab.cloud.administrator.principal
        assert self.decided(snapshot, module_lab, True, own).allowed


class TestQuestionsThatMakeNoSense:
    @pytest.mark.parametrize(
        ("vantage", "changes", "said"),
        [
            pytest.param("i-0", {}, "i-0", id="no-such-instance"),
            pytest.param("eni-0", {}, "eni-0", id="no-such-interface"),
            pytest.param("console", {"action": "GetObject"}, "service:Operation", id="action"),
            pytest.param(
                "console",
                {"principal": "arn:aws:iam::111122223333:user/nobody"},
                "no principal",
                id="no-such-principal",
            ),
        ],
    )
    def test_one_clear_error(self, snapshot, module_lab, vantage, changes, said):
        with pytest.raises(RequestError, match=said):
            decide(snapshot, vantage, replace(asked(module_lab), **changes))


class TestRemedies:
    def test_each_flips_the_outcome(self, snapshot, module_lab):
        """Remedies are computed: what is reported was tried."""
        from pytest_vpcep.access.changes import changes

        decision = decide(snapshot, "console", asked(module_lab))
        found = remedies(decision)
        assert found
        tried = {change.sentence: change for change in changes(decision)}
        for sentence in found:
            change = tried[sentence]
            assert decide(change.snapshot, change.vantage, decision.request).allowed

    def test_without_the_route_the_association_is_one(self, module_lab):
        instance, endpoint = module_lab.topology.instance, module_lab.endpoint
        allowed = decide(module_lab.cloud.snapshot(), instance, asked(module_lab))
        table = module_lab.topology.route_table
        assert f"take route table {table} from endpoint {endpoint}" in remedies(allowed)

    def test_an_identity_policy_is_one(self, snapshot, module_lab):
        details = snapshot.iam["GetAccountAuthorizationDetails"]
        users = [{**details["UserDetailList"][0], "AttachedManagedPolicies": []}]
        changed = replace(
            without_policy(snapshot, module_lab),
            iam={"GetAccountAuthorizationDetails": {**details, "UserDetailList": users}},
        )
        decision = decide(changed, "console", asked(module_lab))
        assert decision.denied
        user = module_lab.cloud.administrator.principal
        arn = module_lab.topology.bucket_arn
        assert f"allow s3:ListBucket on {arn} in a policy of {user}" in remedies(decision)


class TestExplanationDocument:
    """The JSON of ``vpcep explain --json``, as the contract has it."""

    def test_allowed_over_the_endpoint(self, snapshot, module_lab):
        decision = decide(snapshot, module_lab.topology.instance, asked(module_lab))
        document = json.loads(json.dumps(explanation_document(decision)))
        assert document["outcome"] == "allowed"
        assert document["path"]["via"] == module_lab.endpoint
        assert document["path"]["blocked"] is None
        assert {tuple(sorted(hop)) for hop in document["path"]["hops"]} == {
            ("detail", "id", "kind")
        }
        assert document["context"]["aws:SourceVpce"] == module_lab.endpoint
        assert document["decision"]["decision"] == "allowed"

    def test_denied_from_the_console(self, snapshot, module_lab):
        document = explanation_document(decide(snapshot, "console", asked(module_lab)))
        assert document["path"] == {"via": None, "hops": [], "blocked": None}
        assert document["decision"]["decided_by"] == "resource"
        assert document["decision"]["statement"] == {"index": 0, "sid": "DenyUnlessOverEndpoint"}
        assert document["remedies"]

    def test_unreachable(self, snapshot, module_lab):
        decision = decide(snapshot, module_lab.topology.instance, asked(module_lab))
        tables = snapshot.ec2["DescribeRouteTables"]["RouteTables"]
        empty = [{**table, "Routes": table["Routes"][:1]} for table in tables]
        changed = replace(
            snapshot, ec2={**snapshot.ec2, "DescribeRouteTables": {"RouteTables": empty}}
        )
        document = explanation_document(decide(changed, decision.vantage, decision.request))
        assert document["outcome"] == "unreachable"
        assert document["decision"] is None
        assert document["path"]["blocked"]["code"]
        assert any("associate route table" in one for one in document["remedies"])
