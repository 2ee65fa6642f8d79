"""Who vouches for a doctor, until when, and who took it back."""

import base64
import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.peer.identity import (
    TOKEN_MAX_CHARS,
    Identity,
    read_union,
    verify,
)
from clients.peer.letters import Card
from clients.union import credentials, requests, tokens, unions
from signaling.encoding import decode, encode
from tests.clients.authenticator import AUTHENTICATORS, Authenticator
from tests.clients.seal_cast import (
    DAY_S,
    NOW,
    UNION,
    Union,
    code_of,
    jwk,
    key,
    kid,
    public,
    token,
)
from tests.dice import Dice
from tests.unions import CARD, ADevice, AUnion
from tests.unions import NOW as AT

# As the union's README says it.
SKEW_S = 60
LIST_LIFETIME_MAX_S = 24 * 3600

DEVICE = key("doctor")
OTHER = Union("another union")
GOOD, LIST = UNION.identity(DEVICE), UNION.list()
CLAIMS = UNION.identity_claims(DEVICE)


def judged(
    credential: str = GOOD, revocations: str = LIST, now: float = NOW, *unions: Union
) -> str | None:
    """The code with which this is refused, None if it holds."""
    trusted = [union.trusted for union in unions or (UNION,)]
    return code_of(verify, credential, revocations, trusted, now)


def test_a_good_credential_says_who_the_doctor_is() -> None:
    """Key, card, handle and union."""
    assert Identity(
        public(DEVICE),
        Card(name="Dr Camille Roux", specialty="Médecine générale"),
        decode(CLAIMS["handle"]),
        "union",
        UNION.audience,
        None,
        NOW,
    ) == verify(GOOD, LIST, [UNION.trusted], NOW)


def test_neither_a_probe_nor_staff_is_a_doctor() -> None:
    """Though the union signed who they are; and a probe's patient takes no doctor for a probe."""
    office, device = AUnion(), requests.read(ADevice(Dice(1)).request())
    trusted = [read_union(unions.write(office.public))]
    listed = office.list(now=AT, typ=tokens.LIST)
    said = {
        role: credentials.identity(
            office.root, office.audience, device, CARD, 1, AT, office.dice, role
        ).token
        for role in credentials.IDENTITY_TYPES
    }

    taken = {
        (expected, role)
        for expected in said
        for role, token_ in said.items()
        if code_of(verify, token_, listed, trusted, AT, expected) is None
    }
    assert {("doctor", "doctor"), ("probe", "probe"), ("staff", "staff")} == taken


def test_a_forged_or_foreign_union_is_refused() -> None:
    """Several may be trusted; what they sign counts for their own only."""
    theirs = OTHER.identity(DEVICE)

    assert "identity" == judged(theirs, OTHER.list())
    assert judged(theirs, OTHER.list(), NOW, UNION, OTHER) is None
    assert "revoked" == judged(theirs, LIST, NOW, UNION, OTHER)
    assert "identity" == judged(
        UNION.identity(DEVICE, iss=kid(OTHER.root)), LIST, NOW, UNION, OTHER
    )
    forged = token(key("thief"), "identity", CLAIMS, {"kid": kid(UNION.root)})
    assert "identity" == judged(forged)


def test_a_credential_holds_from_nbf_to_exp() -> None:
    """A minute of skew at its beginning, none at its end."""
    end = UNION.list(iat=CLAIMS["exp"] - 60, exp=CLAIMS["exp"] + 60)
    start = UNION.list(iat=CLAIMS["nbf"] - 60, exp=CLAIMS["nbf"] + 60)
    early = UNION.delegation(nbf=0)

    assert judged(GOOD, end, CLAIMS["exp"] - 1) is None
    assert "identity" == judged(GOOD, end, CLAIMS["exp"])
    first = UNION.list(iat=CLAIMS["nbf"] - 60, exp=CLAIMS["nbf"] + 60, key=early)
    assert judged(GOOD, first, CLAIMS["nbf"] - SKEW_S) is None
    assert "identity" == judged(GOOD, start, CLAIMS["nbf"] - SKEW_S - 1)


def test_a_credential_is_for_one_audience() -> None:
    """One text, ours: no list of several."""
    for audience in ("https://autre.fr", [UNION.audience], None, 1, ""):
        assert "identity" == judged(UNION.identity(DEVICE, aud=audience))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "teleconsult-access+jwt"},
        {"typ": "teleconsult-list+jwt"},
        {"typ": "JWT"},
        {"jwk": jwk(UNION.root)["jwk"]},
        {"jku": "https://exemple.fr/key"},
        {"x5u": "https://exemple.fr/key"},
        {"crit": []},
        {"kid": 1},
    ],
    ids=str,
)
def test_a_header_is_exactly_ours(header: dict[str, Any]) -> None:
    """Another purpose, a key or an address in the header, anything more."""
    try:
        signed = token(UNION.root, "identity", CLAIMS, header)
    except (TypeError, jwt.PyJWTError):
        signed = by_hand({"alg": "EdDSA", "typ": "teleconsult-identity+jwt", **header}, CLAIMS)

    assert "identity" == judged(signed)
    assert judged(by_hand(HEADER, CLAIMS)) is None


HEADER = {"alg": "EdDSA", "typ": "teleconsult-identity+jwt", "kid": kid(UNION.root)}


def by_hand(header: Any, claims: Any, signature: bytes | None = None) -> str:
    """A token of any header and claims, signed by the root if nothing else is given."""
    text = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{encode(signature or UNION.root.sign(text.encode()))}"


def test_no_other_algorithm_is_taken() -> None:
    """Not none, and no MAC under the public key."""
    for algorithm in ("none", "None", "HS256", "ES256", "Ed25519"):
        assert "identity" == judged(by_hand(HEADER | {"alg": algorithm}, CLAIMS))
    mac = jwt.encode(CLAIMS, "k" * 64, algorithm="HS512", headers={**HEADER, "alg": "HS512"})
    assert "identity" == judged(mac)


def test_no_missing_member_is_taken_for_a_yes() -> None:
    """Each claim of the table but the handle."""
    for name in ("iss", "aud", "nbf", "exp", "jti", "card", "cnf"):
        left = {k: v for k, v in CLAIMS.items() if k != name}
        assert "identity" == judged(by_hand(HEADER, left)), name
    left = {k: v for k, v in CLAIMS.items() if k != "handle"}
    assert judged(by_hand(HEADER, left)) is None
    for name in ("alg", "typ", "kid"):
        header = {k: v for k, v in HEADER.items() if k != name}
        assert "identity" == judged(by_hand(header, CLAIMS)), name


def test_claims_have_their_types() -> None:
    """Times are whole numbers, the key is a key."""
    small = {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": encode(bytes(32))}}
    others: list[dict[str, Any]] = [
        {"exp": float(CLAIMS["exp"])},
        {"exp": str(CLAIMS["exp"])},
        {"exp": True},
        {"nbf": -1},
        {"jti": 7},
        {"card": {"name": "Dr A"}},
        {"handle": "short"},
        {"cnf": {}},
        {"cnf": {"jwk": jwk(DEVICE)["jwk"] | {"kty": "EC"}}},
        {"cnf": {"jwk": jwk(DEVICE)["jwk"] | {"crv": "X25519"}}},
        {"cnf": {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "A" * 42 + "B"}}},
        {"cnf": small},
    ]
    for other in others:
        assert "identity" == judged(UNION.identity(DEVICE, **other)), other


@pytest.mark.parametrize("by", AUTHENTICATORS, ids=lambda x: x.algorithm.name)
def test_a_credential_may_name_a_passkey(by: Authenticator) -> None:
    """Of P-256 or Ed25519; a claim of any other form is no word of a union."""
    named = verify(UNION.identity(DEVICE, passkey=by.jwk), LIST, [UNION.trusted], NOW).passkey
    good = by.jwk["jwk"]

    assert named is not None
    assert (by.algorithm.name.upper(), by.passkey.key) == (named.algorithm.upper(), named.key)
    assert by.algorithm.name != "ES256" or 64 == len(named.key)
    others: list[dict[str, Any]] = [
        {},
        {"jwk": None},
        {"jwk": {}},
        {"jwk": {**good, "kty": "RSA"}},
        {"jwk": {**good, "crv": "P-384"}},
        {"jwk": {**good, "x": "AAAA"}},
        {"jwk": {**good, "x": "A" * 42 + "B"}},
        {"jwk": {**good, "kty": "EC", "crv": "P-256", "y": "A" * 42 + "B"}},
        {"jwk": {**good, "kty": "EC", "crv": "Ed25519"}},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": good["x"]}},
    ]
    for other in others:
        assert "identity" == judged(UNION.identity(DEVICE, passkey=other)), other
    for value in (None, "x", 7, ()):
        assert "identity" == judged(by_hand(HEADER, {**CLAIMS, "passkey": value}))


def test_a_token_has_one_spelling_and_a_length() -> None:
    """No padding, no other alphabet, no left-over bits, no flood."""
    head, payload, signature = GOOD.split(".")
    last = signature[-1]
    twin = chr(ord(last) + 1)
    assert base64.urlsafe_b64decode(signature + "==") == base64.urlsafe_b64decode(
        signature[:-1] + twin + "=="
    )
    for text in (
        "",
        ".",
        f"{GOOD}=",
        f"{GOOD}\n",
        f"{head}.{payload}",
        f"{GOOD}.{signature}",
        f"{head}.{payload}.{signature[:-1]}{twin}",
        f"{head}.{payload}.{'A' * 86}",
        f"{head}.{payload[:-2]}.{signature}",
        UNION.identity(DEVICE, card={"name": "x", "specialty": "y", "z": "z" * TOKEN_MAX_CHARS}),
    ):
        assert "identity" == judged(text)


def test_a_revoked_credential_is_refused() -> None:
    """The list names it, among others or alone."""
    assert "revoked" == judged(GOOD, UNION.list("somebody", CLAIMS["jti"]))
    assert judged(GOOD, UNION.list("somebody")) is None


def test_a_list_that_is_missing_or_stale_counts_as_a_no() -> None:
    """At its end to the second; never longer than a day; not from tomorrow."""
    header = {**HEADER, "typ": "teleconsult-list+jwt"}
    for text in ("", "x", GOOD, UNION.delegation(), by_hand(header, []), by_hand(header, {})):
        assert "revoked" == judged(GOOD, text)
    assert judged(GOOD, LIST, NOW + 3599) is None
    assert "revoked" == judged(GOOD, LIST, NOW + 3600)
    assert judged(GOOD, UNION.list(iat=NOW + SKEW_S, exp=NOW + 600)) is None
    assert "revoked" == judged(GOOD, UNION.list(iat=NOW + SKEW_S + 1, exp=NOW + 600))
    day = LIST_LIFETIME_MAX_S
    assert judged(GOOD, UNION.list(iat=NOW, exp=NOW + day)) is None
    assert "revoked" == judged(GOOD, UNION.list(iat=NOW, exp=NOW + day + 1))


def test_a_list_is_of_the_same_union() -> None:
    """Issuer, audience and key."""
    for revocations in (
        OTHER.list(),
        UNION.list(iss=kid(OTHER.root)),
        UNION.list(aud="https://autre.fr"),
        UNION.list(aud=[UNION.audience]),
    ):
        assert "revoked" == judged(GOOD, revocations, NOW, UNION, OTHER)


def test_a_list_key_is_delegated_by_the_root() -> None:
    """By the same union's, for that key, at that time, for that purpose."""
    thief = key("thief")
    named = {"kid": kid(UNION.list_key)}
    claims = jwt.decode(LIST, options={"verify_signature": False})
    theirs = Union("thief")
    for revocations in (
        UNION.list(key=OTHER.delegation(cnf=jwk(UNION.list_key))),
        UNION.list(key=token(thief, "list-key", delegated(), {"kid": kid(UNION.root)})),
        UNION.list(key=token(UNION.root, "identity", delegated())),
        UNION.list(key=UNION.delegation(exp=NOW)),
        UNION.list(key=UNION.delegation(nbf=NOW + SKEW_S + 1)),
        UNION.list(key=UNION.delegation(aud="https://autre.fr")),
        UNION.list(key=UNION.delegation(iss=kid(OTHER.root))),
        UNION.list(key=UNION.delegation(cnf=jwk(thief))),
        UNION.list(key=GOOD),
        UNION.list(key=None),
        UNION.list(key=7),
        token(thief, "list", claims, named),
        token(thief, "list", claims),
        token(UNION.list_key, "list", claims, {"kid": kid(thief)}),
        token(UNION.root, "list", claims),
        token(UNION.list_key, "identity", claims),
        theirs.list(iss=kid(UNION.root)),
    ):
        assert "revoked" == judged(GOOD, revocations)
    assert judged(GOOD, token(UNION.list_key, "list", claims)) is None


def delegated() -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(UNION.delegation(), options={"verify_signature": False})
    return claims


def test_a_list_key_vouches_for_nobody() -> None:
    """It may sign lists and nothing else."""
    assert "identity" == judged(token(UNION.list_key, "identity", CLAIMS))
    named = token(UNION.list_key, "identity", CLAIMS, {"kid": kid(UNION.root)})
    assert "identity" == judged(named)


def test_a_list_has_its_types() -> None:
    """A sequence, a list of names, times."""
    for other in ({"seq": None}, {"seq": -1}, {"revoked": "x"}, {"revoked": [7]}, {"exp": "soon"}):
        assert "revoked" == judged(GOOD, UNION.list(**other))


def test_a_credential_ends_with_the_latest_clock() -> None:
    """Whoever sets a clock back does not bring a credential back: the later one is given."""
    own, server = NOW, NOW + 31 * DAY_S

    assert "identity" == judged(now=max(own, server))


@given(st.text() | st.text("abcABC019-_."), st.text() | st.text("abcABC019-_."))
def test_any_text_is_refused(credential: str, revocations: str) -> None:
    """Nothing but Refused comes of it."""
    assert "identity" == judged(credential, revocations)
    assert "revoked" == judged(GOOD, revocations)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@given(JSON, JSON, st.sampled_from(sorted(CLAIMS)))
def test_any_signed_value_is_refused_or_read(header: object, value: object, name: str) -> None:
    """Even what a union signed is not trusted to have a form."""
    assert "identity" == judged(by_hand(header, CLAIMS))
    assert judged(by_hand(HEADER, value)) == "identity"
    judged(by_hand(HEADER, CLAIMS | {name: value}))


def test_deeply_nested_json_is_refused() -> None:
    """The bounded length is deep enough to overflow a parser."""
    nested = "[" * 3000 + "]" * 3000
    text = f"{encode(json.dumps(HEADER).encode())}.{encode(nested.encode()[:5000])}"

    assert "identity" == judged(f"{text}.{encode(UNION.root.sign(text.encode()))}")


def test_a_union_is_read_from_its_file() -> None:
    """Name, audience and root as the union's tool writes them."""
    file = {"v": 1, "name": "union", "audience": UNION.audience, "root": encode(public(UNION.root))}

    assert UNION.trusted == read_union(json.dumps(file))
    for other in ({"v": 2}, {"name": 1}, {"audience": None}, {"root": "AAAA"}, {"root": 7}):
        with pytest.raises(ValueError):
            read_union(json.dumps(file | other))
    with pytest.raises(ValueError, match="root key"):
        read_union(json.dumps(file | {"root": encode(bytes(32))}))
    for text in ("", "[]", "{}", "1"):
        with pytest.raises(ValueError):
            read_union(text)
