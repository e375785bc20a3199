"""The codes that blocked paths carry are Reachability Analyzer's, but for those named here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest_vpcep.network

#: "Reachability Analyzer explanation codes" (VPC Reachability Analyzer guide), as far as used.
DOCUMENTED = {
    "BAD_STATE",
    "BAD_STATE_ATTACHMENT",
    "BAD_STATE_ROUTE",
    "ENI_ADDRESS_RESTRICTION",
    "ENI_SG_RULES_MISMATCH",
    "ENI_SOURCE_DEST_CHECK_RESTRICTION",
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS",
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS",
    "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
    "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS",
    "IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS",
    "NGW_REQUIRES_SOURCE_IN_VPC",
    "NO_POSSIBLE_DESTINATION",
    "NO_ROUTE_TO_DESTINATION",
    "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
    "PROTOCOL_RESTRICTION",
    "SG_HAS_NO_RULES",
    "SUBNET_ACL_RESTRICTION",
    "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION",
    "TGW_ROUTE_AZ_RESTRICTION",
    "TGW_RTB_BAD_STATE_ROUTE",
    "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
    "UNKNOWN_DESTINATION",
    "VPCE_GATEWAY_PROTOCOL_RESTRICTION",
}
#: Ours: Reachability Analyzer starts from addresses and so has no word for names.
OWN = {"VPC_DNS_SUPPORT_DISABLED"}

SOURCES = sorted(Path(pytest_vpcep.network.__file__).parent.glob("[!_]*.py"))
CODE = re.compile(r"[A-Z]+(_[A-Z0-9]+)+")


def codes() -> set[str]:
    """The codes that the package's modules name in full."""
    return {
        node.value
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value)
    }


def test_codes_are_documented_ones() -> None:
    made_from_a_number = {code for code in DOCUMENTED if "_RFC" in code}
    stems = {code.partition("_RFC")[0] + "_RFC" for code in made_from_a_number}
    assert codes() - stems == (DOCUMENTED | OWN) - made_from_a_number
