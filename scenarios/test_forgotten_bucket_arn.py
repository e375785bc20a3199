"""The deny that forgets the bucket's own ARN: its objects are safe, its listing is not."""

import pytest


@pytest.fixture
def half_locked(lab):
    """A bucket policy that denies ``bucket/*`` only."""
    lab.reach(5)
    lab.put_bucket_policy(Resource=f"{lab.topology.bucket_arn}/*")


def test_the_console_still_lists_the_bucket(lab, half_locked, console):
    listed = console.session.client("s3").list_objects_v2(Bucket=lab.bucket)
    assert listed["KeyCount"] == 3
    assert console.attempt("s3:ListBucket", lab.bucket).allowed


def test_the_console_may_not_read_an_object(lab, half_locked, console, refused):
    with refused("AccessDenied"):
        console.session.client("s3").get_object(Bucket=lab.bucket, Key=lab.topology.objects[0])


def test_naming_the_bucket_too_closes_the_gap(lab, half_locked, console):
    lab.put_bucket_policy()
    assert console.attempt("s3:ListBucket", lab.bucket).denied
