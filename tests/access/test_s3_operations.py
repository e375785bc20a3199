from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore_requests import http_request, prepared, s3_client

from pytest_vpcep.access.s3_operations import SAME_ON_THE_WIRE, s3_operation

MODEL = botocore.session.Session().get_service_model("s3")
EVERY_OPERATION = list(MODEL.operation_names)


@pytest.fixture(scope="module", params=["virtual", "path"])
def client(request: pytest.FixtureRequest) -> Any:
    return s3_client(addressing=request.param)


@pytest.mark.parametrize("optional", [False, True], ids=["required", "all"])
@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_every_operation_of_botocore_maps_back(client: Any, name: str, optional: bool) -> None:
    request = http_request(prepared(client, MODEL.operation_model(name), optional=optional))
    assert s3_operation(request).name == SAME_ON_THE_WIRE.get(name, name)
