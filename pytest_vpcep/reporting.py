"""What a failed test's report says of AWS's decisions, and what it leaves out of our own code."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_vpcep.access.explanation import explain
from pytest_vpcep.cloud import moto_backend
from pytest_vpcep.errors import RequestError, TerminalError, VpcepError
from pytest_vpcep.network import interface_of, trace_instance_connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_vpcep.access.request import Decision
    from pytest_vpcep.lab import Lab
    from pytest_vpcep.snapshot import Snapshot

_SHOWN = 8
_FORGOTTEN = (
    "moto was reset since the lab was made, as mock_aws() does when it begins and when it ends: "
    "begin it before the lab's fixture, and end it after"
)
_OURS = Path(__file__).parent
_SCENARIOS = _OURS / "scenarios"


def sections(lab: Lab, error: BaseException) -> list[tuple[str, str]]:
    """Report sections of a failed test: what AWS decided, why, and what is configured.

    Args:
        lab: the test's lab.
        error: what the test failed with.

    """
    if lab.cloud.closed:
        # The fixture itself failed: the account is gone by now, what it decided is not.
        latest = _latest(lab)
        return [("vpcep: the latest decisions", latest)] if latest else []
    if _forgotten(lab):
        return [("vpcep: the lab is gone", _FORGOTTEN)]
    try:
        snapshot = lab.cloud.snapshot()
        found = {
            "the latest decisions": _latest(lab),
            "why, of the last one": _why(lab, error, snapshot),
            "the way in": "\n".join(_ways_in(snapshot, error)),
            "what is configured": "\n".join(_configured(lab, snapshot)),
        }
    except VpcepError as unexplained:
        found = {"no explanation": str(unexplained)}
    return [(f"vpcep: {title}", text) for title, text in found.items() if text]


def _forgotten(lab: Lab) -> bool:
    """Whether moto has lost the lab's account, the administrator with it."""
    return not moto_backend.iam_backend(lab.cloud.account, lab.cloud.partition).users


def _latest(lab: Lab) -> str:
    """The latest decisions, one a line, the same one repeated as one."""
    lines = []
    for line, same in groupby(map(_line, lab.cloud.journal)):
        times = len(list(same))
        lines.append(f"{line} ({times} times)" if times > 1 else line)
    return "\n".join(lines[-_SHOWN:])


def _line(decision: Decision) -> str:
    request = decision.request
    way = f" via {decision.via}" if decision.via else ""
    return (
        f"{decision.outcome:<12} {request.action} on {request.resource} "
        f"from {decision.vantage}{way}"
    )


def _why(lab: Lab, error: BaseException, snapshot: Snapshot) -> str:
    """The last decision explained, where it can be what the test failed on.

    An error says itself what went wrong unless a request was refused; a failed assertion may
    also have expected a refusal, and S3 is what the lab expects one of.
    """
    if not lab.cloud.journal:
        return ""
    last = lab.cloud.journal[-1]
    refusal_expected = isinstance(error, AssertionError) and last.request.service == "s3"
    if last.allowed and not refusal_expected:
        return ""
    if last.path is None:
        # The gate decides requests from the console without looking at the network; remedies do.
        last = replace(last, snapshot=replace(last.snapshot, ec2=snapshot.ec2))
    return explain(last)


def _ways_in(snapshot: Snapshot, error: BaseException) -> Iterator[str]:
    """The path of EC2 Instance Connect to each instance that an error names."""
    if not isinstance(error, TerminalError):
        return
    topology = snapshot.topology
    for instance in topology.instances:
        if instance not in str(error):
            continue
        try:
            path = trace_instance_connect(topology, interface_of(topology, instance))
        except RequestError as gone:
            yield f"x {gone}"
            continue
        yield from (f"- {hop.detail}" for hop in path.hops)
        if path.blocked:
            yield f"x {path.blocked.code}: {path.blocked.detail}"


def _configured(lab: Lab, snapshot: Snapshot) -> Iterator[str]:
    """The buckets, endpoints and routes that S3 requests of the lab depend on."""
    if lab.step is None:
        return
    for name, bucket in snapshot.buckets.items():
        policy = bucket.get("Policy")
        yield f"bucket {name} in {bucket.get('LocationConstraint') or 'us-east-1'}"
        yield f"  policy: {json.dumps(policy)}" if policy else "  no policy"
    for endpoint in snapshot.ec2["DescribeVpcEndpoints"]["VpcEndpoints"]:
        yield (
            f"endpoint {endpoint['VpcEndpointId']}: {endpoint['VpcEndpointType']}, "
            f"{endpoint['ServiceName']}, in {endpoint['VpcId']}, route tables: "
            f"{', '.join(endpoint.get('RouteTableIds') or ['none'])}"
        )
        yield f"  policy: {endpoint.get('PolicyDocument')}"
    yield from _routes(lab.topology.vpc, snapshot)


def _routes(vpc: str, snapshot: Snapshot) -> Iterator[str]:
    topology = snapshot.topology
    for table in topology.route_tables.values():
        if table.vpc != vpc:
            continue
        subnets = [subnet for subnet, used in topology.subnet_tables.items() if used == table.id]
        used_by = ", ".join(subnets) or "no subnet"
        yield f"{table.title} of {used_by}: {', '.join(map(str, table.routes))}"


def shorten(error: BaseException) -> None:
    """Take our own code and botocore's out of the traceback of an error that explains itself.

    Args:
        error: what a test failed with; one that neither we nor AWS raised keeps every line.

    """
    raised_by_botocore = type(error).__module__.startswith("botocore.")
    if not (raised_by_botocore or isinstance(error, VpcepError)):
        return
    entry = error.__traceback__
    while entry is not None:
        following = entry.tb_next
        while following is not None and _is_internal(Path(following.tb_frame.f_code.co_filename)):
            following = following.tb_next
        entry.tb_next = following
        entry = following


def _is_internal(path: Path) -> bool:
    if _OURS in path.parents:
        return _SCENARIOS not in path.parents and path.name != "plugin.py"
    return "botocore" in path.parts
