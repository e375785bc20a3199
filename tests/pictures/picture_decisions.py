"""Decisions to draw: one of each outcome, on the lab and beyond."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from picture_snapshots import ADMINISTRATOR, BUCKET, S3_LIST, Account, only_over

from pytest_vpcep.access import CONSOLE, Decision, Request, decide
from pytest_vpcep.snapshot import NotPermitted

LIST_BUCKET = Request(ADMINISTRATOR, "s3:ListBucket", f"arn:aws:s3:::{BUCKET}")


def _lab(*, endpoint_routed: bool, internet_routed: bool = True) -> tuple[Account, str, str]:
    """The lab with its bucket policy; returns its instance and endpoint too."""
    account = Account()
    vpc = account.vpc()
    subnet, group = account.subnet(vpc), account.group(vpc)
    gateway, endpoint = account.internet_gateway(vpc), account.endpoint(vpc)
    routes = {"0.0.0.0/0": gateway} if internet_routed else {}
    if endpoint_routed:
        routes[S3_LIST] = endpoint
    account.route_table(vpc, main=True)
    account.route_table(vpc, subnet, routes=routes)
    instance = account.instance(vpc, subnet, "10.0.0.10", group, public="54.1.1.1")
    account.bucket(policy=only_over(endpoint))
    return account, instance, endpoint


def over_the_endpoint() -> Decision:
    account, instance, _ = _lab(endpoint_routed=True)
    return decide(account.snapshot(), instance, LIST_BUCKET)


def over_the_internet() -> Decision:
    account, instance, _ = _lab(endpoint_routed=False)
    return decide(account.snapshot(), instance, LIST_BUCKET)


def without_a_route() -> Decision:
    account, instance, _ = _lab(endpoint_routed=False, internet_routed=False)
    return decide(account.snapshot(), instance, LIST_BUCKET)


def from_the_console() -> Decision:
    account, _, _ = _lab(endpoint_routed=True)
    return decide(account.snapshot(), CONSOLE, LIST_BUCKET)


def policy_withheld() -> Decision:
    account, instance, _ = _lab(endpoint_routed=True)
    snapshot = account.snapshot()
    gap = NotPermitted(f"s3.Buckets.{BUCKET}.Policy", "GetBucketPolicy", "AccessDenied", "denied")
    withheld = {"Buckets": {BUCKET: {"LocationConstraint": None}}}
    return decide(replace(snapshot, s3=withheld, not_permitted=(gap,)), instance, LIST_BUCKET)


def way_unknown() -> Decision:
    """Without the network ACLs the way itself cannot be told."""
    account, instance, _ = _lab(endpoint_routed=True)
    snapshot = account.snapshot()
    ec2 = {name: part for name, part in snapshot.ec2.items() if name != "DescribeNetworkAcls"}
    return decide(replace(snapshot, ec2=ec2), instance, LIST_BUCKET)


def through_a_nat_gateway() -> Decision:
    """Subnet to NAT gateway in another subnet, to the internet."""
    account = Account()
    vpc = account.vpc()
    private, public = account.subnet(vpc), account.subnet(vpc, "10.0.1.0/24")
    group, gateway = account.group(vpc), account.internet_gateway(vpc)
    nat = account.nat_gateway(vpc, public, "10.0.1.5")
    account.route_table(vpc, private, routes={"0.0.0.0/0": nat})
    account.route_table(vpc, public, routes={"0.0.0.0/0": gateway})
    instance = account.instance(vpc, private, "10.0.0.10", group)
    account.bucket()
    return decide(account.snapshot(), instance, LIST_BUCKET)


def stopped_at_an_interface_endpoint() -> Decision:
    """Private DNS leads to an endpoint whose security group lets nothing in."""
    account = Account()
    vpc = account.vpc()
    subnet, group, closed = (
        account.subnet(vpc),
        account.group(vpc),
        account.group(vpc, closed=True),
    )
    placed = account.interface(vpc, subnet, "10.0.0.9", closed)
    account.endpoint(vpc, "ssm", placed, kind="Interface")
    account.route_table(vpc, subnet)
    instance = account.instance(vpc, subnet, "10.0.0.10", group)
    request = Request(ADMINISTRATOR, "ssm:DescribeParameters", "*")
    return decide(account.snapshot(), instance, request)


MADE: dict[str, Callable[[], Decision]] = {
    made.__name__: made
    for made in (
        over_the_endpoint,
        over_the_internet,
        without_a_route,
        from_the_console,
        policy_withheld,
        way_unknown,
        through_a_nat_gateway,
        stopped_at_an_interface_endpoint,
    )
}
