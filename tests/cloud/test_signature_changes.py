from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from signed_requests import EVERY_WAY, KEY_ID, SECRET, altered

from pytest_vpcep.access.credential_scope import CredentialScope, credential_of
from pytest_vpcep.access.http_request import HttpRequest
from pytest_vpcep.cloud.signature import Refusal, authenticate


@given(way=st.sampled_from(sorted(EVERY_WAY)), data=st.data())
def test_no_changed_request_passes(way: str, data: st.DataObject) -> None:
    make, _ = EVERY_WAY[way]
    request = make()
    answer = authenticate(changed(request, data), secret_of)
    assert isinstance(answer, Refusal)


def secret_of(credential: CredentialScope) -> str | None:
    return SECRET if credential.access_key_id == KEY_ID else None


def changed(request: HttpRequest, data: st.DataObject) -> HttpRequest:
    """Change one letter or digit of anything that is signed, or a bit of the body."""
    kinds = ["method", "url"]
    if request.body:
        kinds.append("body")
    credential = credential_of(request)
    assert credential is not None
    names = [name for name in credential.signed_headers if name in request.headers]
    if not credential.presigned:
        names.append("authorization")
    kinds += names
    kind = data.draw(st.sampled_from(kinds))
    if kind == "method":
        other = data.draw(st.sampled_from(["HEAD", "DELETE", "PATCH"]))
        return altered(request, method=other)
    if kind == "body":
        position = data.draw(st.integers(0, len(request.body) * 8 - 1))
        body = bytearray(request.body)
        body[position // 8] ^= 1 << position % 8
        return altered(request, body=bytes(body))
    if kind == "url":
        start = request.url.index("/", 8)
        return altered(request, url=request.url[:start] + swapped(request.url[start:], data))
    value = swapped(request.headers[kind], data)
    return altered(request, headers={**request.headers, kind: value})


def swapped(text: str, data: st.DataObject) -> str:
    """Replace one letter or digit by another, or append one where there is none."""
    positions = [i for i, letter in enumerate(text) if letter.isalnum()]
    if not positions:
        return f"{text}a"
    position = data.draw(st.sampled_from(positions))
    # Hexadecimal digits of percent-encoding mean the same in both cases.
    same = {text[position].lower(), text[position].upper()}
    others = [letter for letter in "0123456789abcdefXYZ" if letter not in same]
    return text[:position] + data.draw(st.sampled_from(others)) + text[position + 1 :]


@given(
    way=st.sampled_from(sorted(EVERY_WAY)),
    field=st.sampled_from(["authorization", "url"]),
    noise=st.text(max_size=40),
)
def test_noise_gives_a_refusal_and_no_secret(way: str, field: str, noise: str) -> None:
    request = EVERY_WAY[way][0]()
    if field == "url":
        noisy = altered(request, url=f"{request.url.partition('?')[0]}?X-Amz-Signature={noise}")
    else:
        noisy = altered(request, headers={**request.headers, "authorization": f"AWS4-{noise}"})
    answer = authenticate(noisy, lambda _: SECRET)
    assert isinstance(answer, Refusal | None)
    assert SECRET not in repr(answer)
