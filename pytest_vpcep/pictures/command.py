"""The command ``vpcep draw``: its options, and what it prints or writes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_vpcep.errors import RequestError

if TYPE_CHECKING:
    import argparse

    from pytest_vpcep.snapshot import Snapshot

SUMMARY = "Draw the topology of a snapshot, or the way of a request through it."
EXAMPLE = """  vpcep draw --snapshot lab.json -o topology.svg
  vpcep draw --snapshot lab.json --from i-0123456789abcdef0 \\
      --principal arn:aws:iam::111122223333:user/admin \\
      --action s3:ListBucket --resource arn:aws:s3:::my-lab-bucket -o path.svg

exit code: 0 drawn, whatever the outcome, 2 usage or a snapshot that cannot be read or drawn"""

_QUESTION = {
    "vantage": "--from",
    "principal": "--principal",
    "action": "--action",
    "resource": "--resource",
}


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``vpcep draw``.

    Args:
        command: the command's parser.

    """
    command.add_argument(
        "--snapshot",
        required=True,
        metavar="FILE",
        help="from `vpcep snapshot`, or a folder of `aws ec2 describe-*` outputs",
    )
    command.add_argument(
        "--from",
        dest="vantage",
        metavar="WHERE",
        help="draw a request's way from `console`, an instance (i-...) or a network interface "
        "(eni-...); needs --principal, --action and --resource too",
    )
    command.add_argument("--principal", metavar="ARN", help="who asks")
    command.add_argument("--action", metavar="A", help="what is asked, such as s3:GetObject")
    command.add_argument("--resource", metavar="ARN", help="of what")
    command.add_argument(
        "--vpc", action="extend", nargs="+", default=[], metavar="ID", help="draw only these VPCs"
    )
    command.add_argument(
        "--format", choices=("svg", "mermaid"), default="svg", help="the notation; svg if not given"
    )
    command.add_argument(
        "-o", "--out", metavar="FILE", help="where to write it; else it is printed"
    )


def run(arguments: argparse.Namespace) -> int:
    """Draw what was asked for.

    Args:
        arguments: the options.

    Raises:
        RequestError: the request is given in part only, or the file cannot be written.
        SnapshotError: the snapshot cannot be read, or has too much for one picture.

    """
    from pytest_vpcep.snapshot import filtered, load

    snapshot = load(arguments.snapshot)
    if arguments.vpc:
        snapshot = filtered(snapshot, vpcs=arguments.vpc)
    given = [option for name, option in _QUESTION.items() if getattr(arguments, name)]
    if given and len(given) < len(_QUESTION):
        missing = ", ".join(option for option in _QUESTION.values() if option not in given)
        raise RequestError(
            f"{', '.join(given)} without {missing}; give all of them to draw a request's way, "
            "or none to draw the topology"
        )
    text = _path(arguments, snapshot) if given else _topology(arguments, snapshot)
    if not arguments.out:
        sys.stdout.write(text)
        return 0
    try:
        Path(arguments.out).write_text(text, encoding="utf-8")
    except OSError as error:
        raise RequestError(
            f"{arguments.out}: {error.strerror}; name a file that can be written with -o"
        ) from error
    return 0


def _topology(arguments: argparse.Namespace, snapshot: Snapshot) -> str:
    from pytest_vpcep.pictures import topology_mermaid, topology_svg

    draw = topology_mermaid if arguments.format == "mermaid" else topology_svg
    return draw(snapshot)


def _path(arguments: argparse.Namespace, snapshot: Snapshot) -> str:
    from pytest_vpcep.access import Request, decide
    from pytest_vpcep.pictures import path_mermaid, path_svg

    request = Request(arguments.principal, arguments.action, arguments.resource)
    decision = decide(snapshot, arguments.vantage, request)
    draw = path_mermaid if arguments.format == "mermaid" else path_svg
    return draw(decision)
