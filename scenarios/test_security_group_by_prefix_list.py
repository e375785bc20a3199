"""A security group that sends to S3's prefix list only: S3 works, and nothing else does."""

import pytest


@pytest.fixture
def narrow(lab, console):
    """The lab at step 7, its instance allowed to send HTTPS to S3's prefix list only."""
    lab.reach(7)
    ec2, group = console.session.client("ec2"), lab.topology.security_group
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    to_s3 = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "PrefixListIds": [{"PrefixListId": lab.endpoint_routes()[lab.topology.route_table]}],
    }
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[to_s3])


def test_s3_is_reached_over_the_endpoint(lab, narrow, instance):
    attempt = instance.attempt("s3:ListBucket", lab.bucket)
    assert attempt.allowed
    assert attempt.via == lab.endpoint


def test_sts_is_not_reached(narrow, instance):
    attempt = instance.attempt("sts:GetCallerIdentity", "*")
    assert attempt.outcome == "unreachable"
    assert attempt.path.blocked.code == "ENI_SG_RULES_MISMATCH"


def test_the_terminal_can_still_be_connected_to(narrow, host):
    assert host.run("true").succeeded
