"""Python and the pages make the same proofs."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from clients.peer.letters import from_base64url
from clients.peer.proof import doctor_token, may_resume, prove, resume_mac, thumbprint

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "letters.json").read_text())
SEED = from_base64url(VECTORS["proof"]["seed"])


def test_the_proof_is_the_shared_one() -> None:
    """The vector that the pages' tests read too."""
    vector = VECTORS["proof"]

    assert vector["proof"] == prove(SEED, vector["challenge"], vector["origin"], vector["token"])
    assert vector["thumbprint"] == thumbprint(SEED)


def test_a_proof_holds_for_its_challenge_origin_and_token_only() -> None:
    """The signature covers all three, in order."""
    proof = from_base64url(prove(SEED, "c" * 22, "http://localhost", "token"))

    key = Ed25519PublicKey.from_public_bytes(proof[:32])
    key.verify(
        proof[32:], b"teleconsult proof v1\n" + b"c" * 22 + b"\nhttp://localhost\n" + b"token"
    )


def test_the_doctors_token_is_the_shared_one() -> None:
    """It shows that one knows the secret, without the secret."""
    vector = VECTORS["demo"]

    token = doctor_token(from_base64url(vector["secret"]), SEED)

    assert vector["token"] == token
    assert vector["secret"] not in token


def test_the_resume_code_is_the_shared_one() -> None:
    """The vector that the pages' tests read too."""
    vector = VECTORS["resume"]

    assert vector["mac"] == resume_mac(from_base64url(vector["secret"]), vector["nonce"])


@pytest.mark.parametrize("wrong", [None, "", "A" * 43, "é"])
def test_nobody_resumes_without_the_secret(wrong: str | None) -> None:
    """Whoever read the message with the link does not walk into a consultation."""
    secret, nonce = b"s" * 16, "n" * 22

    assert may_resume(secret, nonce, resume_mac(secret, nonce))
    assert not may_resume(secret, nonce, wrong)
    assert not may_resume(b"t" * 16, nonce, resume_mac(secret, nonce))
    assert not may_resume(secret, "m" * 22, resume_mac(secret, nonce))
