"""What is configured now: read once, and never older than the last call that changed it."""

import json

import pytest

from pytest_vpcep.cloud.simulated import SimulatedCloud


def client(cloud, service):
    return cloud.session("console", cloud.administrator).client(service)


@pytest.fixture
def s3(cloud):
    return client(cloud, "s3")


@pytest.fixture
def bucket(cloud, s3):
    name = f"bucket-{cloud.account}"
    s3.create_bucket(Bucket=name)
    return name


def keys(cloud, bucket):
    return cloud.snapshot().bucket(bucket)["Objects"]


def test_keys_follow_objects(cloud, s3, bucket):
    assert keys(cloud, bucket) == []
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert keys(cloud, bucket) == ["a"]
    s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a")
    assert keys(cloud, bucket) == ["a", "b"]
    s3.delete_object(Bucket=bucket, Key="a")
    assert keys(cloud, bucket) == ["b"]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}]})
    assert keys(cloud, bucket) == []


def test_a_bucket_made_anew_has_nothing_of_the_one_before(cloud, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    before = cloud.snapshot().bucket(bucket)
    s3.delete_public_access_block(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_bucket(Bucket=bucket)
    assert bucket not in cloud.snapshot().buckets
    s3.create_bucket(Bucket=bucket)
    assert cloud.snapshot().bucket(bucket) == before | {"Objects": []}


def test_policies_hold_from_the_next_request_on(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
    s3.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    )
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.get_object(Bucket=bucket, Key="a")
    s3.delete_bucket_policy(Bucket=bucket)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"


def test_an_identity_policy_holds_after_keys_were_made(cloud, s3):
    iam = client(cloud, "iam")
    iam.create_access_key()
    s3.list_buckets()
    user = cloud.administrator.principal.rpartition("/")[2]
    iam.detach_user_policy(UserName=user, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.list_buckets()


def test_accounts_side_by_side_see_their_own(cloud):
    with SimulatedCloud() as other:
        ours = client(cloud, "ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        theirs = client(other, "ec2").create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
        seen = [
            {vpc["VpcId"] for vpc in one.snapshot().ec2["DescribeVpcs"]["Vpcs"]}
            for one in (cloud, other, cloud)
        ]
    assert [(ours in vpcs, theirs in vpcs) for vpcs in seen] == [
        (True, False),
        (False, True),
        (True, False),
    ]
