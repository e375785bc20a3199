from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vpcep.access.s3_bodies import records
from pytest_vpcep.errors import RequestError


@pytest.mark.parametrize(
    ("body", "name", "expected"),
    [
        pytest.param(b"", "Object", (), id="no body"),
        pytest.param(b"  \n", "Object", (), id="white space"),
        pytest.param(b"<Delete/>", "Object", (), id="none of them"),
        pytest.param(b"<Object/>", "Object", ({},), id="the root itself, empty"),
        pytest.param(
            b"<D><Object><Key>a</Key></Object><Object><Key>b</Key></Object></D>",
            "Object",
            ({"Key": "a"}, {"Key": "b"}),
            id="several",
        ),
        pytest.param(
            b"<x:D xmlns:x='u'><x:Object><x:Key>a</x:Key></x:Object></x:D>",
            "Object",
            ({"Key": "a"},),
            id="prefixed",
        ),
        pytest.param(
            b"<D><Object><Key><![CDATA[<a>]]>&amp;&#x41;</Key></Object></D>",
            "Object",
            ({"Key": "<a>&A"},),
            id="text of many kinds",
        ),
        pytest.param(
            b"<D><Object><Key>a</Key><Key>b</Key></Object></D>",
            "Object",
            ({"Key": "b"},),
            id="the last counts",
        ),
        pytest.param(
            b"<D><Object><In><Key>a</Key></In><Key> b </Key></Object></D>",
            "Object",
            ({"In": "", "Key": " b "},),
            id="grandchildren are not children",
        ),
        pytest.param(
            b"<Tag><Tag><Key>a</Key></Tag><Key>b</Key></Tag>",
            "Tag",
            ({"Tag": "", "Key": "b"}, {"Key": "a"}),
            id="one in another",
        ),
    ],
)
def test_records(body: bytes, name: str, expected: tuple[dict[str, str], ...]) -> None:
    assert records(body, name) == expected


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<a>", id="unclosed"),
        pytest.param(b"<a></b>", id="crossed"),
        pytest.param(b"\x00", id="zero"),
        pytest.param(b"<a>&e;</a>", id="unknown entity"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', id="entity"),
        pytest.param(b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', id="external"),
    ],
)
def test_what_is_refused(body: bytes) -> None:
    with pytest.raises(RequestError, match="request body"):
        records(body, "a")


@given(st.binary(max_size=200) | st.text("<>/ab&;!?='\" ", max_size=200).map(str.encode))
def test_noise_gives_records_or_an_error(body: bytes) -> None:
    try:
        found = records(body, "a")
    except RequestError:
        return
    assert all(isinstance(value, str) for record in found for value in record.values())
