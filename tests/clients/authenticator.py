"""A passkey in software: real keys, real signatures, no screen to touch.

Unrealistic: it signs whatever a test asks for, where a real one asks its owner first.
`test_passkey_browser.py` has a browser's own.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clients.peer.passkeys import Assertion, challenge
from clients.union.requests import Algorithm, Passkey
from signaling.encoding import encode

UP, UV = 0x01, 0x04


@dataclass(frozen=True)
class Authenticator:
    """One passkey, on the pages of one origin."""

    algorithm: Algorithm = Algorithm.ES256
    origin: str = "https://exemple.fr"
    name: int = 7

    @property
    def passkey(self) -> Passkey:
        if self.algorithm is Algorithm.EDDSA:
            return Passkey(self.algorithm, self._ed25519.public_key().public_bytes_raw())
        point = self._p256.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Passkey(self.algorithm, point[1:])

    @property
    def jwk(self) -> dict[str, Any]:
        """As an identity credential names it."""
        key = self.passkey.key
        if self.algorithm is Algorithm.EDDSA:
            return {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": encode(key)}}
        x, y = encode(key[:32]), encode(key[32:])
        return {"jwk": {"kty": "EC", "crv": "P-256", "x": x, "y": y}}

    def asserts(
        self,
        day: int,
        device_key: bytes,
        flags: int = UP | UV,
        rp: str = "exemple.fr",
        more: bytes = b"",
        **said: Any,
    ) -> Assertion:
        """What the gesture of that day gives; each keyword of `said` replaces a member."""
        client = {
            "type": "webauthn.get",
            "challenge": encode(challenge(day, device_key)),
            "origin": self.origin,
            "crossOrigin": False,
        } | said
        present = {name: value for name, value in client.items() if value is not None}
        data = hashlib.sha256(rp.encode()).digest() + bytes((flags,)) + bytes(4) + more
        return self.signed(data, json.dumps(present).encode())

    def signed(self, data: bytes, client: bytes) -> Assertion:
        """An assertion of any data, rightly signed."""
        text = data + hashlib.sha256(client).digest()
        if self.algorithm is Algorithm.EDDSA:
            return Assertion(data, client, self._ed25519.sign(text))
        return Assertion(data, client, self._p256.sign(text, ec.ECDSA(SHA256())))

    @property
    def _ed25519(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes((self.name,)) * 32)

    @property
    def _p256(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.name, ec.SECP256R1())


AUTHENTICATORS = (Authenticator(), Authenticator(Algorithm.EDDSA))
