"""Revocation lists: which credentials hold no more, said afresh at least every day.

Pure. There are two, of one form: identities for patients' pages, access credentials for
servers; neither needs the other's ids. A list is signed by the list key, which the root
has delegated and which can sign nothing else: it may lie on a machine that runs through
the weekend. A list says ids only, and its length tells their number no closer than
`PAD_TO`.

A reader refuses a list that is over: silence is not consent.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from . import tokens
from .encoding import decode, encode
from .errors import UnionError, Unreadable
from .keys import Root, public_key, signing_key

LIST_LIFETIME_S = 24 * 3600
"""The longest that servers and pages accept: what a revocation may take at the worst."""

DELEGATION_S = 180 * 24 * 3600
"""Renewed at each enrolment, once half of it is over."""

PAD_TO = 1024
"""Characters; some forty ids. A call carries the patients' list in 16 KiB, with much else."""

LIST_MAX_CHARS = 5 * 1024
"""Of the patients' list: some 120 ids. More would leave no room in a call for an offer of
7,000 characters, an identity and a passkey's gesture, and no patient of the union could be
called at all (`tests/clients/test_sealed_passkeys.py` holds such a call)."""


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list that was checked."""

    seq: int
    issued: int
    ends: int
    revoked: frozenset[str]


def delegate(root: Root, audience: str, list_key: bytes, now: int) -> str:
    """Let a list key, given by its public half, sign this union's lists."""
    claims = {
        "iss": root.id,
        "aud": audience,
        "nbf": now,
        "exp": now + DELEGATION_S,
        "cnf": {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": encode(list_key)}},
    }
    return tokens.sign(claims, tokens.LIST_KEY, root.key)


def delegation_ends(delegation: str) -> int:
    """Say when a delegation ends."""
    ends = tokens.unchecked(delegation).get("exp")
    if not isinstance(ends, int):
        raise Unreadable("The list key's delegation is damaged.")
    return ends


def next_seq(now: int, *held: int) -> int:
    """Number a list: above all that are held, and no lower than the time.

    Servers ignore a list of a lower number than they have seen. Held numbers alone would
    start again below it when an older copy of the office's folder is brought back.
    """
    return max(now, *(seq + 1 for seq in held))


def sign(
    seed: bytes,
    delegation: str,
    issuer: str,
    audience: str,
    seq: int,
    revoked: Iterable[str],
    now: int,
    *,
    typ: str,
    lifetime_s: int = LIST_LIFETIME_S,
) -> str:
    """Sign a list with the list key of this seed. Equal input, equal list.

    Args:
        typ: `tokens.LIST` for patients' pages, which a doctor's page passes on in every
            call and which must therefore be short; `tokens.ACCESS_LIST` for servers.

    Raises:
        UnionError: the list for patients' pages is too long for a call.
    """
    ids = sorted(set(revoked))
    size = len(json.dumps(ids, separators=(",", ":")))
    claims = {
        "iss": issuer,
        "aud": audience,
        "iat": now,
        "exp": min(now + lifetime_s, delegation_ends(delegation)),
        "seq": seq,
        "key": delegation,
        "revoked": ids,
        "pad": "0" * (PAD_TO - size % PAD_TO),
    }
    token = tokens.sign(claims, typ, signing_key(seed))
    if typ == tokens.LIST and len(token) > LIST_MAX_CHARS:
        raise UnionError(
            f"{len(ids)} revoked identities are more than a call can carry, some 120; the "
            "list for patients' pages was not renewed, and will be once enough of them end."
        )
    return token


def read(
    token: str, root_key: bytes, issuer: str, audience: str, now: float, *, typ: str
) -> RevocationList:
    """Check a list: the root's delegation first, then the list key's signature, then time.

    Raises:
        Unreadable: any of it does not hold.
    """
    delegation = tokens.unchecked(token).get("key")
    if not isinstance(delegation, str):
        raise Unreadable("This list does not say who may sign it.")
    delegated = tokens.check(delegation, tokens.LIST_KEY, root_key, audience, issuer, now)
    try:
        list_key = decode(delegated["cnf"]["jwk"]["x"], 32)
    except (KeyError, TypeError, AttributeError):
        raise Unreadable("This list does not say who may sign it.") from None
    claims = tokens.check(token, typ, list_key, audience, issuer, now)
    seq, issued, ends, revoked = (claims.get(name) for name in ("seq", "iat", "exp", "revoked"))
    if (
        type(seq) is not int
        or type(issued) is not int
        or type(ends) is not int
        or not isinstance(revoked, list)
        or not all(isinstance(jti, str) for jti in revoked)
        or ends - issued > LIST_LIFETIME_S
    ):
        raise Unreadable("This list is damaged, or lives longer than a list may.")
    return RevocationList(seq, issued, ends, frozenset(revoked))


def worst_case_s(lifetime_s: int, reload_s: float) -> float:
    """Say after how long a revoked credential opens nothing, whatever goes wrong.

    Should the fresh list never arrive, the old one ends, and with it all that it let pass;
    a server that reads lists every `reload_s` is no later than that.
    """
    return lifetime_s + reload_s


def list_key_of(seed: bytes) -> bytes:
    """Return the public half of a list key."""
    return public_key(seed)
