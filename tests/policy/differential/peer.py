"""The peer as a process: @cloud-copilot/iam-simulate under Node.js, asked by its public API."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from case_generator import Case
from missing_piece import require

HERE = Path(__file__).parent
MODULES = Path(os.environ.get("VPCEP_ORACLE_MODULES", HERE))


def ask(cases: Iterable[Case]) -> tuple[list[str], float]:
    """Have the peer judge cases.

    Args:
        cases: cases in its dialect.

    Returns:
        Its decisions in order, in the contract's words, and the processor seconds they took.
    """
    node = shutil.which("node")
    package = MODULES / "node_modules" / "@cloud-copilot" / "iam-simulate"
    require(node, "the differential test runs its peer under Node.js 20 or later: install node")
    require(
        package.exists(),
        "the peer is not installed: run npm ci --prefix tests/policy/differential, or set "
        "VPCEP_ORACLE_MODULES to the folder that holds its node_modules",
    )
    run = subprocess.run(
        [node, HERE / "oracle.mjs"],
        input="\n".join(map(json.dumps, cases)),
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
        env={**os.environ, "VPCEP_ORACLE_MODULES": str(MODULES)},
    )
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    for answer in answers:
        assert "error" not in answer, answer
    return [answer["decision"] for answer in answers], json.loads(run.stderr)["seconds"]
