"""The lab "VPC Endpoints", step by step."""

import pytest

PLACEHOLDER_POLICY = """{"Version": "2012-10-17", "Statement": [{
    "Effect": "Deny", "Principal": "*", "Action": "s3:*",
    "Resource": ["arn:aws:s3:::YOUR-BUCKET-NAME", "arn:aws:s3:::YOUR-BUCKET-NAME/*"],
    "Condition": {"StringNotEquals": {"aws:sourceVpce": "YOUR-ENDPOINT-ID"}}}]}"""


@pytest.mark.step(1)
def test_the_console_lists_the_bucket_and_its_objects(lab, console):
    listed = console.session.client("s3").list_objects_v2(Bucket=lab.bucket)["Contents"]
    assert {entry["Key"] for entry in listed} == set(lab.topology.objects)
    assert console.attempt("s3:ListBucket", lab.bucket).allowed


@pytest.mark.step(1)
def test_the_bucket_is_in_the_lab_s_region_and_blocks_public_access(lab, console):
    s3 = console.session.client("s3")
    location = s3.get_bucket_location(Bucket=lab.bucket)["LocationConstraint"]
    assert (location or "us-east-1") == lab.topology.region
    blocked = s3.get_public_access_block(Bucket=lab.bucket)["PublicAccessBlockConfiguration"]
    assert all(blocked.values())


@pytest.mark.step(1)
def test_the_subnet_s_route_table_leads_to_the_internet_gateway(lab, console):
    ec2, made = console.session.client("ec2"), lab.topology
    table = ec2.describe_route_tables(RouteTableIds=[made.route_table])["RouteTables"][0]
    routes = {route["DestinationCidrBlock"]: route["GatewayId"] for route in table["Routes"]}
    assert routes == {"10.0.0.0/16": "local", "0.0.0.0/0": made.internet_gateway}
    assert [one["SubnetId"] for one in table["Associations"]] == [made.subnet]


@pytest.mark.step(1)
def test_the_instance_has_a_public_address_and_no_key_pair(lab, console):
    ec2 = console.session.client("ec2")
    described = ec2.describe_instances(InstanceIds=[lab.topology.instance])
    instance = described["Reservations"][0]["Instances"][0]
    assert instance.get("PublicIpAddress")
    assert not instance.get("KeyName")


@pytest.mark.step(1)
def test_everything_is_tagged_with_the_lab(lab, console):
    of_the_lab = [
        {"Name": "key", "Values": ["vpcep:lab"]},
        {"Name": "value", "Values": [lab.names.lab]},
    ]
    tags = console.session.client("ec2").describe_tags(Filters=of_the_lab)["Tags"]
    made = lab.topology
    assert {tag["ResourceId"] for tag in tags} >= {
        made.vpc,
        made.subnet,
        made.internet_gateway,
        made.route_table,
        made.security_group,
        made.instance,
    }


@pytest.mark.step(2)
def test_instance_connect_opens_a_terminal_as_ec2_user(host):
    assert host.check_output("whoami") == "ec2-user"


@pytest.mark.step(2)
def test_without_a_key_the_terminal_has_no_credentials(host):
    result = host.run("aws s3 ls")
    assert result.failed
    assert "Unable to locate credentials" in result.stderr


@pytest.mark.step(3)
def test_the_access_key_is_the_administrator_s(lab, console):
    assert lab.reach(3).instance.principal == console.principal


@pytest.mark.step(3)
def test_the_access_key_is_active_and_its_secret_stays_hidden(lab, console):
    key = lab.reach(3).access_key
    listed = console.session.client("iam").list_access_keys(UserName=key.user)
    status = {entry["AccessKeyId"]: entry["Status"] for entry in listed["AccessKeyMetadata"]}
    assert status[key.access_key_id] == "Active"
    assert "secret" not in repr(key).lower()


@pytest.mark.step(4)
def test_the_terminal_lists_the_bucket_and_three_objects(lab, host):
    lab.reach(4)
    assert lab.bucket in host.check_output("aws s3 ls")
    listed = host.check_output(f"aws s3 ls s3://{lab.bucket}").splitlines()
    sizes = {line.split()[3]: int(line.split()[2]) for line in listed}
    uploaded = set(sizes) - set(lab.topology.objects)
    assert len(sizes) == 3
    assert [sizes[key] for key in uploaded] == [0]


@pytest.mark.step(4)
def test_the_console_sees_what_the_terminal_uploaded(lab, console):
    lab.reach(4)
    listed = console.session.client("s3").list_objects_v2(Bucket=lab.bucket)["Contents"]
    assert len(listed) == 3


@pytest.mark.step(4)
def test_the_way_to_s3_is_the_internet_gateway(lab):
    attempt = lab.reach(4).instance.attempt("s3:ListBucket", lab.bucket)
    assert attempt.allowed
    assert attempt.via == lab.topology.internet_gateway


@pytest.mark.step(4)
def test_a_wrong_key_id_is_not_known(lab, host):
    lab.reach(4)
    host.run("aws configure set aws_access_key_id AKIAIOSFODNN7EXAMPLE")
    assert "InvalidAccessKeyId" in host.run("aws s3 ls").stderr


@pytest.mark.step(4)
def test_a_wrong_secret_does_not_match_the_signature(lab, host):
    lab.reach(4)
    host.run("aws configure set aws_secret_access_key a-wrong-one")
    assert "SignatureDoesNotMatch" in host.run("aws s3 ls").stderr


@pytest.mark.step(5)
def test_the_endpoint_is_a_gateway_to_s3_in_the_lab_s_vpc(lab, console):
    endpoint = lab.reach(5).endpoint
    ec2 = console.session.client("ec2")
    described = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    assert described["State"].lower() == "available"
    assert described["VpcEndpointType"] == "Gateway"
    assert described["ServiceName"] == f"com.amazonaws.{lab.topology.region}.s3"
    assert described["VpcId"] == lab.topology.vpc


@pytest.mark.step(5)
def test_no_route_leads_to_the_new_endpoint(lab):
    assert lab.reach(5).endpoint_routes() == {}


@pytest.mark.step(5)
def test_an_endpoint_without_a_route_changes_nothing(lab, host):
    lab.reach(5)
    assert host.run(f"aws s3 ls s3://{lab.bucket}").succeeded
    assert lab.instance.attempt("s3:ListBucket", lab.bucket).via == lab.topology.internet_gateway


@pytest.mark.step(6)
def test_the_bucket_policy_denies_the_console(lab, console, refused):
    lab.reach(6)
    s3 = console.session.client("s3")
    with refused("AccessDenied"):
        s3.list_objects_v2(Bucket=lab.bucket)
    with refused("AccessDenied"):
        s3.get_object(Bucket=lab.bucket, Key=lab.topology.objects[0])
    assert console.attempt("s3:ListBucket", lab.bucket).denied
    assert console.attempt("s3:GetObject", f"{lab.bucket}/{lab.topology.objects[0]}").denied


@pytest.mark.step(6)
def test_root_may_still_read_replace_and_delete_the_bucket_policy(lab, root):
    lab.reach(6)
    s3 = root.session.client("s3")
    policy = s3.get_bucket_policy(Bucket=lab.bucket)["Policy"]
    s3.put_bucket_policy(Bucket=lab.bucket, Policy=policy)
    s3.delete_bucket_policy(Bucket=lab.bucket)
    assert lab.console.attempt("s3:ListBucket", lab.bucket).allowed


@pytest.mark.step(6)
def test_a_policy_with_its_placeholders_left_in_is_refused(lab, console, refused):
    lab.reach(5)
    with refused("MalformedPolicy"):
        console.session.client("s3").put_bucket_policy(Bucket=lab.bucket, Policy=PLACEHOLDER_POLICY)


@pytest.mark.step(7)
def test_before_the_route_the_terminal_is_denied(lab, host):
    lab.reach(6)
    denied = host.run(f"aws s3 ls s3://{lab.bucket}")
    assert "AccessDenied" in denied.stderr
    assert "explicit deny in a resource-based policy" in denied.stderr
    assert lab.instance.attempt("s3:ListBucket", lab.bucket).denied


@pytest.mark.step(7)
def test_before_the_route_listing_the_buckets_still_works(lab, host):
    lab.reach(6)
    assert lab.bucket in host.check_output("aws s3 ls")


@pytest.mark.step(7)
def test_the_association_adds_the_route_to_the_endpoint(lab):
    routes = lab.reach(7).endpoint_routes()
    assert list(routes) == [lab.topology.route_table]
    assert routes[lab.topology.route_table].startswith("pl-")


@pytest.mark.step(8)
def test_after_the_route_the_terminal_uses_s3_over_the_endpoint(lab, host):
    lab.reach(7)
    assert host.run(f"aws s3 ls s3://{lab.bucket}").succeeded
    attempt = lab.instance.attempt("s3:ListBucket", lab.bucket)
    assert attempt.allowed
    assert attempt.via == lab.endpoint


@pytest.mark.step(8)
def test_an_endpoint_policy_that_denies_stops_everything(lab, host):
    lab.reach(7).set_endpoint_policy("Deny")
    for command in (f"aws s3 ls s3://{lab.bucket}", "aws s3 ls"):
        denied = host.run(command)
        assert "AccessDenied" in denied.stderr
        assert "explicit deny in a VPC endpoint policy" in denied.stderr


@pytest.mark.step(8)
def test_the_endpoint_policy_set_back_lets_the_terminal_in_again(lab, host):
    lab.reach(8)
    assert host.run(f"aws s3 ls s3://{lab.bucket}").succeeded


@pytest.mark.step(8)
def test_the_console_stays_denied_throughout(lab, console):
    lab.reach(7)
    for effect in ("Deny", "Allow"):
        lab.set_endpoint_policy(effect)
        assert console.attempt("s3:ListBucket", lab.bucket).denied


@pytest.mark.step(9)
def test_a_bucket_with_objects_is_not_removed(lab, host):
    lab.reach(8)
    assert "BucketNotEmpty" in host.run(f"aws s3 rb s3://{lab.bucket}").stderr


@pytest.mark.step(9)
def test_only_the_terminal_can_remove_the_bucket(lab, console, refused):
    lab.reach(8)
    with refused("AccessDenied"):
        console.session.client("s3").delete_bucket(Bucket=lab.bucket)


@pytest.mark.step(9)
def test_the_clean_up_leaves_nothing_behind(lab):
    lab.reach(9)
    assert lab.leftovers() == []


@pytest.mark.step(9)
def test_the_clean_up_deletes_the_access_key(lab, console):
    key = lab.reach(9).access_key
    listed = console.session.client("iam").list_access_keys(UserName=key.user)
    kept = {entry["AccessKeyId"] for entry in listed["AccessKeyMetadata"]}
    assert key.access_key_id not in kept
