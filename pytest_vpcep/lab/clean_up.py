"""Step 9: take the lab away, in the order the lab itself forces on one.

The bucket can only be emptied and deleted from the terminal, over the endpoint; so the bucket
goes first, the instance after it, the network last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.waiter import WaiterModel, create_waiter_with_client

from pytest_vpcep.errors import LabError

if TYPE_CHECKING:
    import boto3
    from testinfra.host import Host

    from pytest_vpcep.lab.topology import Names

#: Deleted endpoints stay listed for a while, and a VPC cannot go before they have gone.
_ENDPOINTS_GONE = WaiterModel(
    {
        "version": 2,
        "waiters": {
            "VpcEndpointsGone": {
                "operation": "DescribeVpcEndpoints",
                "delay": 5,
                "maxAttempts": 60,
                "acceptors": [
                    {
                        "state": "success",
                        "matcher": "path",
                        "argument": "length(VpcEndpoints[?State != 'deleted']) == `0`",
                        "expected": True,
                    }
                ],
            }
        },
    }
)


def remove_bucket(terminal: Host, bucket: str) -> None:
    """Empty and delete the bucket, from the instance's terminal.

    Raises:
        LabError: the terminal's ``aws`` refused; its message is in the text.

    """
    for command in (f"aws s3 rm s3://{bucket} --recursive", f"aws s3 rb s3://{bucket}"):
        result = terminal.run(command)
        if result.failed:
            message = f"`{command}` failed in the terminal: {result.stderr.strip()}"
            raise LabError(message)


def terminate_instances(session: boto3.Session, instances: list[str]) -> None:
    """Terminate instances and wait until they are gone, since they hold their subnet."""
    if not instances:
        return
    ec2 = session.client("ec2")
    ec2.terminate_instances(InstanceIds=instances)
    ec2.get_waiter("instance_terminated").wait(InstanceIds=instances)


def remove_network(session: boto3.Session, vpc: str) -> None:
    """Delete a VPC and all that is in it, dependants first."""
    ec2 = session.client("ec2")
    of_vpc: Any = [{"Name": "vpc-id", "Values": [vpc]}]
    _delete_endpoints(ec2, of_vpc)
    for subnet in ec2.describe_subnets(Filters=of_vpc)["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    for table in ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]:
        if not any(association.get("Main") for association in table["Associations"]):
            ec2.delete_route_table(RouteTableId=table["RouteTableId"])
    attached: Any = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
    for gateway in ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]:
        ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
        ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
    for group in ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]:
        if group["GroupName"] != "default":
            ec2.delete_security_group(GroupId=group["GroupId"])
    ec2.delete_vpc(VpcId=vpc)


def _delete_endpoints(ec2: Any, of_vpc: Any) -> None:
    endpoints = _live_endpoints(ec2, of_vpc)
    if endpoints:
        ec2.delete_vpc_endpoints(VpcEndpointIds=endpoints)
        create_waiter_with_client("VpcEndpointsGone", _ENDPOINTS_GONE, ec2).wait(Filters=of_vpc)


def _live_endpoints(ec2: Any, filters: Any) -> list[str]:
    listed = ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]
    return [one["VpcEndpointId"] for one in listed if one["State"].lower() != "deleted"]


def leftovers(session: boto3.Session, names: Names) -> list[str]:
    """What of a lab is still there, by its tags and its names: ids and bucket names."""
    ec2 = session.client("ec2")
    tagged: Any = [{"Name": "tag:vpcep:lab", "Values": [names.lab]}]
    found = [
        *(vpc["VpcId"] for vpc in ec2.describe_vpcs(Filters=tagged)["Vpcs"]),
        *(subnet["SubnetId"] for subnet in ec2.describe_subnets(Filters=tagged)["Subnets"]),
        *(
            table["RouteTableId"]
            for table in ec2.describe_route_tables(Filters=tagged)["RouteTables"]
        ),
        *(
            gateway["InternetGatewayId"]
            for gateway in ec2.describe_internet_gateways(Filters=tagged)["InternetGateways"]
        ),
        *(
            group["GroupId"]
            for group in ec2.describe_security_groups(Filters=tagged)["SecurityGroups"]
        ),
        *_live_endpoints(ec2, tagged),
        *_live_instances(ec2, tagged),
    ]
    return [*found, *buckets_of(session, names)]


def buckets_of(session: boto3.Session, names: Names) -> list[str]:
    """A lab's buckets, by their names."""
    buckets = session.client("s3").list_buckets()["Buckets"]
    return [one["Name"] for one in buckets if one["Name"].startswith(f"{names.lab}-")]


def live_instances(session: boto3.Session, vpc: str) -> list[str]:
    """Ids of the instances of a VPC that are not terminated."""
    return _live_instances(session.client("ec2"), [{"Name": "vpc-id", "Values": [vpc]}])


def _live_instances(ec2: Any, filters: Any) -> list[str]:
    return [
        instance["InstanceId"]
        for reservation in ec2.describe_instances(Filters=filters)["Reservations"]
        for instance in reservation["Instances"]
        if instance["State"]["Name"] != "terminated"
    ]
