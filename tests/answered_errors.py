"""The error a boto3 call is answered with."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


def error_of(call, **parameters: object) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    answer = caught.value.response
    return (
        answer["ResponseMetadata"]["HTTPStatusCode"],
        answer["Error"]["Code"],
        answer["Error"]["Message"],
    )
