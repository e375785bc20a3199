"""The lab's steps: forward only, done once, side by side, and clean at the end."""

from __future__ import annotations

import pytest

from pytest_vpcep.cloud.simulated import SimulatedCloud
from pytest_vpcep.errors import CloudError, LabError, RequestError, TerminalError
from pytest_vpcep.lab import Lab, Step


def everything_in(cloud: SimulatedCloud) -> dict[str, set[str]]:
    """Ids and names of all that an account holds, by kind."""
    session = cloud.session("console", cloud.root)
    ec2 = session.client("ec2")
    live = [
        instance["InstanceId"]
        for reservation in ec2.describe_instances()["Reservations"]
        for instance in reservation["Instances"]
        if instance["State"]["Name"] != "terminated"
    ]
    keys = session.client("iam").list_access_keys(UserName="administrator")
    return {
        "vpcs": {one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"]},
        "subnets": {one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]},
        "tables": {one["RouteTableId"] for one in ec2.describe_route_tables()["RouteTables"]},
        "groups": {one["GroupId"] for one in ec2.describe_security_groups()["SecurityGroups"]},
        "gateways": {
            one["InternetGatewayId"] for one in ec2.describe_internet_gateways()["InternetGateways"]
        },
        "endpoints": {one["VpcEndpointId"] for one in ec2.describe_vpc_endpoints()["VpcEndpoints"]},
        "interfaces": {
            one["NetworkInterfaceId"]
            for one in ec2.describe_network_interfaces()["NetworkInterfaces"]
        },
        "acls": {one["NetworkAclId"] for one in ec2.describe_network_acls()["NetworkAcls"]},
        "instances": set(live),
        "buckets": {one["Name"] for one in session.client("s3").list_buckets()["Buckets"]},
        "keys": {one["AccessKeyId"] for one in keys["AccessKeyMetadata"]},
    }


def test_the_whole_lab_leaves_an_account_as_it_was(cloud):
    before = everything_in(cloud)
    Lab(cloud).reach(Step.CLEAN_UP)
    assert everything_in(cloud) == before


def test_the_clean_up_spares_a_bystander(cloud):
    bystander = Lab(cloud).reach(2)
    bystander.create_endpoint()
    bystander.put_bucket_policy()
    before = everything_in(cloud)
    Lab(cloud).reach(9)
    assert everything_in(cloud) == before
    assert bystander.terminal.run("true").succeeded


def test_the_clean_up_takes_added_buckets_and_the_key_too(cloud):
    lab = Lab(cloud).reach(3)
    lab.add_bucket("other")
    assert {f"{lab.names.lab}-other", lab.access_key.access_key_id} <= set(lab.leftovers())
    assert lab.reach(9).leftovers() == []


def test_labs_side_by_side_are_named_apart(cloud):
    one, other = Lab(cloud).reach(1), Lab(cloud).reach(1)
    assert one.names != other.names
    assert one.topology.vpc != other.topology.vpc
    assert one.bucket != other.bucket


def test_reaching_a_step_again_does_nothing(cloud):
    lab = Lab(cloud).reach(6)
    before = everything_in(cloud)
    assert lab.reach(6) is lab
    assert lab.reach(2).step is Step.BUCKET_POLICY
    assert everything_in(cloud) == before


@pytest.mark.parametrize("step", [0, 10, -1, 7.0, True, "1", None, [], {}])
def test_there_are_nine_steps(cloud, step):
    with pytest.raises(LabError, match="steps 1 to 9"):
        Lab(cloud).reach(step)


@pytest.mark.parametrize(
    ("attribute", "step"),
    [("topology", 1), ("access_key", 3), ("endpoint", 5)],
)
def test_asking_too_early_says_which_step(cloud, attribute, step):
    with pytest.raises(LabError, match=rf"call lab.reach\({step}\)"):
        getattr(Lab(cloud), attribute)


def test_cleaning_up_too_early_removes_nothing(cloud):
    lab = Lab(cloud).reach(1)
    before = everything_in(cloud)
    with pytest.raises(LabError, match=r"call lab.reach\(3\)"):
        lab.clean_up()
    assert everything_in(cloud) == before


def test_a_clean_up_that_is_refused_names_the_command_and_the_reason(lab):
    lab.reach(8).set_endpoint_policy("Deny")
    with pytest.raises(LabError, match=r"(?s)aws s3 rm .*explicit deny in a VPC endpoint policy"):
        lab.reach(9)


@pytest.mark.parametrize("region", ["eu-central-1", "eu-north-1"])
def test_the_lab_in_other_regions(region):
    """eu-north-1 has no t2.micro."""
    with SimulatedCloud(region) as cloud:
        lab = Lab(cloud).reach(8)
        attempt = lab.instance.attempt("s3:ListBucket", lab.topology.bucket_arn)
        assert attempt.allowed
        assert attempt.via == lab.endpoint
        lab.reach(9)


def test_a_region_without_known_instance_types():
    """moto has no data on the instance types of China and GovCloud."""
    with SimulatedCloud("cn-north-1") as cloud, pytest.raises(LabError, match="cn-north-1"):
        Lab(cloud).reach(1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(
            {"region": "us-east-9"},
            "AWS has no Region 'us-east-9'; there are us-east-1",
            id="no-such-region",
        ),
        pytest.param({"region": ""}, "AWS has no Region ''", id="empty-region"),
        pytest.param({"region": None}, "region None: give a Region's name", id="no-region"),
        pytest.param({"isolation": "nope"}, "isolation 'nope': give one of auto", id="isolation"),
    ],
)
def test_a_cloud_that_cannot_be_had(arguments, says):
    with pytest.raises(CloudError, match=says):
        SimulatedCloud(**arguments)


def test_an_instance_that_is_not_there_is_not_served(cloud):
    with pytest.raises(RequestError, match="no instance or network interface i-0"):
        cloud.serve("i-0")


@pytest.mark.parametrize("port", [99999, -1, "http"])
def test_a_port_that_is_none(cloud, port):
    with pytest.raises(CloudError, match="give another port, or 0 for a free one"):
        cloud.serve("console", port=port)


class TestInstanceConnect:
    """EC2 Instance Connect prerequisites (Amazon EC2 User Guide): a way in, and a way back."""

    def refused(self, lab: Lab) -> str:
        with pytest.raises(TerminalError) as caught:
            lab.reach(2)
        return str(caught.value)

    def test_without_the_security_group_rule(self, lab):
        ec2 = lab.console.session.client("ec2")
        group = lab.topology.security_group
        rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)
        assert "SG_HAS_NO_RULES" in self.refused(lab)

    def test_without_the_route_to_the_internet_gateway(self, lab):
        ec2 = lab.console.session.client("ec2")
        ec2.delete_route(RouteTableId=lab.topology.route_table, DestinationCidrBlock="0.0.0.0/0")
        assert "NO_ROUTE" in self.refused(lab)

    def test_without_the_network_acl_s_way_back(self, lab):
        ec2 = lab.console.session.client("ec2")
        acls = ec2.describe_network_acls(
            Filters=[{"Name": "association.subnet-id", "Values": [lab.topology.subnet]}]
        )["NetworkAcls"]
        ec2.replace_network_acl_entry(
            NetworkAclId=acls[0]["NetworkAclId"],
            RuleNumber=100,
            Protocol="-1",
            RuleAction="deny",
            Egress=True,
            CidrBlock="0.0.0.0/0",
        )
        assert "ACL" in self.refused(lab)

    def test_when_it_is_stopped(self, lab):
        lab.console.session.client("ec2").stop_instances(InstanceIds=[lab.topology.instance])
        assert lab.topology.instance in self.refused(lab)

    def test_without_a_public_address(self, lab):
        private = lab.add_private_subnet("private", "10.0.1.0/24")
        instance = lab.add_instance("private", private.subnet)
        with pytest.raises(TerminalError, match="public"):
            lab.cloud.terminal(instance.name)
