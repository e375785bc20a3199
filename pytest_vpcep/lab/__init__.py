"""The lab "VPC Endpoints" as code: its topology, its steps, its clean-up."""

from pytest_vpcep.lab.lab import Lab
from pytest_vpcep.lab.steps import Step

__all__ = ["Lab", "Step"]
