"""Pictures: the topology of a snapshot and a request's path, as SVG and as Mermaid text."""

from pytest_vpcep.pictures.drawing import path_mermaid, path_svg, topology_mermaid, topology_svg

__all__ = ["path_mermaid", "path_svg", "topology_mermaid", "topology_svg"]
