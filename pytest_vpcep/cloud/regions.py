"""Which Regions AWS has, and the partition each is in, as botocore knows them."""

from __future__ import annotations

from functools import cache

import botocore.session

from pytest_vpcep.errors import CloudError


@cache
def _regions() -> dict[str, str]:
    session = botocore.session.get_session()
    return {
        region: partition
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    }


def partition_of_region(region: str) -> str:
    """The partition of a Region.

    Raises:
        CloudError: AWS has no such Region.

    """
    partition = _regions().get(region)
    if partition is None:
        near = ", ".join(sorted(one for one in _regions() if one[:3] == region[:3])[:6])
        hint = f"; there are {near}" if near else "; one is us-east-1"
        message = f"AWS has no Region {region!r}{hint}"
        raise CloudError(message)
    return partition
