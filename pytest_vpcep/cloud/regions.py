"""Which Regions AWS has, and the partition each is in, as botocore knows them."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

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
    if not isinstance(region, str):
        message = f"region {region!r}: give a Region's name, like us-east-1"
        raise CloudError(message)
    partition = _regions().get(region)
    if partition is None:
        near = ", ".join(sorted(one for one in _regions() if one[:3] == region[:3])[:6])
        hint = f"; there are {near}" if near else "; one is us-east-1"
        message = f"AWS has no Region {region!r}{hint}"
        raise CloudError(message)
    return partition


def check_instance_types(region: str) -> None:
    """Refuse a Region that no instance can be launched in, since moto knows none of its types.

    Args:
        region: a Region that AWS has.

    Raises:
        CloudError: moto has no data on it; nothing is said where moto itself is missing.

    """
    moto = find_spec("moto")  # only found, not imported, which would take its second
    if moto is None or moto.origin is None:
        return
    offerings = Path(moto.origin).parent / "ec2" / "resources" / "instance_type_offerings"
    if not any((offerings / "region").glob(f"{region}.json*")):
        message = (
            f"moto has no data on the instance types of {region}, so that the lab cannot launch "
            "its instance there; take another Region, like us-east-1"
        )
        raise CloudError(message)
