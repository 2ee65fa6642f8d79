"""Tokens: one algorithm, one header, one spelling; anything else is unreadable."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.union import tokens
from clients.union.encoding import encode, thumbprint
from clients.union.errors import Unreadable
from clients.union.keys import public_key, signing_key

SEED = b"s" * 32
PUBLIC = public_key(SEED)
ISSUER = thumbprint(PUBLIC)
AUDIENCE = "https://visio.example.fr"
NOW = 1_800_000_000
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "nbf": NOW, "exp": NOW + 100}


def checked(token: str, typ: str = tokens.ACCESS, now: float = NOW) -> dict[str, Any]:
    return tokens.check(token, typ, PUBLIC, AUDIENCE, ISSUER, now)


def signed(header: dict[str, Any], claims: object = CLAIMS) -> str:
    """A token with any header, rightly signed."""
    parts = [encode(json.dumps(part).encode()) for part in (header, claims)]
    text = ".".join(parts)
    return f"{text}.{encode(signing_key(SEED).sign(text.encode()))}"


HEADER = {"alg": "EdDSA", "typ": tokens.ACCESS, "kid": ISSUER}
TOKEN = tokens.sign(CLAIMS, tokens.ACCESS, signing_key(SEED))


def test_what_is_signed_is_read() -> None:
    """By the library as by hand."""
    assert checked(TOKEN) == checked(signed(HEADER)) == CLAIMS


@pytest.mark.parametrize(
    "more",
    [
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": encode(PUBLIC)}},
        {"jku": "https://evil.example"},
        {"x5u": "https://evil.example"},
        {"crit": ["exp"]},
        {"alg": "none"},
        {"alg": "HS256"},
        {"typ": tokens.IDENTITY},
        {"typ": "JWT"},
        {"kid": encode(bytes(16))},
    ],
    ids=str,
)
def test_a_header_of_any_other_form_is_refused(more: dict[str, Any]) -> None:
    """Even rightly signed: no key and no algorithm comes from a token."""
    with pytest.raises(Unreadable):
        checked(signed({**HEADER, **more}))


@pytest.mark.parametrize(
    "claims",
    [
        {**CLAIMS, "aud": "https://other.example"},
        {**CLAIMS, "aud": [AUDIENCE]},
        {**CLAIMS, "iss": encode(bytes(16))},
        {**CLAIMS, "exp": NOW},
        {**CLAIMS, "nbf": NOW + 61},
        {**CLAIMS, "exp": True},
        {**CLAIMS, "exp": NOW + 0.5},
        {"iss": ISSUER, "aud": AUDIENCE},
        [],
    ],
    ids=str,
)
def test_other_claims_are_refused(claims: object) -> None:
    """Audience, issuer and time are always checked."""
    with pytest.raises(Unreadable):
        checked(signed(HEADER, claims))


def test_a_token_of_another_kind_is_refused() -> None:
    """An access credential is no identity."""
    with pytest.raises(Unreadable):
        checked(TOKEN, tokens.IDENTITY)


def test_every_changed_letter_is_found() -> None:
    """In header, claims and signature."""
    for position in range(0, len(TOKEN), 7):
        other = "A" if TOKEN[position] != "A" else "B"
        with pytest.raises(Unreadable):
            checked(TOKEN[:position] + other + TOKEN[position + 1 :])


@given(st.text(max_size=60) | st.text("eyJ.A-_9", max_size=60))
def test_any_other_text_is_unreadable(text: str) -> None:
    """Never another exception."""
    with pytest.raises(Unreadable):
        checked(text)
