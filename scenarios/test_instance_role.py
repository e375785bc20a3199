"""An instance role instead of access keys: right, and better practice."""

import json

import pytest

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
MAY_USE_S3 = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}


@pytest.fixture
def role(lab, console):
    """A role that may use S3, given to the lab's instance."""
    iam, name = console.session.client("iam"), f"{lab.names.lab}-role"
    tags = lab.names.tags("role")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Tags=tags)
    iam.put_role_policy(RoleName=name, PolicyName="s3", PolicyDocument=json.dumps(MAY_USE_S3))
    iam.create_instance_profile(InstanceProfileName=name, Tags=tags)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    console.session.client("ec2").associate_iam_instance_profile(
        IamInstanceProfile={"Name": name}, InstanceId=lab.topology.instance
    )
    return name


@pytest.fixture
def locked(lab, role):
    """The bucket denied to all but the endpoint, and the route table associated, but no keys."""
    lab.create_endpoint()
    lab.put_bucket_policy()
    lab.associate_route_table()


@pytest.mark.step(4)
def test_the_terminal_is_the_role(role, host):
    who = json.loads(host.check_output("aws sts get-caller-identity --output json"))
    assert f":assumed-role/{role}/i-" in who["Arn"]


@pytest.mark.step(4)
def test_the_role_uses_s3_over_the_internet(lab, role, host):
    assert lab.topology.objects[0] in host.check_output(f"aws s3 ls s3://{lab.bucket}")


@pytest.mark.step(8)
def test_the_role_uses_s3_over_the_endpoint(lab, locked, instance, host):
    assert host.run(f"aws s3 ls s3://{lab.bucket}").succeeded
    assert instance.attempt("s3:ListBucket", lab.bucket).via == lab.endpoint


@pytest.mark.step(8)
def test_the_console_is_denied_all_the_same(lab, locked, console):
    assert console.attempt("s3:ListBucket", lab.bucket).denied
