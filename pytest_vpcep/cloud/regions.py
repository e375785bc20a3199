"""Which Regions AWS has, and the partition each is in, as botocore knows them."""

from __future__ import annotations

from functools import cache

from botocore.regions import EndpointResolver

from pytest_vpcep.cloud.service_models import data_loader
from pytest_vpcep.errors import CloudError


@cache
def _regions() -> dict[str, str]:
    endpoints = EndpointResolver(data_loader().load_data("endpoints"))
    return {
        region: partition
        for partition in endpoints.get_available_partitions()
        for region in endpoints.get_available_endpoints("ec2", partition)
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
