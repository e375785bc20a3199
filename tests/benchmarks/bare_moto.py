"""The peer: the lab's API calls and ``aws`` commands on bare moto, with no gate and no decisions.

Run as a program it is the bare script of the cold benchmark: one lab, and no word of it.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# What the gate does too: moto's sample images, which the lab does not use, cost 0.25 s to load.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

ACCOUNT = "123456789012"
REGION = "us-east-1"
USER = "administrator"
ANYWHERE = "0.0.0.0/0"


class _ToMoto(BaseHTTPRequestHandler):
    """Hands each request, whose line carries AWS's URL, to moto's dispatcher as it is."""

    protocol_version = "HTTP/1.1"

    def __getattr__(self, name: str) -> Any:
        """Handle every HTTP method alike: they are looked up as ``do_METHOD``."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        from botocore.awsrequest import AWSPreparedRequest
        from botocore.compat import HTTPHeaders
        from moto.core.botocore_stubber import BotocoreStubber

        headers = HTTPHeaders()
        for name, value in self.headers.items():
            headers[name] = value
        request = AWSPreparedRequest(self.command, self.path, headers, self._body(), False)
        answer = BotocoreStubber().process_request(request)
        status, answered, body = answer or (501, {}, b"")
        content = body.encode() if isinstance(body, str) else bytes(body)
        self.send_response_only(status)
        for name, value in dict(answered).items():
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


@contextmanager
def moto_over_http() -> Iterator[str]:
    """Serve moto, and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _ToMoto)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def bare_clients() -> Iterator[dict[str, Any]]:
    """boto3 clients by service that moto's own mock answers, and a user to have access keys."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        session = boto3.Session("AKIAIOSFODNN7EXAMPLE", "none", region_name=REGION)
        clients = {name: session.client(name) for name in ("ec2", "s3", "iam")}
        clients["iam"].create_user(UserName=USER)
        yield clients


def run_lab(clients: Mapping[str, Any], gate: str) -> None:
    """Make the calls and run the commands of the lab's steps 1 to 9.

    Args:
        clients: of ``bare_clients``.
        gate: address of ``moto_over_http``.

    """
    ec2, s3, iam = (clients[name] for name in ("ec2", "s3", "iam"))
    lab = f"vpcep-{secrets.token_hex(4)}"
    tags = [{"Key": "Name", "Value": lab}, {"Key": "vpcep:lab", "Value": lab}]
    bucket = f"{lab}-bucket"
    made = _create_network(ec2, lab, tags)
    made["instance"] = _launch(ec2, made, tags)
    _create_bucket(s3, bucket, tags)
    with _terminal(ec2, made, gate) as terminal:

        def run(command: str, typed: bytes = b"") -> None:
            result = terminal.run(command, input=typed)
            if result.rc:
                raise SystemExit(f"{command}: {result.stderr.decode()}")

        run("true")
        key = iam.create_access_key(UserName=USER)["AccessKey"]
        answers = (key["AccessKeyId"], key["SecretAccessKey"], REGION, "json")
        run("aws configure", "".join(f"{answer}\n" for answer in answers).encode())
        run("sudo touch /tmp/touched-in-the-terminal.txt")
        run(f"aws s3 cp /tmp/touched-in-the-terminal.txt s3://{bucket}")
        _endpoint_and_policies(ec2, s3, made, bucket, tags)
        s3.list_buckets()
        run(f"aws s3 rm s3://{bucket} --recursive")
        run(f"aws s3 rb s3://{bucket}")
    _forget_what_would_hold(made)
    _delete_network(ec2, made["vpc"])
    iam.list_access_keys(UserName=USER)
    iam.delete_access_key(UserName=USER, AccessKeyId=key["AccessKeyId"])
    _list_leftovers(ec2, s3, lab)
    iam.list_access_keys(UserName=USER)


def _create_network(ec2: Any, lab: str, tags: list[Any]) -> dict[str, str]:
    def tagged(kind: str) -> list[Any]:
        return [{"ResourceType": kind, "Tags": tags}]

    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    created = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway"))
    gateway = created["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    created = ec2.create_subnet(
        VpcId=vpc, CidrBlock="10.0.0.0/24", TagSpecifications=tagged("subnet")
    )
    subnet = created["Subnet"]["SubnetId"]
    created = ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged("route-table"))
    table = created["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, GatewayId=gateway)
    group = ec2.create_security_group(
        VpcId=vpc, GroupName=lab, Description="SSH in", TagSpecifications=tagged("security-group")
    )["GroupId"]
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": ANYWHERE}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[ssh])
    return {"vpc": vpc, "subnet": subnet, "table": table, "group": group}


def _launch(ec2: Any, made: dict[str, str], tags: list[Any]) -> str:
    kinds = [{"Name": "instance-type", "Values": ["t2.micro", "t3.micro"]}]
    ec2.describe_instance_type_offerings(Filters=kinds)
    instance = ec2.run_instances(
        ImageId="resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        InstanceType="t2.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=made["subnet"],
        SecurityGroupIds=[made["group"]],
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance])
    return str(instance)


def _create_bucket(s3: Any, bucket: str, tags: list[Any]) -> None:
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import s3_backends

    s3.create_bucket(Bucket=bucket)
    # moto ignores a policy's conditions, and would refuse the lab's own commands from step 6 on.
    stored = s3_backends[ACCOUNT]["aws"].buckets[bucket]
    vars(stored)["get_permission"] = lambda _action, _resource: PermissionResult.PERMITTED
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    s3.put_object(Bucket=bucket, Key="one.txt", Body=b"one\n")
    s3.put_object(Bucket=bucket, Key="two.txt", Body=b"two\n")


@contextmanager
def _terminal(ec2: Any, made: dict[str, str], gate: str) -> Iterator[Any]:
    from pytest_vpcep.cloud.terminal import Terminal

    with Terminal(made["instance"], region=REGION, hostname="ip-10-0-0-12", gate=gate) as terminal:
        yield terminal
    _terminate(ec2, made)


def _terminate(ec2: Any, made: dict[str, str]) -> None:
    ec2.describe_instances(Filters=[{"Name": "vpc-id", "Values": [made["vpc"]]}])
    ec2.terminate_instances(InstanceIds=[made["instance"]])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[made["instance"]])


def _endpoint_and_policies(
    ec2: Any, s3: Any, made: dict[str, str], bucket: str, tags: list[Any]
) -> None:
    def endpoint_policy(effect: str) -> str:
        statement = {"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*"}
        return json.dumps({"Version": "2008-10-17", "Statement": [statement]})

    endpoint = ec2.create_vpc_endpoint(
        VpcEndpointType="Gateway",
        VpcId=made["vpc"],
        ServiceName=f"com.amazonaws.{REGION}.s3",
        PolicyDocument=endpoint_policy("Allow"),
        TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": tags}],
    )["VpcEndpoint"]["VpcEndpointId"]
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"StringNotEquals": {"aws:sourceVpce": endpoint}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[made["table"]])
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=endpoint_policy("Deny"))
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=endpoint_policy("Allow"))


def _delete_network(ec2: Any, vpc: str) -> None:
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    listed = ec2.describe_vpc_endpoints(Filters=of_vpc)["VpcEndpoints"]
    ec2.delete_vpc_endpoints(VpcEndpointIds=[one["VpcEndpointId"] for one in listed])
    ec2.describe_vpc_endpoints(Filters=of_vpc)
    for subnet in ec2.describe_subnets(Filters=of_vpc)["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    for table in ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]:
        if not any(one.get("Main") for one in table["Associations"]):
            ec2.delete_route_table(RouteTableId=table["RouteTableId"])
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
    for gateway in ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]:
        ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
        ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
    for group in ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]:
        if group["GroupName"] != "default":
            ec2.delete_security_group(GroupId=group["GroupId"])
    ec2.delete_vpc(VpcId=vpc)


def _forget_what_would_hold(made: dict[str, str]) -> None:
    """Bare moto keeps what AWS lets go with a subnet, an instance and an endpoint, and sticks."""
    from moto.ec2.models import ec2_backends

    backend = ec2_backends[ACCOUNT][REGION]
    for endpoint in backend.vpc_end_points.values():
        endpoint.route_table_ids = []
    for association in backend.route_tables[made["table"]].associations:
        backend.disassociate_route_table(association["RouteTableAssociationId"])
    for interface in list(backend.enis.values()):
        if made["group"] in [group.id for group in interface.group_set]:
            del backend.enis[interface.id]


def _list_leftovers(ec2: Any, s3: Any, lab: str) -> None:
    tagged = [{"Name": "tag:vpcep:lab", "Values": [lab]}]
    ec2.describe_vpcs(Filters=tagged)
    ec2.describe_subnets(Filters=tagged)
    ec2.describe_route_tables(Filters=tagged)
    ec2.describe_internet_gateways(Filters=tagged)
    ec2.describe_security_groups(Filters=tagged)
    ec2.describe_vpc_endpoints(Filters=tagged)
    ec2.describe_instances(Filters=tagged)
    s3.list_buckets()


def main() -> int:
    """One lab in a process of its own, with ``aws`` warmed while boto3 and moto are imported."""
    from pytest_vpcep.cloud.terminal import prewarm

    prewarm()
    with bare_clients() as clients, moto_over_http() as gate:
        run_lab(clients, gate)
    return 0


if __name__ == "__main__":
    sys.exit(main())
