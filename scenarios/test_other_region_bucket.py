"""A bucket in another Region: a gateway endpoint is for S3 of its own Region only."""

import pytest

ELSEWHERE = "eu-west-1"


@pytest.fixture
def far_bucket(lab, console):
    """A bucket of the account in another Region."""
    name = f"{lab.names.lab}-far"
    console.session.client("s3", region_name=ELSEWHERE).create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": ELSEWHERE}
    )
    return name


def test_it_is_reached_past_the_endpoint(lab, far_bucket, instance):
    lab.reach(7)
    attempt = instance.attempt("s3:ListBucket", far_bucket)
    assert attempt.allowed
    assert attempt.via == lab.topology.internet_gateway


def test_an_endpoint_policy_that_denies_does_not_touch_it(lab, far_bucket, host):
    lab.reach(7).set_endpoint_policy("Deny")
    assert host.run(f"aws s3 ls s3://{far_bucket} --region {ELSEWHERE}").succeeded
