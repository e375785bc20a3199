"""A network ACL is stateless: requests that may go out still need a way back in."""

import pytest


@pytest.fixture
def acl(lab, console):
    """A network ACL for the lab's subnet that passes HTTPS out and SSH in, and nothing else."""
    lab.reach(7)
    ec2 = console.session.client("ec2")
    of_subnet = [{"Name": "association.subnet-id", "Values": [lab.topology.subnet]}]
    before = ec2.describe_network_acls(Filters=of_subnet)["NetworkAcls"][0]["Associations"]
    (association,) = [one for one in before if one["SubnetId"] == lab.topology.subnet]
    made = ec2.create_network_acl(
        VpcId=lab.topology.vpc, TagSpecifications=lab.names.specification("network-acl", "acl")
    )["NetworkAcl"]["NetworkAclId"]
    ec2.replace_network_acl_association(
        AssociationId=association["NetworkAclAssociationId"], NetworkAclId=made
    )
    allow(ec2, made, egress=True, first=443, last=443)
    allow(ec2, made, egress=False, first=22, last=22)
    return made


def allow(ec2, acl, *, egress, first, last):
    """Let TCP ports of anybody pass, one way."""
    ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=first,
        Protocol="6",
        RuleAction="allow",
        Egress=egress,
        CidrBlock="0.0.0.0/0",
        PortRange={"From": first, "To": last},
    )


def test_without_the_ephemeral_ports_no_answer_comes_back(lab, acl, instance):
    attempt = instance.attempt("s3:ListBucket", lab.bucket)
    assert attempt.outcome == "unreachable"
    assert acl in attempt.message


def test_with_the_ephemeral_ports_s3_answers(lab, acl, console, instance):
    allow(console.session.client("ec2"), acl, egress=False, first=1024, last=65535)
    assert instance.attempt("s3:ListBucket", lab.bucket).allowed
