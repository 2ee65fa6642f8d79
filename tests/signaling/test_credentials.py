"""What a union signed, as the server reads it: one form, and none of the known tricks."""

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.union import credentials as signing
from clients.union import requests, tokens, unions
from clients.union.keys import signing_key
from signaling.admission import NotAdmitted
from signaling.credentials import (
    LIST_LIFETIME_MAX_S,
    Access,
    RevocationList,
    issuer_of,
    read_access,
    read_list,
    read_union,
)
from signaling.encoding import encode
from tests.dice import Dice
from tests.unions import DAY, NOW, ORIGIN, QUEUE, ADevice, AUnion, key_of, some_key

UNION, OTHER = AUnion(), AUnion(1)
SEEN = UNION.trusted().union
SEED = b"d" * 32
SIGNED = UNION.access(SEED)
HEADER = {"alg": "EdDSA", "typ": "teleconsult-access+jwt", "kid": UNION.id}
CLAIMS = tokens.unchecked(SIGNED.token)
LIST_CLAIMS = tokens.unchecked(UNION.list())


def code_of(token: str, now: float = NOW) -> str:
    with pytest.raises(NotAdmitted) as raised:
        read_access(token, SEEN, now)
    return raised.value.code


def list_code_of(token: str, now: float = NOW) -> str:
    with pytest.raises(NotAdmitted) as raised:
        read_list(token, SEEN, now)
    return raised.value.code


def signed(header: dict[str, Any], claims: object, seed: bytes = UNION.root.seed) -> str:
    """Any header and claims, rightly signed by a key of ours."""
    text = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{encode(signing_key(seed).sign(text.encode()))}"


# Access


def test_an_access_credential_is_read() -> None:
    """Key, queues, id; and the handle of who wants links."""
    with_links = UNION.access(SEED, handle=some_key()).token

    assert Access(SIGNED.jti, key_of(SEED), "doctor", (QUEUE,), "", SIGNED.ends) == read_access(
        SIGNED.token, SEEN, NOW
    )
    assert some_key() == read_access(with_links, SEEN, NOW).handle
    assert read_access(signed(HEADER, CLAIMS), SEEN, NOW) == read_access(SIGNED.token, SEEN, NOW)


@pytest.mark.parametrize(
    "more",
    [
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": encode(OTHER.root.public_key)}},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AAAA"]},
        {"crit": ["exp"]},
        {"b64": False},
        {"cty": "JWT"},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "Ed25519"},
        {"typ": "JWT"},
        {"kid": OTHER.id},
    ],
    ids=str,
)
def test_a_header_of_any_other_form_is_refused(more: dict[str, Any]) -> None:
    """Even rightly signed: no key, no place to fetch one, no algorithm comes from a token."""
    assert "not-admitted" == code_of(signed({**HEADER, **more}, CLAIMS))


@pytest.mark.parametrize("missing", HEADER)
def test_a_header_without_any_of_the_three_is_refused(missing: str) -> None:
    """Exactly `alg`, `typ` and `kid`."""
    header = {name: value for name, value in HEADER.items() if name != missing}

    assert "not-admitted" == code_of(signed(header, CLAIMS))


def test_an_unsigned_token_is_refused() -> None:
    """`alg` none, with and without the dot."""
    stem = ".".join(
        encode(json.dumps(part).encode()) for part in ({**HEADER, "alg": "none"}, CLAIMS)
    )

    assert {"not-admitted"} == {code_of(stem), code_of(stem + ".")}


def test_a_public_key_is_no_shared_secret() -> None:
    """HS256 under the root's public key, in whatever header, opens nothing."""
    for alg in ("HS256", "EdDSA"):
        stem = ".".join(
            encode(json.dumps(part).encode()) for part in ({**HEADER, "alg": alg}, CLAIMS)
        )
        mac = hmac.digest(UNION.root.public_key, stem.encode(), hashlib.sha256)
        assert "not-admitted" == code_of(f"{stem}.{encode(mac)}")


def test_an_identity_is_no_access() -> None:
    """What is shown to patients opens no door, though the same root signed it."""
    request = requests.read(ADevice(Dice()).request())
    card = signing.Card("Dr A", "Médecine générale")
    identity = signing.identity(UNION.root, ORIGIN, request, card, 1, NOW, Dice())

    assert "not-admitted" == code_of(identity.token)
    assert "not-admitted" == code_of(UNION.list()) == code_of(UNION.delegation())
    assert "not-admitted" == list_code_of(SIGNED.token)


@pytest.mark.parametrize(
    "more",
    [
        {"aud": "https://other.example"},
        {"aud": [ORIGIN]},
        {"iss": OTHER.id},
        {"role": "patient"},
        {"role": None},
        {"role": "admin"},
        {"role": ["doctor"]},
        {"role": "Staff"},
        {"queues": ["é"]},
        {"queues": "medecine"},
        {"queues": ["q"] * 64},
        {"queues": [some_key()]},
        {"handle": "short"},
        {"cnf": {"jkt": "short"}},
        {"cnf": {"jwk": {}}},
        {"cnf": {"jkt": some_key(), "jwk": {}}},
        {"exp": "tomorrow"},
        {"exp": True},
        {"nbf": -1},
        {"card": {"name": "Dr A"}},
        {"jti": ""},
    ],
    ids=str,
)
def test_other_claims_are_refused(more: dict[str, Any]) -> None:
    """Another service, another union, another shape, or more than the server may know."""
    assert "not-admitted" == code_of(signed(HEADER, {**CLAIMS, **more}))


HANDLE_LIKE_A_PROBE = "probe-AAAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    "more",
    [
        {"role": "doctor", "queues": ["probe"]},
        {"role": "doctor", "queues": [QUEUE, "probe-2"]},
        {"role": "doctor", "handle": HANDLE_LIKE_A_PROBE},
        {"role": "probe", "queues": []},
        {"role": "probe", "queues": [QUEUE]},
        {"role": "probe", "queues": ["probe", QUEUE]},
        {"role": "probe", "queues": ["probes"]},
        {"role": "probe", "queues": ["probe"], "handle": some_key()},
        {"role": "probe", "queues": [HANDLE_LIKE_A_PROBE]},
        {"role": "staff", "queues": [QUEUE]},
        {"role": "staff", "queues": ["probe"]},
        {"role": "staff", "queues": [], "handle": some_key()},
    ],
    ids=str,
)
def test_a_role_names_nothing_of_another(more: dict[str, Any]) -> None:
    """People's queues are for doctors, the probe's for probes, and staff has none."""
    assert "not-admitted" == code_of(signed(HEADER, {**CLAIMS, **more}))


@pytest.mark.parametrize(
    ("role", "queues"), [("probe", ("probe",)), ("probe", ("probe-2", "probe")), ("staff", ())]
)
def test_probe_and_staff_are_read(role: signing.Role, queues: tuple[str, ...]) -> None:
    """By the union's own tool, as a doctor's."""
    token = UNION.access(SEED, queues, role=role).token

    access = read_access(token, SEEN, NOW)
    assert (role, queues, "") == (access.role, access.queues, access.handle)


def test_a_credential_holds_for_its_time() -> None:
    """A minute of a slow clock before, not a moment after."""
    begins, ends = DAY * 86_400 + 4 * 3600, DAY * 86_400 + 34 * 3600

    read_access(SIGNED.token, SEEN, begins - 60)
    read_access(SIGNED.token, SEEN, ends - 0.001)
    assert "early" == code_of(SIGNED.token, begins - 60.001)
    assert "expired" == code_of(SIGNED.token, ends)


def test_another_unions_credential_is_refused() -> None:
    """Even when it calls itself ours."""
    forged = signed(HEADER, CLAIMS, OTHER.root.seed)

    assert {"not-admitted"} == {code_of(forged), code_of(OTHER.access(SEED).token)}


def test_every_changed_letter_is_refused() -> None:
    """Header, claims, signature, and each dot."""
    token = SIGNED.token
    for position in range(len(token)):
        other = "A" if token[position] != "A" else "B"
        assert "not-admitted" == code_of(token[:position] + other + token[position + 1 :])


# Lists


def test_a_list_is_read() -> None:
    """Number, end, ids."""
    assert RevocationList(7, NOW + 86_400, frozenset({some_key()})) == read_list(
        UNION.list([some_key()], seq=7), SEEN, NOW
    )


def test_the_list_for_patients_is_no_list_for_servers() -> None:
    """It names identities, and no credential that a server sees."""
    assert "not-admitted" == list_code_of(UNION.list(typ=tokens.LIST))


def test_a_list_holds_for_a_day() -> None:
    """Whatever it says of itself."""
    header = {"alg": "EdDSA", "typ": "teleconsult-access-list+jwt", "kid": key_of(UNION.list_seed)}
    endless = {**LIST_CLAIMS, "exp": NOW + LIST_LIFETIME_MAX_S + 1}

    read_list(signed(header, LIST_CLAIMS, UNION.list_seed), SEEN, NOW)
    assert "not-admitted" == list_code_of(signed(header, endless, UNION.list_seed))
    assert "expired" == list_code_of(UNION.list(), NOW + 86_400)
    assert "early" == list_code_of(UNION.list(), NOW - 61)


@pytest.mark.parametrize(
    "more",
    [
        {"aud": "https://other.example"},
        {"iss": OTHER.id},
        {"key": OTHER.delegation()},
        {"key": SIGNED.token},
        {"key": None},
        {"revoked": ["short"]},
        {"revoked": None},
        {"seq": -1},
        {"more": 1},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_list_of_another_form_is_refused(more: dict[str, Any]) -> None:
    """Though signed by the list key."""
    header = {"alg": "EdDSA", "typ": "teleconsult-access-list+jwt", "kid": key_of(UNION.list_seed)}

    assert "not-admitted" == list_code_of(signed(header, {**LIST_CLAIMS, **more}, UNION.list_seed))


def test_a_list_key_vouches_for_no_doctor() -> None:
    """It lies on a machine that never sleeps: stolen, it can forget revocations for a day."""
    header = {**HEADER, "kid": key_of(UNION.list_seed)}

    assert "not-admitted" == code_of(signed(header, CLAIMS, UNION.list_seed))
    assert "not-admitted" == code_of(signed(HEADER, CLAIMS, UNION.list_seed))


# Unions


def test_a_union_is_read() -> None:
    """With its name, which is handed on to pages; a demonstration's says that it is one."""
    assert (UNION.id, ORIGIN, UNION.root.public_key) == (SEEN.id, SEEN.audience, SEEN.root)
    assert (UNION.public.name, False) == (SEEN.name, SEEN.is_demo)
    assert read_union(unions.write(replace(UNION.public, is_demo=True))).is_demo


@pytest.mark.parametrize(
    "more",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "a" * 81},
        {"name": "a\u202eb"},
        {"name": 1},
        {"demo": "yes"},
        {"v": 2},
        {"colour": "green"},
    ],
    ids=str,
)
def test_a_union_that_pages_could_not_show_is_none(more: dict[str, Any]) -> None:
    """What is handed on to every page is in order, or not trusted."""
    with pytest.raises(NotAdmitted):
        read_union(json.dumps({**unions.as_json(UNION.public), **more}))


def test_a_root_of_small_order_is_no_union() -> None:
    """Anybody could sign for it."""
    text = unions.write(unions.Union("U", ORIGIN, bytes(32)))

    with pytest.raises(NotAdmitted):
        read_union(text)


@given(st.text(max_size=60) | st.text("eyJ.A-_9", max_size=60) | st.just("[" * 1000))
def test_any_other_text_is_refused(text: str) -> None:
    """Never another exception."""
    assert "not-admitted" == code_of(text) == list_code_of(text)
    assert "" == issuer_of(text)
    with pytest.raises(NotAdmitted):
        read_union(text)


@given(
    st.dictionaries(
        st.sampled_from(sorted(CLAIMS)), st.none() | st.text() | st.integers() | st.lists(st.text())
    )
)
def test_any_claims_are_an_access_or_refused(more: dict[str, Any]) -> None:
    """Whatever a union's own tool might sign by mistake."""
    try:
        assert isinstance(read_access(signed(HEADER, {**CLAIMS, **more}), SEEN, NOW), Access)
    except NotAdmitted:
        pass
