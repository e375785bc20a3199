"""The command ``vpcep``: policies judged, snapshots taken, requests explained.

A thin edge: nothing is decided here, and each command imports only what it needs, so that
``vpcep explain`` and ``vpcep decide`` never load boto3.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pytest_vpcep.errors import RequestError, SnapshotError, VpcepError

if TYPE_CHECKING:
    import boto3

OK, SOME_IN_ERROR, USAGE = 0, 1, 2
#: What a shell reports for a process that a signal ended: 128 and the signal's number.
INTERRUPTED, BROKEN_PIPE = 130, 141

#: So many calls at once: AWS answers in tens of milliseconds, and its request limits are not met.
_WORKERS = 8


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        argv: the arguments; None: those of the process.

    """
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    if isinstance(sys.stdout, TextIOWrapper):
        # What a snapshot holds is shown, whatever the terminal can write.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = run(arguments)
        sys.stdout.flush()
    except VpcepError as error:
        sys.stderr.write(f"vpcep: error: {_one_line(error)}\n")
        return USAGE
    except BrokenPipeError:
        # Whoever read the output has had enough; the interpreter must not flush to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _one_line(error: VpcepError) -> str:
    return " ".join(str(error).split())


class _Version(argparse.Action):
    """Prints the version; looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_arguments: Any) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"vpcep {version('pytest-vpcep')}\n")
        parser.exit(OK)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vpcep",
        description="Decide, and explain, what AWS does with a request: who asks, which way it "
        "goes, and what the policies say.",
        epilog="Run `vpcep COMMAND --help` for a command's options and an example.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_decide(commands)
    _add_snapshot(commands)
    _add_explain(commands)
    _add_matrix(commands)
    _add_draw(commands)
    return parser


def _add_draw(commands: Any) -> None:
    from pytest_vpcep.pictures import command

    command.add_options(_add(commands, "draw", command.run, command.SUMMARY, command.EXAMPLE))


def _add(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], text: str, example: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text,
        epilog=f"example:\n{example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def _add_several(command: argparse.ArgumentParser, option: str, metavar: str, text: str) -> None:
    command.add_argument(option, action="extend", nargs="+", default=[], metavar=metavar, help=text)


def _add_snapshot_file(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--snapshot",
        required=True,
        metavar="FILE",
        help="from `vpcep snapshot`, or a folder of `aws ec2 describe-*` outputs",
    )


def _add_decide(commands: Any) -> None:
    command = _add(
        commands,
        "decide",
        _decide,
        "Judge requests by policies alone: JSON Lines in, JSON Lines out, in the same order.",
        """  vpcep decide cases.jsonl
  with lines such as
  {"id": "c1",
   "request": {"principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:GetObject",
               "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333"},
   "policies": {"identity": [{"Version": "2012-10-17", "Statement": []}]}}
  (each on one line)

exit code: 0 every line judged, 1 some line in error, 2 usage""",
    )
    command.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="the cases; `-`, or none: from stdin"
    )


def _add_snapshot(commands: Any) -> None:
    command = _add(
        commands,
        "snapshot",
        _snapshot,
        "Collect what is configured in an account and Region into one file, read-only.",
        """  vpcep snapshot -o lab.json --profile student --region us-east-1 --bucket my-lab-bucket
  vpcep snapshot --show-policy

exit code: 0 written, though calls that are not permitted are left out and named; 2 otherwise""",
    )
    command.add_argument("-o", "--out", metavar="FILE", help="where to write the snapshot")
    command.add_argument("--profile", metavar="P", help="the profile of the AWS configuration")
    command.add_argument("--region", metavar="R", help="the Region; else the profile's")
    command.add_argument("--endpoint-url", metavar="U", help="send every call here, not to AWS")
    _add_several(command, "--vpc", "ID", "only these VPCs")
    _add_several(command, "--bucket", "NAME", "only these buckets")
    command.add_argument(
        "--show-policy",
        action="store_true",
        help="print the IAM policy that collecting needs, and collect nothing",
    )


def _add_explain(commands: Any) -> None:
    command = _add(
        commands,
        "explain",
        _explain,
        "Say what becomes of a request, which way it goes, and what stops it.",
        """  vpcep explain --snapshot lab.json --from i-0123456789abcdef0 \\
      --principal arn:aws:iam::111122223333:user/admin \\
      --action s3:ListBucket --resource arn:aws:s3:::my-lab-bucket

exit code: 0 whatever the outcome, 2 usage or a snapshot that cannot be read""",
    )
    _add_snapshot_file(command)
    command.add_argument(
        "--from",
        required=True,
        dest="vantage",
        metavar="WHERE",
        help="`console`, or the id of an instance (i-...) or network interface (eni-...)",
    )
    command.add_argument(
        "--principal",
        required=True,
        metavar="ARN",
        help="who asks: a user, role, role session, the account's root, or `anonymous`",
    )
    command.add_argument(
        "--action", required=True, metavar="A", help="what is asked, such as s3:GetObject"
    )
    command.add_argument(
        "--resource", required=True, metavar="ARN", help="of what; `*` for nothing in particular"
    )
    command.add_argument(
        "--context",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a condition key's value, such as aws:SourceIp=203.0.113.7; several for a key with "
        "several values",
    )
    command.add_argument("--json", action="store_true", help="as JSON instead of in words")


def _add_matrix(commands: Any) -> None:
    command = _add(
        commands,
        "matrix",
        _matrix,
        "Say who reaches what by which way: every instance, and the console, by every bucket.",
        """  vpcep matrix --snapshot lab.json
  vpcep matrix --snapshot lab.json --action s3:GetObject s3:PutObject --format html -o lab.html

exit code: 0 whatever the outcomes, 2 usage or a snapshot that cannot be read""",
    )
    _add_snapshot_file(command)
    _add_several(command, "--action", "A", "S3 actions; else s3:ListBucket and s3:GetObject")
    _add_several(command, "--from", "WHERE", "as in explain; else console and every instance")
    _add_several(command, "--bucket", "NAME", "only these buckets")
    _add_several(command, "--principal", "ARN", "who asks; else instances' roles, and IAM users")
    command.add_argument(
        "--key",
        default="*",
        metavar="KEY",
        help="the object that is asked for; else `*`, which only statements on all objects cover",
    )
    command.add_argument(
        "--format", choices=("table", "json", "html"), default="table", help="else `table`"
    )
    command.add_argument("-o", "--out", metavar="FILE", help="where to write it; else to stdout")


def _decide(arguments: argparse.Namespace) -> int:
    from pytest_vpcep.policy.json_lines import decide_lines

    in_error = False
    with ExitStack() as opened:
        for document, judged in decide_lines(_cases(arguments.file, opened)):
            sys.stdout.write(json.dumps(document) + "\n")
            in_error = in_error or not judged
    return SOME_IN_ERROR if in_error else OK


def _cases(name: str, opened: ExitStack) -> TextIO:
    """Return the lines to judge; bytes that are no UTF-8 spoil their own line only."""
    if name == "-":
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
        return sys.stdin
    try:
        return opened.enter_context(Path(name).open(encoding="utf-8-sig", errors="surrogateescape"))
    except OSError as error:
        raise RequestError(f"{name}: {error.strerror}; name a file of cases, or -") from error


def _snapshot(arguments: argparse.Namespace) -> int:
    from pytest_vpcep.snapshot import collecting_policy

    if arguments.show_policy:
        policy = collecting_policy(
            region=arguments.region or "*", vpcs=arguments.vpc, buckets=arguments.bucket
        )
        sys.stdout.write(json.dumps(policy, indent=2) + "\n")
        return OK
    if not arguments.out:
        raise SnapshotError("no file to write to; give one with -o FILE, or --show-policy")
    _collect(arguments)
    return OK


def _collect(arguments: argparse.Namespace) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from pytest_vpcep.snapshot import collect, save

    session = _session(arguments.profile, arguments.region)
    with ThreadPoolExecutor(_WORKERS) as executor, _Progress(sys.stderr) as progress:
        snapshot = collect(
            session,
            region=session.region_name,
            vpcs=arguments.vpc,
            buckets=arguments.bucket,
            endpoint_url=arguments.endpoint_url,
            executor=executor,
            progress=progress.made,
        )
    save(snapshot, arguments.out)
    for gap in snapshot.not_permitted:
        sys.stderr.write(f"vpcep: not permitted: {gap.place}: {gap}\n")
    if any(gap.operation == "GetBucketPolicy" for gap in snapshot.not_permitted):
        sys.stderr.write(
            "vpcep: a bucket policy that keeps you out can be read over the VPC endpoint, from the "
            "instance's terminal, or by the account's root user: collect there\n"
        )
    sys.stdout.write(
        f"{arguments.out}: account {snapshot.account}, {snapshot.region}: "
        f"{len(snapshot.topology.vpcs)} VPCs, {len(snapshot.topology.instances)} instances, "
        f"{len(snapshot.buckets)} buckets, {len(snapshot.not_permitted)} calls not permitted\n"
    )


def _session(profile: str | None, region: str | None) -> boto3.Session:
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        session = boto3.Session(profile_name=profile, region_name=region)
    except BotoCoreError as error:
        raise SnapshotError(f"{error}; name a profile that there is with --profile") from error
    if not session.region_name:
        raise SnapshotError("no Region; give one with --region, such as --region us-east-1")
    return session


class _Progress:
    """One line on a terminal that says which call is being made; silent elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None
        self._calls = 0

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._stream is not None:
            self._stream.write("\r\033[K")

    def made(self, operation: str) -> None:
        """Say that a call is made."""
        self._calls += 1
        if self._stream is not None:
            self._stream.write(f"\r\033[Kcollecting: {self._calls} calls, {operation}")
            self._stream.flush()


def _explain(arguments: argparse.Namespace) -> int:
    from pytest_vpcep.access import Request, decide, explain, explanation_document
    from pytest_vpcep.snapshot import load

    snapshot = load(arguments.snapshot)
    request = Request(
        principal=arguments.principal,
        action=arguments.action,
        resource=arguments.resource,
        context=_context(arguments.context),
    )
    decision = decide(snapshot, arguments.vantage, request)
    if arguments.json:
        text = json.dumps(explanation_document(decision), indent=2, ensure_ascii=False)
    else:
        text = explain(decision)
    sys.stdout.write(text + "\n")
    return OK


def _matrix(arguments: argparse.Namespace) -> int:
    from pytest_vpcep.access import access_matrix
    from pytest_vpcep.access.matrix_html import html_lines
    from pytest_vpcep.access.matrix_text import json_lines, table_lines
    from pytest_vpcep.snapshot import load

    matrix = access_matrix(
        load(arguments.snapshot),
        places=vars(arguments)["from"],
        principals=arguments.principal,
        buckets=arguments.bucket,
        actions=arguments.action,
        key=arguments.key,
    )
    lines = {"table": table_lines, "json": json_lines, "html": html_lines}[arguments.format]
    if not arguments.out:
        sys.stdout.writelines(lines(matrix))
        return OK
    try:
        with Path(arguments.out).open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(lines(matrix))
    except OSError as error:
        raise RequestError(
            f"{arguments.out}: {error.strerror}; name a file in a folder you can write to"
        ) from error
    return OK


def _context(pairs: Sequence[str]) -> dict[str, str | tuple[str, ...]]:
    values: dict[str, list[str]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or ":" not in key:
            raise RequestError(
                f"--context {pair}: write it as KEY=VALUE, such as aws:SourceIp=203.0.113.7"
            )
        values.setdefault(key, []).append(value)
    return {key: found[0] if len(found) == 1 else tuple(found) for key, found in values.items()}
