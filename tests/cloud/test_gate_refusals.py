"""What moto would carry out and AWS refuses, and whose a bucket or a role is."""

from __future__ import annotations

import json

import pytest
from answered_errors import error_of

from pytest_vpcep.cloud.credentials import NOBODY
from pytest_vpcep.lab.endpoint import deny_unless_over


class TestOtherAccounts:
    """Cross-account policy evaluation logic (IAM User Guide): both accounts have to allow."""

    def test_another_account_s_bucket_is_not_ours(self, lab, cloud):
        s3 = cloud.session("console", cloud.administrator).client("s3")
        status, code, message = error_of(s3.list_objects_v2, Bucket=lab.bucket)
        assert (status, code, message) == (403, "AccessDenied", "Access Denied")

    def test_a_bucket_policy_that_names_the_caller_lets_it_in(self, lab, cloud):
        policy = deny_unless_over(
            "vpce-1",
            lab.topology.bucket_arn,
            Effect="Allow",
            Principal={"AWS": cloud.administrator.principal},
            Condition={},
        )
        lab.console.session.client("s3").put_bucket_policy(
            Bucket=lab.bucket, Policy=json.dumps(policy)
        )
        s3 = cloud.session("console", cloud.administrator).client("s3")
        assert s3.list_objects_v2(Bucket=lab.bucket)["KeyCount"] == 2


class TestWhatMotoCarriesOut:
    """Error codes for the Amazon EC2 API; error responses of S3."""

    def test_a_dry_run_does_nothing(self, lab):
        ec2 = lab.console.session.client("ec2")
        before = len(ec2.describe_vpcs()["Vpcs"])
        code = error_of(ec2.create_vpc, CidrBlock="10.9.0.0/16", DryRun=True)[:2]
        assert code == (412, "DryRunOperation")
        assert len(ec2.describe_vpcs()["Vpcs"]) == before

    def test_a_subnet_in_use_stays(self, lab):
        ec2 = lab.console.session.client("ec2")
        assert error_of(ec2.delete_subnet, SubnetId=lab.topology.subnet)[1] == "DependencyViolation"

    def test_a_security_group_in_use_stays(self, lab):
        ec2 = lab.console.session.client("ec2")
        group = lab.topology.security_group
        assert error_of(ec2.delete_security_group, GroupId=group)[1] == "DependencyViolation"

    def test_a_route_table_that_is_not_there(self, lab):
        lab.create_endpoint()
        ec2 = lab.console.session.client("ec2")
        asked = {"VpcEndpointId": lab.endpoint, "AddRouteTableIds": ["rtb-00000000"]}
        assert error_of(ec2.modify_vpc_endpoint, **asked)[1] == "InvalidRouteTableID.NotFound"
        ec2.delete_vpc_endpoints(VpcEndpointIds=[lab.endpoint])

    def test_a_second_endpoint_on_the_same_route_table(self, lab):
        lab.create_endpoint()
        lab.associate_route_table()
        first = lab.endpoint
        lab.create_endpoint()
        ec2, table = lab.console.session.client("ec2"), lab.topology.route_table
        asked = {"VpcEndpointId": lab.endpoint, "AddRouteTableIds": [table]}
        assert error_of(ec2.modify_vpc_endpoint, **asked)[1] == "RouteAlreadyExists"
        ec2.modify_vpc_endpoint(VpcEndpointId=lab.endpoint, RemoveRouteTableIds=[table])
        assert lab.instance.attempt("s3:ListBucket", lab.bucket).via == first

    def test_an_endpoint_that_is_not_there(self, lab):
        ec2 = lab.console.session.client("ec2")
        code = error_of(ec2.modify_vpc_endpoint, VpcEndpointId="vpce-0", ResetPolicy=True)[1]
        assert code == "InvalidVpcEndpointId.NotFound"

    def test_resetting_an_endpoint_policy(self, lab):
        lab.create_endpoint()
        lab.set_endpoint_policy("Deny")
        ec2 = lab.console.session.client("ec2")
        ec2.modify_vpc_endpoint(VpcEndpointId=lab.endpoint, ResetPolicy=True)
        endpoint = ec2.describe_vpc_endpoints(VpcEndpointIds=[lab.endpoint])["VpcEndpoints"][0]
        assert json.loads(endpoint["PolicyDocument"])["Statement"][0]["Effect"] == "Allow"

    @pytest.mark.parametrize("name", ["foo.s3", "com.amazonaws.us-west-2.s3"])
    def test_a_service_that_does_not_exist_here(self, lab, name):
        ec2 = lab.console.session.client("ec2")
        asked = {"VpcId": lab.topology.vpc, "ServiceName": name}
        assert error_of(ec2.create_vpc_endpoint, **asked)[1] == "InvalidServiceName"

    def test_a_bucket_name_s3_does_not_take(self, lab):
        s3 = lab.console.session.client("s3")
        assert error_of(s3.create_bucket, Bucket="Bad_Name")[1] == "InvalidBucketName"

    def test_a_missing_bucket_is_missing_for_nobody_too(self, lab):
        s3 = lab.cloud.session("console", NOBODY).client("s3")
        assert error_of(s3.list_objects_v2, Bucket="there-is-no-such-bucket")[1] == "NoSuchBucket"

    def test_a_deleted_object_of_a_versioned_bucket(self, lab):
        """GetObject (Amazon S3 API Reference): a delete marker answers 404."""
        s3, key = lab.console.session.client("s3"), lab.topology.objects[0]
        s3.put_bucket_versioning(Bucket=lab.bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.delete_object(Bucket=lab.bucket, Key=key)
        assert error_of(s3.get_object, Bucket=lab.bucket, Key=key)[:2] == (404, "NoSuchKey")


class TestAssumingRoles:
    """AssumeRole (AWS STS API Reference): the role's trust policy says who may."""

    @pytest.mark.parametrize(
        ("trusted", "allowed"),
        [pytest.param(True, True, id="trusted"), pytest.param(False, False, id="not-trusted")],
    )
    def test_the_trust_policy_decides(self, lab, trusted, allowed):
        who = lab.console.principal if trusted else f"arn:aws:iam::{lab.cloud.account}:user/other"
        iam, sts = lab.console.session.client("iam"), lab.console.session.client("sts")
        if not trusted:
            iam.create_user(UserName="other")
        trust = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"}
        document = {"Version": "2012-10-17", "Statement": trust}
        arn = iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(document))
        asked = {"RoleArn": arn["Role"]["Arn"], "RoleSessionName": "session"}
        if allowed:
            assert sts.assume_role(**asked)["AssumedRoleUser"]["Arn"].endswith("/session")
        else:
            assert error_of(sts.assume_role, **asked)[1] == "AccessDenied"

    def test_session_policies_are_not_dropped_in_silence(self, lab):
        sts = lab.console.session.client("sts")
        status, code, _ = error_of(sts.get_session_token)
        assert (status, code) == (501, "NotImplemented")
