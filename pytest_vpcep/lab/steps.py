"""The nine steps of the lab, by number and by what a person does in them."""

from __future__ import annotations

from enum import IntEnum


class Step(IntEnum):
    """A step of the lab; the state after it includes all before it."""

    SET_UP = 1
    CONNECT = 2
    ACCESS_KEY = 3
    USE_S3 = 4
    CREATE_ENDPOINT = 5
    BUCKET_POLICY = 6
    ASSOCIATE_ROUTE_TABLE = 7
    ENDPOINT_POLICY = 8
    CLEAN_UP = 9

    @property
    def title(self) -> str:
        """What the person does, in a few words."""
        return _TITLES[self]


_TITLES = {
    Step.SET_UP: "set up the VPC, the instance and the bucket",
    Step.CONNECT: "connect to the instance",
    Step.ACCESS_KEY: "create an access key",
    Step.USE_S3: "use S3 over the internet",
    Step.CREATE_ENDPOINT: "create a gateway endpoint",
    Step.BUCKET_POLICY: "deny the bucket to all but the endpoint",
    Step.ASSOCIATE_ROUTE_TABLE: "associate the route table with the endpoint",
    Step.ENDPOINT_POLICY: "deny and allow again in the endpoint policy",
    Step.CLEAN_UP: "clean up",
}
