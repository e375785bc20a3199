"""The explained differences: where the peer judges other than AWS documents, and how to ask it.

Each function rewrites a case so that the peer, judging in its own way, answers what AWS's page
says of the case as it was. What a rewrite touches is named by its page. The peer is
@cloud-copilot/iam-simulate in the version of ``package-lock.json``.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from case_generator import (
    ACCOUNT,
    FEDERATED,
    ROLE,
    ROOT,
    SERVICE,
    SESSION,
    USER,
    Case,
)

EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
NOTHING = "arn:aws:s3:::no-such-bucket"
PRINCIPAL_CONTEXT = {
    USER: {"aws:PrincipalArn": USER, "aws:PrincipalType": "User", "aws:username": "alice"},
    SESSION: {"aws:PrincipalArn": ROLE, "aws:PrincipalType": "AssumedRole"},
    FEDERATED: {"aws:PrincipalArn": FEDERATED, "aws:PrincipalType": "FederatedUser"},
    ROOT: {"aws:PrincipalArn": ROOT, "aws:PrincipalType": "Account"},
    SERVICE: {},
    "anonymous": {"aws:PrincipalType": "Anonymous"},
}


def spell_out_implied_context(case: Case) -> None:
    """The peer fills nothing in; AWS does ("AWS global condition context keys")."""
    request = case["request"]
    known = PRINCIPAL_CONTEXT[request["principal"]]
    if "aws:PrincipalArn" in known:
        known = {**known, "aws:PrincipalAccount": ACCOUNT}
    own = {**known, "aws:ResourceAccount": request["resource_account"]}
    request["context"] = {**own, **request["context"]}


def grant_root_everything(case: Case) -> None:
    """The peer wants a policy that allows the root user.

    "How AWS enforcement code logic evaluates requests": the root user has full access.
    """
    if case["request"]["principal"] == ROOT:
        case["policies"].setdefault("identity", []).append(EVERYTHING)


def list_no_accounts_in_not_principal(case: Case) -> None:
    """The peer takes the account's ARN in ``NotPrincipal`` for everyone in the account.

    "AWS JSON policy elements: NotPrincipal": the user and its account are listed to leave out that
    user alone.
    """
    principal = case["request"]["principal"]
    for policy in policies_of(case):
        for statement in policy["Statement"]:
            listed = statement.get("NotPrincipal", {}).get("AWS", [])
            if listed and principal not in (ROOT, *listed):
                statement["NotPrincipal"] = {"AWS": [name for name in listed if name != ROOT]}


def trust_somebody_else(case: Case) -> None:
    """The peer lets a role be assumed that has no trust policy.

    "How AWS enforcement code logic evaluates requests": a trust policy has to allow it.
    """
    if case["request"]["action"] == "sts:AssumeRole" and "resource" not in case["policies"]:
        case["policies"]["resource"] = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }


def make_old_variables_plain(case: Case) -> None:
    """The peer fills variables in in every version.

    "IAM JSON policy elements: Version": before 2012-10-17 they are literal strings.
    """
    for policy in policies_of(case):
        if policy["Version"] == "2008-10-17":
            text = json.dumps(policy["Statement"]).replace("${", "%{")
            policy["Statement"] = json.loads(text)


def lift_the_bucket_policy_from_its_owners_root(case: Case) -> None:
    """The peer lets a bucket policy lock the owner's root user out of that policy.

    "PutBucketPolicy" and "GetBucketPolicy" in the Amazon S3 API Reference: it cannot.
    """
    request = case["request"]
    own = request["principal"] == ROOT and request["resource_account"] == ACCOUNT
    if own and request["action"] in ("s3:GetBucketPolicy", "s3:PutBucketPolicy"):
        case["policies"].pop("resource", None)


def name_nothing_for_variables_without_value(case: Case) -> None:
    """The peer drops a ``NotResource`` statement whose variable has no value.

    "IAM policy elements: Variables and tags", "Policy variables with no value": such a resource
    matches no resource.
    """
    if case["request"]["principal"] == USER:
        return
    for statement in statements_of(case):
        change_texts(
            statement, "NotResource", lambda text: NOTHING if "${aws:username}" in text else text
        )


def write_escaped_asterisks_plainly(case: Case) -> None:
    """The peer knows ``${*}`` in operators with wildcards only.

    "IAM policy elements: Variables and tags", "Special characters": wherever variables may be.
    """
    for operator, keys, key in newer_conditions_of(case):
        if "String" in operator and "Like" not in operator:
            keys[key] = [value.replace("${*}", "*") for value in as_list(keys[key])]


def compare_with_no_value(case: Case) -> None:
    """The peer takes an inverted operator to be false where a variable has no value.

    "IAM policy elements: Variables and tags", "Policy variables with no value": it matches.
    """
    if case["request"]["principal"] == USER:
        return
    for operator, keys, key in newer_conditions_of(case):
        if "StringNot" in operator:
            values = [value.replace("${aws:username}", "%none") for value in as_list(keys[key])]
            keys[key] = values


def halve_the_whole_address_space(case: Case) -> None:
    """The peer matches no address with a block of length 0.

    "IAM JSON policy elements: Condition operators", "IP address condition operators".
    """
    for _, keys, key in conditions_of(case):
        values = as_list(keys[key])
        if "0.0.0.0/0" in values:
            keys[key] = [value for value in values if value != "0.0.0.0/0"]
            keys[key] += ["0.0.0.0/1", "128.0.0.0/1"]


def drop_addresses_of_the_other_family(case: Case) -> None:
    """The peer takes an IPv6 address for one that is not other than an IPv4 address.

    "IAM JSON policy elements: Condition operators": ``NotIpAddress`` is all addresses except.
    """
    for operator, keys, key in list(conditions_of(case)):
        address = value_of(case, key)
        if operator.startswith("NotIpAddress") and address is not None:
            values = as_list(keys[key])
            keys[key] = [v for v in values if "/" in v or (":" in v) is (":" in address)]
            if not keys[key]:
                del keys[key]


def drop_if_exists_of_missing_sets(case: Case) -> None:
    """The peer takes ``ForAnyValue:…IfExists`` of a missing key to be false.

    "IAM JSON policy elements: Condition operators": with ``IfExists``, a missing key is true.
    """
    for operator, keys, key in list(conditions_of(case)):
        qualified = operator.startswith("ForAnyValue:") and operator.endswith("IfExists")
        if qualified and value_of(case, key) is None:
            del keys[key]


def lift_the_session_policys_silence(case: Case) -> None:
    """The peer limits a grant to the session itself by what its session policy does not allow.

    "Policy evaluation for requests within a single account": it is not limited by an implicit deny
    in a session policy. To be used only where the resource-based policy names the session.
    """
    for policy in case["policies"].get("session", ()):
        policy["Statement"].append(EVERYTHING["Statement"][0])


#: The rewrites that every case undergoes; each leaves alone what it does not speak of.
ALWAYS: tuple[Callable[[Case], None], ...] = (
    spell_out_implied_context,
    grant_root_everything,
    list_no_accounts_in_not_principal,
    trust_somebody_else,
    make_old_variables_plain,
    lift_the_bucket_policy_from_its_owners_root,
    name_nothing_for_variables_without_value,
    write_escaped_asterisks_plainly,
    compare_with_no_value,
    halve_the_whole_address_space,
    drop_addresses_of_the_other_family,
    drop_if_exists_of_missing_sets,
)


def for_the_peer(case: Case, *, without: Callable[[Case], None] | None = None) -> Case:
    """The case as the peer has to be asked it.

    Args:
        case: a case as generated, which is left as it is.
        without: a rewrite to leave out.
    """
    asked = copy.deepcopy(case)
    for rewrite in ALWAYS:
        if rewrite is not without:
            rewrite(asked)
    return asked


def as_list(value: Any) -> list[Any]:
    """A value that may stand alone, as a list."""
    return value if isinstance(value, list) else [value]


def value_of(case: Case, key: str) -> str | None:
    """The request's value for a context key, whatever their spelling."""
    for name, value in case["request"]["context"].items():
        if name.lower() == key.lower():
            return value
    return None


def policies_of(case: Case) -> Iterator[Case]:
    """Every policy of a case."""
    for value in case["policies"].values():
        nested = [value]
        while nested:
            item = nested.pop()
            if isinstance(item, list):
                nested.extend(item)
            elif item is not None:
                yield item


def statements_of(case: Case) -> Iterator[Case]:
    """Every statement in the newer version of the language."""
    for policy in policies_of(case):
        if policy["Version"] == "2012-10-17":
            yield from policy["Statement"]


def conditions_of(case: Case) -> Iterator[tuple[str, Case, str]]:
    """Every operator of every statement, with its keys and each key."""
    for policy in policies_of(case):
        yield from _conditions_of(policy["Statement"])


def newer_conditions_of(case: Case) -> Iterator[tuple[str, Case, str]]:
    """The same of the statements in the newer version of the language."""
    yield from _conditions_of(statements_of(case))


def _conditions_of(statements: Iterable[Case]) -> Iterator[tuple[str, Case, str]]:
    for statement in statements:
        for operator, keys in statement.get("Condition", {}).items():
            for key in list(keys):
                yield operator, keys, key


def change_texts(statement: Case, element: str, change: Callable[[str], str]) -> None:
    """Change the text or texts of an element, where the statement has it."""
    if element in statement:
        statement[element] = [change(text) for text in as_list(statement[element])]
