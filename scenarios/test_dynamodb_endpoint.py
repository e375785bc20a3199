"""A gateway endpoint of another service: DynamoDB's takes DynamoDB's traffic, and not S3's."""

import pytest


@pytest.fixture
def dynamodb_endpoint(lab, console):
    """A gateway endpoint for DynamoDB, associated with the lab's route table."""
    made = console.session.client("ec2").create_vpc_endpoint(
        VpcEndpointType="Gateway",
        VpcId=lab.topology.vpc,
        ServiceName=f"com.amazonaws.{lab.topology.region}.dynamodb",
        RouteTableIds=[lab.topology.route_table],
        TagSpecifications=lab.names.specification("vpc-endpoint", "dynamodb"),
    )
    return made["VpcEndpoint"]["VpcEndpointId"]


def test_dynamodb_goes_over_it(lab, dynamodb_endpoint, instance):
    lab.reach(4)
    attempt = instance.attempt("dynamodb:ListTables", "*")
    assert attempt.allowed
    assert attempt.via == dynamodb_endpoint


def test_s3_does_not(lab, dynamodb_endpoint, instance):
    lab.reach(4)
    assert instance.attempt("s3:ListBucket", lab.bucket).via == lab.topology.internet_gateway
