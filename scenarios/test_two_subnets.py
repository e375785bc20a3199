"""Two public subnets, of which only one's route table knows the endpoint."""

import pytest


@pytest.fixture
def second(lab):
    """A second public subnet, with a route table of its own."""
    return lab.reach(7).add_public_subnet("second", "10.0.2.0/24")


@pytest.fixture
def other(lab, second):
    """An instance in the second subnet."""
    return lab.add_instance("second", second.subnet)


def test_the_associated_subnet_uses_the_endpoint(lab, other, instance):
    attempt = instance.attempt("s3:ListBucket", lab.bucket)
    assert attempt.allowed
    assert attempt.via == lab.endpoint


def test_the_other_subnet_goes_over_the_internet_and_is_denied(lab, other):
    attempt = other.attempt("s3:ListBucket", lab.bucket)
    assert attempt.denied
    assert attempt.via == lab.topology.internet_gateway


def test_the_other_subnet_s_requests_are_denied(lab, other, refused):
    with refused("AccessDenied"):
        other.session.client("s3").list_objects_v2(Bucket=lab.bucket)


def test_associating_its_route_table_lets_it_in(lab, second, other):
    lab.associate_route_table(second.route_table)
    attempt = other.attempt("s3:ListBucket", lab.bucket)
    assert attempt.allowed
    assert attempt.via == lab.endpoint
