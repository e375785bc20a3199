"""Which partition a Region is in, told from its name."""

from __future__ import annotations

_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}


def partition_of(region: str) -> str:
    """Return the partition of a Region, as the name's first part says.

    "Partitions" (AWS Whitepaper "AWS Fault Isolation Boundaries") and botocore's
    ``partitions.json``, whose patterns these are.

    Args:
        region: the Region, such as ``us-gov-west-1``.

    """
    for start, partition in _PARTITIONS.items():
        if region.startswith(start):
            return partition
    return "aws"
