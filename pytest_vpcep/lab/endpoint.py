"""Steps 5 to 8: the gateway endpoint, the bucket policy that names it, its route, its policy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import boto3

    from pytest_vpcep.lab.topology import Names


def endpoint_policy(effect: str = "Allow", resources: Sequence[str] = ("*",)) -> dict[str, Any]:
    """An endpoint policy for everyone and every action.

    "Endpoint policies for gateway endpoints" (AWS PrivateLink): the full-access policy, which a
    gateway endpoint has unless told otherwise, is this one with its defaults.

    Args:
        effect: ``Allow`` or ``Deny``.
        resources: the resource ARNs it speaks of.

    """
    listed = list(resources)
    return {
        "Version": "2008-10-17",
        "Statement": [
            {
                "Effect": effect,
                "Principal": "*",
                "Action": "*",
                "Resource": listed[0] if len(listed) == 1 else listed,
            }
        ],
    }


def deny_unless_over(endpoint: str, bucket_arn: str, **changes: Any) -> dict[str, Any]:
    """The lab's bucket policy: nobody uses the bucket except over one endpoint.

    "Restricting access to a specific VPC endpoint" (Amazon S3 User Guide).

    Args:
        endpoint: id of the VPC endpoint.
        bucket_arn: the bucket's ARN.
        changes: elements of the statement to write otherwise, such as ``Action``.

    """
    statement: dict[str, Any] = {
        "Sid": "DenyUnlessOverEndpoint",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"StringNotEquals": {"aws:sourceVpce": endpoint}},
    }
    return {"Version": "2012-10-17", "Statement": [statement | changes]}


def create_gateway_endpoint(
    session: boto3.Session, names: Names, vpc: str, route_tables: Sequence[str] = ()
) -> str:
    """Create a gateway endpoint for S3, with the full-access policy, and give its id.

    Args:
        session: the administrator's session.
        names: the lab's names.
        vpc: id of the VPC it is for.
        route_tables: ids of the route tables to associate; none in the lab.

    """
    ec2 = session.client("ec2")
    created = ec2.create_vpc_endpoint(
        VpcEndpointType="Gateway",
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{session.region_name}.s3",
        PolicyDocument=json.dumps(endpoint_policy()),
        RouteTableIds=list(route_tables),
        TagSpecifications=names.specification("vpc-endpoint", "s3"),
    )
    return str(created["VpcEndpoint"]["VpcEndpointId"])


def put_bucket_policy(session: boto3.Session, bucket: str, policy: dict[str, Any]) -> None:
    """Set a bucket's policy."""
    session.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def associate_route_table(session: boto3.Session, endpoint: str, route_table: str) -> None:
    """Associate a route table with a gateway endpoint, which adds the route to the table."""
    session.client("ec2").modify_vpc_endpoint(
        VpcEndpointId=endpoint, AddRouteTableIds=[route_table]
    )


def disassociate_route_table(session: boto3.Session, endpoint: str, route_table: str) -> None:
    """Take a route table from a gateway endpoint, which removes the route from the table."""
    session.client("ec2").modify_vpc_endpoint(
        VpcEndpointId=endpoint, RemoveRouteTableIds=[route_table]
    )


def put_endpoint_policy(session: boto3.Session, endpoint: str, policy: dict[str, Any]) -> None:
    """Set an endpoint's policy."""
    session.client("ec2").modify_vpc_endpoint(
        VpcEndpointId=endpoint, PolicyDocument=json.dumps(policy)
    )


def endpoint_routes(session: boto3.Session, endpoint: str) -> dict[str, str]:
    """The routes to an endpoint: route-table id to the prefix list that leads there."""
    tables = session.client("ec2").describe_route_tables()["RouteTables"]
    return {
        table["RouteTableId"]: route["DestinationPrefixListId"]
        for table in tables
        for route in table["Routes"]
        if route.get("GatewayId") == endpoint and "DestinationPrefixListId" in route
    }
