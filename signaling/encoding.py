"""Base64url without padding (RFC 4648 §5), strict in both directions. Pure."""

import base64
import binascii


def encode(data: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Read base64url without padding.

    Only the one spelling that `encode` gives is accepted, so that two different tokens
    never mean the same bytes.

    Raises:
        ValueError: another alphabet, padding, or left-over bits.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64url") from None
    if encode(data) != text:
        raise ValueError("not the canonical base64url")
    return data
