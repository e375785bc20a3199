"""What the gate answers: AWS's status, code and wording, for each thing that can stop a request."""

from __future__ import annotations

import json

import boto3
import pytest
from answered_errors import error_of
from botocore.config import Config

from pytest_vpcep.cloud.credentials import NOBODY, Credential
from pytest_vpcep.lab.endpoint import deny_unless_over, endpoint_policy


def console_with(cloud, access_key_id: str, secret: str) -> boto3.Session:
    return cloud.session("console", Credential("unknown", "unknown", access_key_id, secret))


class TestWhoSigned:
    """Error responses (Amazon S3 API Reference), Common errors (AWS STS, IAM), EC2 error codes."""

    @pytest.mark.parametrize(
        ("service", "operation", "code"),
        [
            pytest.param("s3", "list_buckets", "InvalidAccessKeyId", id="s3"),
            pytest.param("iam", "list_users", "InvalidClientTokenId", id="iam"),
            pytest.param("sts", "get_caller_identity", "InvalidClientTokenId", id="sts"),
            pytest.param("ec2", "describe_vpcs", "AuthFailure", id="ec2"),
        ],
    )
    def test_unknown_key_id(self, cloud, service, operation, code):
        client = console_with(cloud, "AKIAIOSFODNN7EXAMPLE", "any").client(service)
        assert error_of(getattr(client, operation))[1] == code

    @pytest.mark.parametrize(
        ("service", "operation", "code"),
        [
            pytest.param("s3", "list_buckets", "SignatureDoesNotMatch", id="s3"),
            pytest.param("iam", "list_users", "SignatureDoesNotMatch", id="iam"),
            pytest.param("ec2", "describe_vpcs", "AuthFailure", id="ec2"),
        ],
    )
    def test_wrong_secret(self, cloud, service, operation, code):
        key = cloud.administrator.access_key_id
        client = console_with(cloud, key, "not-the-secret").client(service)
        status, answered, _ = error_of(getattr(client, operation))
        assert answered == code
        assert status in (401, 403)

    def test_inactive_key_is_not_known(self, cloud):
        iam = cloud.session("console", cloud.root).client("iam")
        iam.update_access_key(
            UserName="administrator",
            AccessKeyId=cloud.administrator.access_key_id,
            Status="Inactive",
        )
        client = cloud.session("console", cloud.administrator).client("s3")
        assert error_of(client.list_buckets)[1] == "InvalidAccessKeyId"

    def test_nobody_is_denied(self, lab):
        client = lab.cloud.session("console", NOBODY).client("s3")
        status, code, message = error_of(client.list_objects_v2, Bucket=lab.bucket)
        assert (status, code, message) == (403, "AccessDenied", "Access Denied")


class TestWhoMay:
    """Access denied messages: "Troubleshoot access denied (403 Forbidden) errors" (S3)."""

    def test_no_identity_policy(self, lab, cloud_user):
        s3 = cloud_user("nothing", None).client("s3")
        status, code, message = error_of(s3.list_objects_v2, Bucket=lab.bucket)
        user = f"arn:aws:iam::{lab.cloud.account}:user/nothing"
        assert (status, code) == (403, "AccessDenied")
        assert message == (
            f"User: {user} is not authorized to perform: s3:ListBucket on resource: "
            f'"arn:aws:s3:::{lab.bucket}" because no identity-based policy allows the '
            "s3:ListBucket action"
        )

    def test_ec2_says_it_in_its_own_form(self, cloud_user):
        ec2 = cloud_user("nothing", None).client("ec2")
        status, code, message = error_of(ec2.describe_vpcs)
        assert (status, code) == (403, "UnauthorizedOperation")
        assert message.startswith("You are not authorized to perform this operation. User: arn:")
        assert "no identity-based policy allows the ec2:DescribeVpcs action" in message

    def test_caller_identity_needs_no_permission(self, cloud_user):
        identity = cloud_user("nothing", None).client("sts").get_caller_identity()
        assert identity["Arn"].endswith(":user/nothing")

    def test_root_has_an_identity_of_its_own(self, cloud):
        identity = cloud.session("console", cloud.root).client("sts").get_caller_identity()
        assert identity["Arn"] == f"arn:aws:iam::{cloud.account}:root"
        assert identity["Account"] == cloud.account

    @pytest.mark.parametrize(
        ("allowed", "code"),
        [
            pytest.param(("s3:GetObject",), "AccessDenied", id="without-ListBucket-403"),
            pytest.param(("s3:GetObject", "s3:ListBucket"), "NoSuchKey", id="with-it-404"),
        ],
    )
    def test_a_missing_object(self, lab, cloud_user, allowed, code):
        """GetObject (Amazon S3 API Reference): 404 only with s3:ListBucket."""
        policy = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": allowed, "Resource": "*"}],
        }
        s3 = cloud_user("reader", policy).client("s3")
        assert error_of(s3.get_object, Bucket=lab.bucket, Key="missing")[1] == code

    def test_a_missing_bucket_is_missing(self, cloud):
        s3 = cloud.session("console", cloud.administrator).client("s3")
        status, code, _ = error_of(s3.list_objects_v2, Bucket="there-is-no-such-bucket")
        assert (status, code) == (404, "NoSuchBucket")

    def test_head_has_no_body(self, lab, cloud_user):
        s3 = cloud_user("nothing", None).client("s3")
        assert error_of(s3.head_bucket, Bucket=lab.bucket)[:2] == (403, "403")

    def test_batch_delete_answers_key_by_key(self, lab, cloud_user):
        """DeleteObjects (Amazon S3 API Reference): an Error element for each key."""
        kept, gone = lab.topology.objects
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "s3:DeleteObject",
                    "Resource": f"arn:aws:s3:::{lab.bucket}/{gone}",
                }
            ],
        }
        s3 = cloud_user("deleter", policy).client("s3")
        answer = s3.delete_objects(
            Bucket=lab.bucket, Delete={"Objects": [{"Key": kept}, {"Key": gone}]}
        )
        assert [one["Key"] for one in answer["Deleted"]] == [gone]
        assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [(kept, "AccessDenied")]
        listed = lab.console.session.client("s3").list_objects_v2(Bucket=lab.bucket)
        assert [one["Key"] for one in listed["Contents"]] == [kept]


class TestBucketPolicy:
    """PutBucketPolicy and what comes of it (Amazon S3 User Guide, "Bucket policies")."""

    @pytest.mark.parametrize(
        ("policy", "message"),
        [
            pytest.param("not json", "Policies must be valid JSON", id="no-json"),
            pytest.param('{"Version": "2012-10-17", "Statement": []}', "", id="no-statement"),
            pytest.param(
                json.dumps(deny_unless_over("vpce-1", "arn:aws:s3:::another-bucket")),
                "Policy has invalid resource",
                id="another-bucket",
            ),
        ],
    )
    def test_malformed(self, lab, policy, message):
        s3 = lab.console.session.client("s3")
        status, code, said = error_of(s3.put_bucket_policy, Bucket=lab.bucket, Policy=policy)
        assert (status, code) == (400, "MalformedPolicy")
        assert message in said

    def test_a_principal_that_does_not_exist(self, lab):
        policy = deny_unless_over("vpce-1", lab.topology.bucket_arn)
        policy["Statement"][0]["Principal"] = {
            "AWS": f"arn:aws:iam::{lab.cloud.account}:user/nobody-of-that-name"
        }
        s3 = lab.console.session.client("s3")
        _, code, message = error_of(
            s3.put_bucket_policy, Bucket=lab.bucket, Policy=json.dumps(policy)
        )
        assert (code, message) == ("MalformedPolicy", "Invalid principal in policy")

    def test_public_policies_are_blocked(self, lab):
        """Blocking public access to your Amazon S3 storage: on for every new bucket."""
        policy = deny_unless_over("vpce-1", lab.topology.bucket_arn, Effect="Allow", Condition={})
        s3 = lab.console.session.client("s3")
        status, code, message = error_of(
            s3.put_bucket_policy, Bucket=lab.bucket, Policy=json.dumps(policy)
        )
        assert (status, code) == (403, "AccessDenied")
        assert "blocked by the BlockPublicPolicy block public access setting" in message

    def test_without_the_block_they_are_taken(self, lab):
        s3 = lab.console.session.client("s3")
        s3.delete_public_access_block(Bucket=lab.bucket)
        policy = deny_unless_over("vpce-1", lab.topology.bucket_arn, Effect="Allow", Condition={})
        s3.put_bucket_policy(Bucket=lab.bucket, Policy=json.dumps(policy))
        nobody = lab.cloud.session("console", NOBODY).client("s3")
        assert nobody.list_objects_v2(Bucket=lab.bucket)["KeyCount"] == 2

    def test_the_denied_administrator_cannot_take_it_back(self, lab):
        lab.reach(6)
        s3 = lab.console.session.client("s3")
        assert error_of(s3.delete_bucket_policy, Bucket=lab.bucket)[1] == "AccessDenied"
        assert error_of(s3.get_bucket_policy, Bucket=lab.bucket)[1] == "AccessDenied"

    def test_root_is_denied_the_rest(self, lab):
        """Bucket policies: the owner's root keeps the policy calls only."""
        lab.reach(6)
        s3 = lab.root.session.client("s3")
        assert error_of(s3.list_objects_v2, Bucket=lab.bucket)[1] == "AccessDenied"
        s3.delete_bucket_policy(Bucket=lab.bucket)
        assert s3.list_objects_v2(Bucket=lab.bucket)["KeyCount"] == 3

    def test_a_presigned_url_is_judged_where_it_is_used(self, lab):
        """Sharing objects with presigned URLs: the signer's permissions, the user's way."""
        from pytest_vpcep.access.http_request import HttpRequest

        lab.reach(4)
        s3 = lab.console.session.client("s3", config=Config(signature_version="s3v4"))
        url = s3.generate_presigned_url(
            "get_object", Params={"Bucket": lab.bucket, "Key": lab.topology.objects[0]}
        )
        request = HttpRequest("GET", url, {})
        assert lab.cloud.answer("console", request).status == 200
        lab.reach(6)
        assert lab.cloud.answer("console", request).status == 403


class TestAnotherRegion:
    """PermanentRedirect (Amazon S3 API Reference, Error responses)."""

    @pytest.fixture
    def far(self, lab):
        name = f"{lab.names.lab}-far"
        lab.console.session.client("s3", region_name="eu-west-1").create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        return name

    def test_the_sdk_is_sent_there_and_goes_past_the_endpoint(self, lab, far):
        """The endpoint's policy, which denies all, is not asked."""
        lab.create_endpoint()
        lab.associate_route_table()
        lab.set_endpoint_policy("Deny")
        lab.create_access_key()
        s3 = lab.instance.session.client("s3")
        s3.put_object(Bucket=far, Key="key", Body=b"body")
        assert s3.list_objects_v2(Bucket=far)["KeyCount"] == 1
        assert lab.cloud.journal[-1].via == lab.topology.internet_gateway

    def test_the_terminal_too(self, lab, far):
        lab.reach(7).set_endpoint_policy("Deny")
        assert lab.terminal.run(f"aws s3 ls s3://{far}").succeeded

    def test_without_following_it_is_an_error(self, lab, far):
        from pytest_vpcep.access.http_request import HttpRequest

        url = f"https://{far}.s3.us-east-1.amazonaws.com/?list-type=2"
        answer = lab.cloud.answer("console", HttpRequest("GET", url, {}))
        assert (answer.status, answer.headers["x-amz-bucket-region"]) == (301, "eu-west-1")
        assert b"<Code>PermanentRedirect</Code>" in answer.body


class TestEndpointPolicy:
    """Endpoint policies for gateway endpoints (AWS PrivateLink)."""

    @pytest.mark.parametrize(
        "document",
        [
            pytest.param("not json", id="no-json"),
            pytest.param("{}", id="empty"),
            pytest.param(
                json.dumps(endpoint_policy()).replace('"*"', '{"AWS": "123456789012"}', 1),
                id="a-principal-but-star",
            ),
        ],
    )
    def test_refused(self, lab, document):
        ec2 = lab.reach(5).console.session.client("ec2")
        created = error_of(
            ec2.create_vpc_endpoint,
            VpcId=lab.topology.vpc,
            ServiceName="com.amazonaws.us-east-1.s3",
            PolicyDocument=document,
        )
        changed = error_of(
            ec2.modify_vpc_endpoint, VpcEndpointId=lab.endpoint, PolicyDocument=document
        )
        assert created[0] == changed[0] == 400
        assert {created[1], changed[1]} <= {"InvalidPolicyDocument", "InvalidParameter"}

    def test_a_gateway_endpoint_for_a_service_that_has_none(self, lab):
        ec2 = lab.console.session.client("ec2")
        status, code, _ = error_of(
            ec2.create_vpc_endpoint,
            VpcId=lab.topology.vpc,
            ServiceName="com.amazonaws.us-east-1.sts",
            VpcEndpointType="Gateway",
        )
        assert (status, code) == (400, "InvalidParameter")

    def test_a_route_table_of_another_vpc(self, lab):
        ec2 = lab.reach(5).console.session.client("ec2")
        other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        table = ec2.create_route_table(VpcId=other)["RouteTable"]["RouteTableId"]
        code = error_of(
            ec2.modify_vpc_endpoint, VpcEndpointId=lab.endpoint, AddRouteTableIds=[table]
        )[1]
        assert code == "InvalidParameter"


@pytest.fixture
def cloud_user(lab):
    """Make an IAM user with one inline policy, or none, and give its session at the console."""

    def make(name: str, policy: dict | None) -> boto3.Session:
        iam = lab.console.session.client("iam")
        iam.create_user(UserName=name)
        if policy is not None:
            iam.put_user_policy(
                UserName=name, PolicyName="inline", PolicyDocument=json.dumps(policy)
            )
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return console_with(lab.cloud, key["AccessKeyId"], key["SecretAccessKey"])

    return make
