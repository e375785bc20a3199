"""An endpoint policy that names one bucket: no other is reached over the endpoint."""

import pytest


@pytest.fixture
def other_bucket(lab):
    """A second bucket of the account, without a policy."""
    return lab.add_bucket("other")


@pytest.fixture
def narrowed(lab, other_bucket):
    """The lab after step 7, its endpoint's policy narrowed to the lab's bucket."""
    lab.reach(7)
    arn = lab.topology.bucket_arn
    lab.set_endpoint_policy("Allow", resources=(arn, f"{arn}/*"))


def test_the_named_bucket_is_reached(lab, narrowed, host):
    assert host.run(f"aws s3 ls s3://{lab.bucket}").succeeded


def test_another_bucket_is_not(narrowed, other_bucket, instance, host):
    denied = host.run(f"aws s3 ls s3://{other_bucket}")
    assert "AccessDenied" in denied.stderr
    assert "no VPC endpoint policy allows the s3:ListBucket action" in denied.stderr
    assert instance.attempt("s3:ListBucket", other_bucket).denied


def test_listing_all_buckets_is_not_either(narrowed, host):
    assert "AccessDenied" in host.run("aws s3 ls").stderr


def test_the_console_reaches_the_other_bucket(narrowed, other_bucket, console):
    assert console.attempt("s3:ListBucket", other_bucket).allowed
