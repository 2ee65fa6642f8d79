"""Python and the pages make the same proofs."""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from clients.peer.proof import prove, thumbprint
from signaling.encoding import decode

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "letters.json").read_text())
SEED = decode(VECTORS["proof"]["seed"])


def test_the_proof_is_the_shared_one() -> None:
    """The vector that the pages' tests read too."""
    vector = VECTORS["proof"]

    assert vector["proof"] == prove(SEED, vector["challenge"], vector["origin"], vector["token"])
    assert vector["thumbprint"] == thumbprint(SEED)


def test_a_proof_holds_for_its_challenge_origin_and_token_only() -> None:
    """The signature covers all three, in order."""
    proof = decode(prove(SEED, "c" * 22, "http://localhost", "token"))

    key = Ed25519PublicKey.from_public_bytes(proof[:32])
    key.verify(
        proof[32:], b"teleconsult proof v1\n" + b"c" * 22 + b"\nhttp://localhost\n" + b"token"
    )
