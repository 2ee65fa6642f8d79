"""What must be refused, for `make_sealed.py`: each row differs from a good message in one thing.

Where a bad message must get past a seal or a signature to be judged, it is sealed or signed
anew with the keys of the run.
"""

import json
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clients.peer.passkeys import Assertion, challenge
from clients.peer.sealed_letters import LETTER_SIZES
from clients.peer.sealing import NAME, expand, extract, framed, hashed, mac, pad, seal
from signaling.encoding import decode, encode
from tests.clients.authenticator import AUTHENTICATORS, UP, UV, Authenticator
from tests.clients.seal_cast import (
    DAY_S,
    NOW,
    TODAY,
    UNION,
    Union,
    jwk,
    key,
    kid,
    public,
    sdp,
    seed,
    token,
    written,
)

Object = dict[str, Any]


def flipped(text: bytes, at: int) -> bytes:
    at %= len(text)
    return text[:at] + bytes((text[at] ^ 1,)) + text[at + 1 :]


def refusals(runs: dict[str, Object]) -> list[Object]:
    """All rows: `at` says who reads what, `run` in which handshake."""
    run = runs["personal"]
    return [
        *m1(run, runs),
        *m2(run, runs["pool"]),
        *gestures(runs["passkey ES256"], runs["passkey EDDSA"], run),
        *m3(run),
        *m4(run),
        *records(run, runs["pool"]),
        *dtls(run),
        *envelopes(),
        *identities(),
    ]


def row(at: str, run: Object, name: str, message: bytes, code: str, **more: Any) -> Object:
    return {
        "at": at,
        "run": run["name"],
        "name": name,
        "message": encode(message),
        "code": code,
        **more,
    }


def signed(holder: bytes, before: bytes) -> bytes:
    return before + Ed25519PrivateKey.from_private_bytes(holder).sign(hashed("m1", before))


def m1(run: Object, runs: dict[str, Object]) -> list[Object]:
    good = decode(run["m1"])
    holder = decode(run["link"]["holder_seed"])
    token = run["link"]["token"].encode()
    body, resumed = good[:-64], decode(runs["resumed"]["m1"])
    pool, pool_holder = (
        decode(runs["pool"]["m1"])[:-64],
        decode(runs["pool"]["link"]["holder_seed"]),
    )
    other = Ed25519PrivateKey.from_private_bytes(seed("thief"))
    head, tail = body[:1218], body[1218 : -len(token) - 2]

    def with_token(text: bytes) -> bytes:
        return signed(holder, head + tail + len(text).to_bytes(2, "big") + text)

    def with_key(public: bytes) -> bytes:
        return signed(holder, body[:2] + public + body[1218:])

    other_holder = body[:1250] + other.public_key().public_bytes_raw() + body[1282:]
    nobody = body[:1250] + bytes(32) + body[1282:]
    rows = [
        ("nothing", b"", "form"),
        ("cut short", good[:-1], "form"),
        ("too long", good + b"\0", "form"),
        ("another version", signed(holder, b"\2" + body[1:]), "form"),
        ("an unknown flag", signed(holder, b"\1\5" + body[2:]), "form"),
        ("no token", with_token(b""), "form"),
        ("a token too long", with_token(b"a" * 1025), "form"),
        ("a token that is no text", with_token(b"\xff" * 8), "form"),
        ("an ML-KEM key out of range", with_key(b"\xff" * 1184 + body[1186:1218]), "form"),
        ("an X25519 key of small order", with_key(body[2:1186] + bytes(32)), "form"),
        ("a changed key", flipped(good, 2), "signature"),
        ("a changed commitment", flipped(good, 1218), "signature"),
        ("a changed signature", flipped(good, -1), "signature"),
        ("signed by another", body + other.sign(hashed("m1", body)), "signature"),
        ("signed for another purpose", body + other.sign(body), "signature"),
        ("a holder of small order", nobody + b"\1" + bytes(63), "signature"),
        ("an unknown token", with_token(b"cap1.unknown"), "token"),
        ("another holder", signed(seed("thief"), other_holder), "token"),
        ("an own link without its PSK", signed(holder, b"\1\0" + body[2:]), "token"),
        ("a pool's link with a PSK", signed(pool_holder, b"\1\1" + pool[2:]), "token"),
    ]
    resume_body = resumed[:-64]
    resume_rows = [
        ("back in without the resume secret", good, "resume"),
        ("back in with another", signed(holder, flipped(resume_body, -1)), "resume"),
        ("back in with no MAC", signed(holder, resume_body[:-32]), "form"),
    ]
    return [
        *(row("m1", run, *x) for x in rows),
        *(row("m1", runs["resumed"], *x) for x in resume_rows),
    ]


def sealed_m2(run: Object, text: bytes) -> bytes:
    return seal(decode(run["patient"]["kem_public"]), hashed("m2", decode(run["m1"])), text)


def m2_of(run: Object, letter: bytes, signer: str = "doctor", about: bytes | None = None) -> bytes:
    about = decode(run["m1"]) if about is None else about
    signature = key(signer).sign(hashed("m2 signature", about, letter))
    return sealed_m2(run, pad(framed(letter) + signature, LETTER_SIZES))


def changed(run: Object, which: str, **fields: Any) -> bytes:
    letter = {**json.loads(run[which]), **fields}
    present = {name: value for name, value in letter.items() if value is not None}
    return json.dumps(present, ensure_ascii=False, separators=(",", ":")).encode()


def m2(run: Object, other_run: Object) -> list[Object]:
    good, letter = decode(run["m2"]), run["m2_json"].encode()
    text = framed(letter) + decode(run["m2_signature"])
    device, foreign = key("doctor"), Union("a foreign union")
    rows = [
        ("nothing", b"", "sealed"),
        ("cut short", good[:-1], "sealed"),
        ("only a key", good[:1120], "sealed"),
        ("a changed key", flipped(good, 0), "sealed"),
        ("a changed text", flipped(good, -1), "sealed"),
        ("of another handshake", decode(other_run["m2"]), "sealed"),
        (
            "sealed for another M1",
            seal(
                decode(run["patient"]["kem_public"]),
                hashed("m2", decode(other_run["m1"])),
                pad(text, LETTER_SIZES),
            ),
            "sealed",
        ),
        ("not padded", sealed_m2(run, text.ljust(8192, b"\0")[:-1] + b"\1"), "form"),
        ("all zeros", sealed_m2(run, bytes(8192)), "form"),
        ("of another size", sealed_m2(run, pad(text, (4096,))), "form"),
        ("a length that lies", sealed_m2(run, pad(b"\0\0\0\1" + text[4:], LETTER_SIZES)), "form"),
        ("without a signature", sealed_m2(run, pad(framed(letter), LETTER_SIZES)), "form"),
        ("no JSON", m2_of(run, b"{"), "form"),
        ("no object", m2_of(run, b"[]"), "form"),
        ("no text", m2_of(run, b'{"v":1,"identity":"\xff"}'), "form"),
        ("another version", m2_of(run, changed(run, "m2_json", v=2)), "form"),
        ("a version that is true", m2_of(run, changed(run, "m2_json", v=True)), "form"),
        ("no nonce", m2_of(run, changed(run, "m2_json", r=None)), "form"),
        ("a short nonce", m2_of(run, changed(run, "m2_json", r="AAAA")), "form"),
        ("a padded nonce", m2_of(run, changed(run, "m2_json", r="A" * 43 + "=")), "form"),
        ("two spellings", m2_of(run, changed(run, "m2_json", r="A" * 42 + "B")), "form"),
        ("no key", m2_of(run, changed(run, "m2_json", pk=encode(b"\xff" * 1216))), "form"),
        ("a number", m2_of(run, changed(run, "m2_json", offer=1)), "form"),
        ("a yes that is text", m2_of(run, changed(run, "m2_json", restarts="true")), "form"),
        (
            "a foreign union",
            m2_of(
                run,
                changed(run, "m2_json", identity=foreign.identity(device), list=foreign.list()),
            ),
            "identity",
        ),
        ("no identity", m2_of(run, changed(run, "m2_json", identity="")), "identity"),
        ("no list", m2_of(run, changed(run, "m2_json", list="")), "revoked"),
        ("signed by another", m2_of(run, letter, signer="thief"), "signature"),
        (
            "signed for another M1",
            m2_of(run, letter, about=decode(other_run["m1"])),
            "signature",
        ),
        (
            "another doctor",
            m2_of(
                run,
                changed(
                    run,
                    "m2_json",
                    identity=UNION.identity(key("thief"), handle=encode(b"another handle!!")),
                ),
                signer="thief",
            ),
            "handle",
        ),
        (
            "two fingerprints",
            m2_of(run, changed(run, "m2_json", offer=sdp(9, 9).replace("AB", "CD", 32))),
            "description",
        ),
    ]
    return [row("m2", run, *x) for x in rows]


def gestures(run: Object, eddsa: Object, unasked: Object) -> list[Object]:
    """M2 whose gesture is none, or not the day's; each signed by the device as it should be."""
    es256, by_eddsa = AUTHENTICATORS
    device = public(key("doctor"))
    good = es256.asserts(TODAY, device)
    r, s = decode_dss_signature(good.signature)
    spelled = {
        "with a byte more": good.signature + b"\0",
        "with a length that lies": b"\x30" + bytes((good.signature[1] + 1,)) + good.signature[2:],
        "with a long length": b"\x30\x81" + good.signature[1:],
        "that is no DER": r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        "with a needless zero": der(b"\0" + minimal(r), minimal(s)),
        "of a negative number": der(minimal(r - 2**256), minimal(s)),
        "of zeros": der(b"\0", b"\0"),
        "of nothing": der(b"", b"") + bytes(2),
    }
    bad: list[tuple[str, Any, str]] = [
        ("missing", None, "passkey"),
        ("of the day before yesterday", es256.asserts(TODAY - 2, device), "passkey"),
        ("of tomorrow", es256.asserts(TODAY + 1, device), "passkey"),
        ("for another device", es256.asserts(TODAY, public(key("thief"))), "passkey"),
        ("of another passkey", Authenticator(name=8).asserts(TODAY, device), "passkey"),
        ("by another algorithm", by_eddsa.asserts(TODAY, device), "passkey"),
        ("that makes a passkey", es256.asserts(TODAY, device, type="webauthn.create"), "passkey"),
        ("with a padded challenge", es256.asserts(TODAY, device, challenge=PADDED), "passkey"),
        ("without an origin", es256.asserts(TODAY, device, origin=None), "passkey"),
        ("on another page", es256.asserts(TODAY, device, origin="https://autre.fr"), "passkey"),
        ("in another's page", es256.asserts(TODAY, device, crossOrigin=True), "passkey"),
        ("for another host", es256.asserts(TODAY, device, rp="autre.fr"), "passkey"),
        ("of nobody", es256.asserts(TODAY, device, flags=UV), "passkey"),
        ("of nobody verified", es256.asserts(TODAY, device, flags=UP), "passkey"),
        ("that is no JSON", es256.signed(good.data, b"{"), "passkey"),
        ("that is a list", es256.signed(good.data, b"[]"), "passkey"),
        ("with a mark", es256.signed(good.data, b"\xef\xbb\xbf" + good.client), "passkey"),
        ("changed afterwards", replace(good, data=flipped(good.data, -1)), "passkey"),
        *(
            (f"signature {name}", replace(good, signature=signature), "passkey")
            for name, signature in spelled.items()
        ),
        ("with data cut short", es256.signed(good.data[:-1], good.client), "form"),
        ("with too much data", es256.signed(good.data + bytes(92), good.client), "form"),
        ("with too long a text", es256.signed(good.data, good.client.ljust(513)), "form"),
        ("with a signature cut short", replace(good, signature=bytes(7)), "form"),
        ("with too long a signature", replace(good, signature=bytes(73)), "form"),
    ]
    rows = [row("m2", run, f"gesture {name}", m2_with(run, x), code) for name, x, code in bad]
    flipped_one = replace(
        by_eddsa.asserts(TODAY, device),
        signature=flipped(by_eddsa.asserts(TODAY, device).signature, -1),
    )
    return [
        *rows,
        row(
            "m2",
            run,
            "gesture that is text",
            m2_of(run, changed(run, "m2_json", passkey="x")),
            "form",
        ),
        row("m2", run, "gesture that is null", m2_of(run, nulled(run)), "form"),
        row("m2", eddsa, "gesture changed afterwards", m2_with(eddsa, flipped_one), "passkey"),
        row("m2", eddsa, "gesture by another algorithm", m2_with(eddsa, good), "passkey"),
        row("m2", unasked, "gesture unasked", m2_with(unasked, good), "passkey"),
    ]


PADDED = encode(challenge(TODAY, public(key("doctor")))) + "="


def m2_with(run: Object, gesture: Assertion | None) -> bytes:
    return m2_of(run, changed(run, "m2_json", passkey=written(gesture)))


def nulled(run: Object) -> bytes:
    letter = {**json.loads(run["m2_json"]), "passkey": None}
    return json.dumps(letter, ensure_ascii=False, separators=(",", ":")).encode()


def minimal(number: int) -> bytes:
    """A number as DER writes it."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def der(r: bytes, s: bytes) -> bytes:
    """An ECDSA signature of two numbers, each as it is given."""
    body = b"".join(b"\2" + bytes((len(x),)) + x for x in (r, s))
    return b"\x30" + bytes((len(body),)) + body


def m3_of(run: Object, letter: bytes, psk: bytes | None = None, text: bytes | None = None) -> bytes:
    m1, m2 = decode(run["m1"]), decode(run["m2"])
    text = pad(framed(letter), LETTER_SIZES) if text is None else text
    sealed = seal(decode(run["doctor"]["kem_public"]), hashed("m3", m1, m2), text)
    transcript = hashed("transcript", m1, m2, sealed)
    psk = decode(run["link"]["psk"]) if psk is None else psk
    k = extract(transcript, psk + decode(run["doctor"]["seed"]) + decode(run["patient"]["seed"]))
    return sealed + mac(expand(k, "confirm patient"), transcript)


def m3(run: Object) -> list[Object]:
    good, letter = decode(run["m3"]), run["m3_json"].encode()
    elsewhere = seal(
        decode(run["doctor"]["kem_public"]),
        hashed("m3", decode(run["m1"]), decode(run["m1"])),
        pad(framed(letter), LETTER_SIZES),
    )
    other_nonce = changed(run, "m3_json", r=encode(bytes(32)))
    two = sdp(9, 9).replace("AB", "CD", 32)
    rows = [
        ("nothing", b"", "sealed"),
        ("only a MAC", good[-32:], "sealed"),
        ("cut short", good[:-1], "sealed"),
        ("a changed text", flipped(good, 1120), "sealed"),
        ("sealed for another M2", elsewhere + good[-32:], "sealed"),
        ("of another size", m3_of(run, letter, text=pad(framed(letter), (4096,))), "form"),
        ("one byte more", m3_of(run, letter, text=pad(framed(letter) + b"a", (8192,))), "form"),
        ("another version", m3_of(run, changed(run, "m3_json", v=2)), "form"),
        ("no seed", m3_of(run, changed(run, "m3_json", seed=None)), "form"),
        ("another nonce than promised", m3_of(run, other_nonce), "commitment"),
        ("a changed MAC", flipped(good, -1), "confirmation"),
        ("without the link's secret", m3_of(run, letter, psk=bytes(32)), "confirmation"),
        ("two fingerprints", m3_of(run, changed(run, "m3_json", answer=two)), "description"),
    ]
    return [row("m3", run, *x) for x in rows]


def m4(run: Object) -> list[Object]:
    good = decode(run["m4"])
    rows = [
        ("nothing", b""),
        ("cut short", good[:-1]),
        ("changed", flipped(good, 0)),
        ("the patient's own", decode(run["mac_patient"])),
    ]
    return [row("m4", run, name, message, "confirmation") for name, message in rows]


def a_record(run: Object, role: str, counter: int, padded: bytes) -> bytes:
    keys = run["keys"][role]
    nonce = int.from_bytes(decode(keys["iv"]), "big") ^ counter
    return AESGCM(decode(keys["key"])).encrypt(
        nonce.to_bytes(12, "big"), padded, NAME + decode(run["session"])
    )


def records(run: Object, other_run: Object) -> list[Object]:
    """The doctor reads, having read `counter` records before."""
    first, second, third = (decode(x["record"]) for x in run["records"][:3])
    own = next(decode(x["record"]) for x in run["records"] if x["from"] == "doctor")
    other = decode(other_run["records"][0]["record"])
    small = a_record(run, "patient", 0, b"a\x80" + bytes(30))
    unpadded = a_record(run, "patient", 0, bytes(256))
    no_text = a_record(run, "patient", 0, b"\xff\x80" + bytes(254))
    rows = [
        ("nothing", b"", "record", 0),
        ("changed", flipped(first, 0), "record", 0),
        ("a changed tag", flipped(first, -1), "record", 0),
        ("cut short", first[:-1], "record", 0),
        ("repeated", first, "record", 1),
        ("out of order", third, "record", 1),
        ("one left out", second, "record", 0),
        ("reflected", own, "record", 0),
        ("of another session", other, "record", 0),
        ("of another size", small, "record", 0),
        ("not padded", unpadded, "form", 0),
        ("no text", no_text, "form", 0),
    ]
    return [
        row("record", run, name, message, code, reader="doctor", counter=counter)
        for name, message, code, counter in rows
    ]


def dtls(run: Object) -> list[Object]:
    """The doctor checks the patient's proof, between two certificates of a live transport."""
    certificates, proofs = run["dtls"]["certificates"], run["dtls"]["proofs"]
    own, far = certificates["doctor"], certificates["patient"]
    good = decode(proofs["patient"])
    stranger = encode(hashed("certificate", b"stranger"))
    rows = [
        ("nothing", b"", own, far),
        ("changed", flipped(good, 0), own, far),
        ("the own one reflected", decode(proofs["doctor"]), own, far),
        ("another certificate at the far end", good, own, stranger),
        ("another certificate at this end", good, stranger, far),
        ("certificates exchanged", good, far, own),
    ]
    return [
        row("dtls", run, name, message, "certificate", reader="doctor", own=mine, far=theirs)
        for name, message, mine, theirs in rows
    ]


def envelopes() -> list[Object]:
    rows = [("nothing", b""), ("kind 0", b"\0a"), ("kind 7", b"\7a"), ("a wordy knock", b"\6a")]
    return [row("envelope", {"name": None}, name, message, "form") for name, message in rows]


def identities() -> list[Object]:
    """A credential and a list, judged at `now`."""
    device, other = key("doctor"), Union("another union")
    good, a_list = UNION.identity(device), UNION.list()
    jti = UNION.identity_claims(device)["jti"]
    claims = UNION.identity_claims(device)
    head, payload, _ = good.split(".")
    root_jwk = jwk(UNION.root)["jwk"]
    exp, nbf = claims["exp"], claims["nbf"]
    es256, null = AUTHENTICATORS[0].jwk["jwk"], claims | {"passkey": None}
    rows = [
        ("nothing", "", a_list, NOW, "identity"),
        ("a changed signature", f"{head}.{payload}.{'A' * 86}", a_list, NOW, "identity"),
        ("another spelling", good + "=", a_list, NOW, "identity"),
        ("expired", good, UNION.list(iat=exp - 60, exp=exp + 60), exp, "identity"),
        ("early", good, UNION.list(iat=nbf - 120, exp=nbf), nbf - 61, "identity"),
        ("another audience", UNION.identity(device, aud="https://x.fr"), a_list, NOW, "identity"),
        ("two audiences", UNION.identity(device, aud=[UNION.audience]), a_list, NOW, "identity"),
        ("another issuer", UNION.identity(device, iss=kid(other.root)), a_list, NOW, "identity"),
        ("another's key", token(other.root, "identity", claims), a_list, NOW, "identity"),
        (
            "under a foreign name",
            token(key("thief"), "identity", claims, {"kid": kid(UNION.root)}),
            a_list,
            NOW,
            "identity",
        ),
        ("for another purpose", token(UNION.root, "access", claims), a_list, NOW, "identity"),
        (
            "a key in the header",
            token(UNION.root, "identity", claims, {"jwk": root_jwk}),
            a_list,
            NOW,
            "identity",
        ),
        (
            "an address in the header",
            token(UNION.root, "identity", claims, {"jku": "https://x.fr"}),
            a_list,
            NOW,
            "identity",
        ),
        ("no algorithm", unsigned(claims, "none"), a_list, NOW, "identity"),
        ("a shared key", unsigned(claims, "HS256"), a_list, NOW, "identity"),
        (
            "no card",
            token(UNION.root, "identity", without(claims, "card")),
            a_list,
            NOW,
            "identity",
        ),
        ("no key", token(UNION.root, "identity", without(claims, "cnf")), a_list, NOW, "identity"),
        ("no end", token(UNION.root, "identity", without(claims, "exp")), a_list, NOW, "identity"),
        (
            "a key of small order",
            UNION.identity(
                device, cnf={"jwk": {"kty": "OKP", "crv": "Ed25519", "x": encode(bytes(32))}}
            ),
            a_list,
            NOW,
            "identity",
        ),
        *(
            (f"a passkey {name}", UNION.identity(device, passkey=claim), a_list, NOW, "identity")
            for name, claim in (
                ("without a key", {}),
                ("of another curve", {"jwk": {**es256, "crv": "P-384"}}),
                ("of another kind", {"jwk": {**es256, "kty": "RSA"}}),
                ("of half a point", {"jwk": {**es256, "y": None}}),
                ("cut short", {"jwk": {**es256, "x": "AAAA"}}),
                ("that is text", "x"),
            )
        ),
        ("a passkey that is null", token(UNION.root, "identity", null), a_list, NOW, "identity"),
        ("no list", good, "", NOW, "revoked"),
        ("on the list", good, UNION.list(jti), NOW, "revoked"),
        ("a stale list", good, a_list, NOW + 3600, "revoked"),
        ("a list from tomorrow", good, UNION.list(iat=NOW + 61), NOW, "revoked"),
        ("a list for too long", good, UNION.list(exp=NOW + DAY_S), NOW, "revoked"),
        ("another union's list", good, other.list(), NOW, "revoked"),
        ("a list for another audience", good, UNION.list(aud="https://x.fr"), NOW, "revoked"),
        ("a list of another issuer", good, UNION.list(iss=kid(other.root)), NOW, "revoked"),
        ("a list without a sequence", good, UNION.list(seq=None), NOW, "revoked"),
        ("a list without a delegation", good, UNION.list(key=None), NOW, "revoked"),
        (
            "a list under another's delegation",
            good,
            UNION.list(key=other.delegation(cnf=jwk(UNION.list_key))),
            NOW,
            "revoked",
        ),
        (
            "a delegation to another key",
            good,
            UNION.list(key=UNION.delegation(cnf=jwk(key("thief")))),
            NOW,
            "revoked",
        ),
        (
            "a delegation that ended",
            good,
            UNION.list(key=UNION.delegation(exp=NOW)),
            NOW,
            "revoked",
        ),
        (
            "a delegation to come",
            good,
            UNION.list(key=UNION.delegation(nbf=NOW + 61)),
            NOW,
            "revoked",
        ),
        ("a credential for a delegation", good, UNION.list(key=good), NOW, "revoked"),
        ("a credential for a list", good, good, NOW, "revoked"),
        (
            "a list under a foreign name",
            good,
            token(
                key("thief"),
                "list",
                {
                    "iss": kid(UNION.root),
                    "aud": UNION.audience,
                    "iat": NOW - 60,
                    "exp": NOW + 60,
                    "seq": 9,
                    "key": UNION.delegation(),
                    "revoked": [],
                },
                {"kid": kid(UNION.list_key)},
            ),
            NOW,
            "revoked",
        ),
    ]
    return [
        {
            "at": "identity",
            "run": None,
            "name": name,
            "identity": credential,
            "list": revocations,
            "now": now,
            "code": code,
        }
        for name, credential, revocations, now, code in rows
    ]


def without(claims: Object, name: str) -> Object:
    return {key: value for key, value in claims.items() if key != name}


def unsigned(claims: Object, algorithm: str) -> str:
    """What older libraries took: no signature, or a MAC under the public key."""
    header = {"alg": algorithm, "typ": "teleconsult-identity+jwt", "kid": kid(UNION.root)}
    text = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    return text + "." + encode(mac(UNION.trusted.root, text.encode()) * 2)
