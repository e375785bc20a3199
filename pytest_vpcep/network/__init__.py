"""Where packets go: from a network interface to a service or address, and in from outside.

Pure functions over the EC2 part of a snapshot. :class:`Topology` indexes it; the ``trace_``
functions return a :class:`Path` of hops, each with what it looked at and matched.
"""

from pytest_vpcep.network.inbound import trace_inbound, trace_instance_connect
from pytest_vpcep.network.instance_connect import EC2_INSTANCE_CONNECT_SOURCES
from pytest_vpcep.network.models import Blocked, Hop, Path
from pytest_vpcep.network.outbound import trace_to_address, trace_to_service
from pytest_vpcep.network.topology import Topology, interface_of

__all__ = [
    "EC2_INSTANCE_CONNECT_SOURCES",
    "Blocked",
    "Hop",
    "Path",
    "Topology",
    "interface_of",
    "trace_inbound",
    "trace_instance_connect",
    "trace_to_address",
    "trace_to_service",
]
