"""The holder's proof: checked over challenge, origin and token, all three."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from signaling.admission import (
    NobodyIsTrusted,
    NotAdmitted,
    holder_of,
    proven_text,
    thumbprint,
)
from signaling.encoding import decode, encode

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "letters.json").read_text())["proof"]
CHALLENGE, ORIGIN, TOKEN = VECTOR["challenge"], VECTOR["origin"], VECTOR["token"]
KEY = Ed25519PrivateKey.from_private_bytes(decode(VECTOR["seed"]))


def proof_by(key: Ed25519PrivateKey, challenge: str, origin: str, token: str) -> str:
    signature = key.sign(proven_text(challenge, origin, token))
    return encode(key.public_key().public_bytes_raw() + signature)


def unproven(
    proof: str, challenge: str = CHALLENGE, origin: str = ORIGIN, token: str = TOKEN
) -> bool:
    with pytest.raises(NotAdmitted) as raised:
        holder_of(proof, challenge, origin, token)
    return "unproven" == raised.value.code


def test_the_shared_vector_proves_its_holder() -> None:
    """The same bytes in the page, the headless peer and here."""
    assert VECTOR["thumbprint"] == holder_of(VECTOR["proof"], CHALLENGE, ORIGIN, TOKEN)
    assert VECTOR["proof"] == proof_by(KEY, CHALLENGE, ORIGIN, TOKEN)


def test_the_proven_text_is_the_documented_one() -> None:
    """Four lines, the first naming what is proven."""
    assert f"teleconsult proof v1\n{CHALLENGE}\n{ORIGIN}\n{TOKEN}".encode() == proven_text(
        CHALLENGE, ORIGIN, TOKEN
    )


def test_a_proof_over_another_challenge_is_void() -> None:
    """A proof that was overheard on one socket opens nothing on the next."""
    assert unproven(VECTOR["proof"], challenge=encode(b"c" * 16))


def test_a_proof_made_for_another_origin_is_void() -> None:
    """Another site cannot pass on what its own visitor signed."""
    assert unproven(VECTOR["proof"], origin="http://localhost:8081")


def test_a_proof_goes_with_one_token_only() -> None:
    """Nobody's proof can be put beside somebody else's token."""
    assert unproven(VECTOR["proof"], token=TOKEN + "A")


def test_a_proof_under_another_public_key_is_void() -> None:
    """The key in the proof is the one that signed."""
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32).public_key().public_bytes_raw()

    assert unproven(encode(other + decode(VECTOR["proof"])[32:]))


def test_every_single_changed_byte_voids_a_proof() -> None:
    """Key or signature, whichever byte."""
    data = bytearray(decode(VECTOR["proof"]))

    for position in range(len(data)):
        data[position] ^= 1
        assert unproven(encode(bytes(data)))
        data[position] ^= 1


@given(st.text() | st.binary(max_size=128).map(encode))
def test_any_other_text_is_unproven(proof: str) -> None:
    """Too short, too long, no base64url, no point of the curve: one answer."""
    assert unproven(proof)


@given(st.binary(min_size=32, max_size=32), st.text("abc.", max_size=20))
def test_an_own_proof_names_its_own_key(seed: bytes, token: str) -> None:
    """Whoever signs is named by his own thumbprint."""
    key = Ed25519PrivateKey.from_private_bytes(seed)

    holder = holder_of(proof_by(key, CHALLENGE, ORIGIN, token), CHALLENGE, ORIGIN, token)

    assert thumbprint(key.public_key().public_bytes_raw()) == holder


def test_nobody_enters_where_no_union_is_trusted() -> None:
    """An installation without a union admits no token at all."""
    with pytest.raises(NotAdmitted) as raised:
        NobodyIsTrusted().admit(TOKEN, VECTOR["thumbprint"], 0.0)

    assert "not-admitted" == raised.value.code


def test_a_key_of_small_order_proves_nothing() -> None:
    """Under such a key anybody can sign."""
    assert unproven(encode(bytes(32) + (1).to_bytes(32, "little") + bytes(32)))
