"""A private subnet with the endpoint and no way to the internet: S3 works, STS times out."""

import pytest
from botocore.exceptions import ConnectTimeoutError


@pytest.fixture
def private(lab):
    """An instance in a subnet without a route to the internet, with the endpoint's route."""
    lab.reach(5)
    made = lab.add_private_subnet("private", "10.0.1.0/24")
    lab.associate_route_table(made.route_table)
    return lab.add_instance("private", made.subnet)


def test_s3_works_over_the_endpoint(lab, private):
    listed = private.session.client("s3").list_objects_v2(Bucket=lab.bucket)
    assert listed["KeyCount"] == 3
    assert private.attempt("s3:ListBucket", lab.bucket).via == lab.endpoint


def test_sts_has_no_way_and_times_out(private):
    with pytest.raises(ConnectTimeoutError, match=r"https://sts\."):
        private.session.client("sts").get_caller_identity()
    assert private.attempt("sts:GetCallerIdentity", "*").outcome == "unreachable"


def test_nobody_connects_to_it_from_outside(lab, private):
    from pytest_vpcep.errors import TerminalError

    with pytest.raises(TerminalError, match=private.name):
        lab.cloud.terminal(private.name)
