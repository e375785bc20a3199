"""``vpcep explain`` on the lab's snapshot, from a cold start: a process of its own.

Run it by name: ``pytest tests/benchmarks/bench_explain.py -s``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from pytest_vpcep.cloud.simulated import SimulatedCloud
from pytest_vpcep.lab import Lab
from pytest_vpcep.snapshot import save

COMMAND = "import sys; from pytest_vpcep.cli import main; sys.exit(main())"
ROUNDS = 7


def test_an_explanation_in_half_a_second(tmp_path: Path) -> None:
    snapshot = tmp_path / "lab.json"
    with SimulatedCloud() as cloud:
        lab = Lab(cloud).reach(1)
        lab.create_endpoint()
        lab.put_bucket_policy()
        save(cloud.snapshot(), snapshot)
        asked = ["--from", lab.topology.instance, "--principal", cloud.administrator.principal]
        asked += ["--action", "s3:ListBucket", "--resource", lab.topology.bucket_arn]
    command = [sys.executable, "-c", COMMAND, "explain", "--snapshot", str(snapshot), *asked]
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        took.append(time.perf_counter() - started)
        assert "associate route table" in done.stdout
    median = sorted(took)[ROUNDS // 2]
    print(f"\nexplain: median {median:.2f} s of {ROUNDS}, first {took[0]:.2f} s")
    assert median < 0.5
