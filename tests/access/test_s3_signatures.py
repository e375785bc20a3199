from __future__ import annotations

import botocore.session
import pytest
from botocore_requests import SECRET, http_request, prepared, s3_client

from pytest_vpcep.cloud.signature import verify

MODEL = botocore.session.Session().get_service_model("s3")


@pytest.mark.parametrize("addressing", ["virtual", "path"])
@pytest.mark.parametrize("optional", [False, True], ids=["required", "all"])
def test_every_operation_of_botocore_is_signed_rightly(addressing: str, optional: bool) -> None:
    client = s3_client(addressing=addressing)
    for name in MODEL.operation_names:
        request = http_request(prepared(client, MODEL.operation_model(name), optional=optional))
        assert verify(request, SECRET) is None, name
        assert verify(request, SECRET[1:]) is not None, name
