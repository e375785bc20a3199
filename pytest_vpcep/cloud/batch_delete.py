"""DeleteObjects where only some of the keys may be deleted: the others answered as denied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from pytest_vpcep.access.authorization import DeletedObject
from pytest_vpcep.cloud import moto_gaps
from pytest_vpcep.cloud.door import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_vpcep.cloud.moto_gaps import Call

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def batch_deleted(call: Call, denied: Mapping[DeletedObject, str]) -> Answer:
    """Delete what may be deleted, and list the rest as errors, all in one answer.

    "DeleteObjects" (Amazon S3 API Reference): the answer is 200, with an ``Error`` per key.

    Args:
        call: the DeleteObjects call.
        denied: the objects that may not be deleted, and AWS's message for each.

    """
    asked = ET.fromstring(call.request.body)  # noqa: S314 - read once before, by s3_bodies
    for element in asked.iter():
        element.tag = _local(element)
    for element in [one for one in asked if _local(one) == "Object"]:
        fields = {_local(child): child.text or "" for child in element}
        if DeletedObject(fields["Key"], fields.get("VersionId")) in denied:
            asked.remove(element)
    result = ET.Element("DeleteResult", xmlns=_NAMESPACE)
    if any(_local(one) == "Object" for one in asked):
        allowed = replace(call, request=replace(call.request, body=ET.tostring(asked)))
        answer = moto_gaps.answered(allowed)
        if answer.status >= 300:
            return answer
        for element in ET.fromstring(answer.body):  # noqa: S314 - moto's own answer
            result.append(element)
    result.extend(_error(item, message) for item, message in denied.items())
    return Answer(200, {"content-type": "application/xml"}, ET.tostring(result))


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _error(item: DeletedObject, message: str) -> ET.Element:
    error = ET.Element("Error")
    texts = {"Key": item.key, "VersionId": item.version_id, "Code": "AccessDenied"}
    for name, text in {**texts, "Message": message}.items():
        if text is not None:
            ET.SubElement(error, name).text = text
    return error
