"""What is drawn, and in which notation: the package's public functions.

Each imports what it draws with when it is called, so that naming the command costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_vpcep.access import Decision
    from pytest_vpcep.snapshot import Snapshot


def topology_svg(snapshot: Snapshot) -> str:
    """The VPCs of a snapshot, what is in them, and the services they lead to, as SVG.

    Args:
        snapshot: the configuration to draw.

    Raises:
        SnapshotError: a value in it is not of AWS's response shape, or it has more than can be
            drawn in one picture.

    """
    from pytest_vpcep.pictures.svg import to_svg
    from pytest_vpcep.pictures.topology import topology_diagram

    return to_svg(topology_diagram(snapshot))


def path_svg(decision: Decision) -> str:
    """The way a request takes and what the policies say of it, hop by hop, as SVG.

    Args:
        decision: the decision to draw.

    """
    from pytest_vpcep.pictures.path import path_diagram
    from pytest_vpcep.pictures.svg import to_svg

    return to_svg(path_diagram(decision))


def topology_mermaid(snapshot: Snapshot) -> str:
    """The same as :func:`topology_svg`, as the text of a Mermaid flowchart for Markdown.

    Args:
        snapshot: the configuration to draw.

    Raises:
        SnapshotError: a value in it is not of AWS's response shape.

    """
    from pytest_vpcep.pictures.mermaid import to_mermaid
    from pytest_vpcep.pictures.topology import topology_diagram

    return to_mermaid(topology_diagram(snapshot))


def path_mermaid(decision: Decision) -> str:
    """The same as :func:`path_svg`, as the text of a Mermaid flowchart for Markdown.

    Args:
        decision: the decision to draw.

    """
    from pytest_vpcep.pictures.mermaid import to_mermaid
    from pytest_vpcep.pictures.path import path_diagram

    return to_mermaid(path_diagram(decision))
