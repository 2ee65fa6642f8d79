"""Make `sealed.json`: what both implementations of the seal must compute, open and refuse.

Run once, by hand: `python -m tests.vectors.make_sealed`. HPKE draws randomness of its own, so
that a second run writes other ciphertexts; the file is frozen, and `test_sealed_vectors.py`
computes everything else in it again.

The shape is in `README.md` beside it.
"""

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clients.peer.channel import RECORD_SIZES
from clients.peer.sealed_letters import LETTER_SIZES, Link
from clients.peer.sealing import (
    NAME,
    expand,
    extract,
    framed,
    hashed,
    kem_key,
    mac,
    pad,
    seal,
    thumb,
)
from signaling.encoding import encode
from tests.clients.authenticator import AUTHENTICATORS, Authenticator
from tests.clients.seal_cast import (
    ANSWER,
    CONNECTION,
    NOW,
    OFFER,
    POOL_TOKEN,
    SECRET,
    TODAY,
    TOKEN,
    UNION,
    Union,
    key,
    personal,
    pool,
    public,
    sdp,
    seed,
    written,
)
from tests.vectors.sealed_refusals import refusals

FILE = Path(__file__).with_name("sealed.json")

Object = dict[str, Any]


def b(text: bytes) -> str:
    return encode(text)


def parts() -> Object:
    """Each primitive of the specification's §1 by itself."""
    key_pair = kem_key(seed("xwing"))
    edges = [(n, list(RECORD_SIZES)) for n in (0, 1, 255, 256, 1023, 1024, 4095, 4096, 16383)]
    edges += [(n, list(LETTER_SIZES)) for n in (0, 8191, 8192, 16383)]
    return {
        "hash": [
            {"label": label, "parts": [b(x) for x in texts], "out": b(hashed(label, *texts))}
            for label, texts in (
                ("m1", ()),
                ("m1", (b"",)),
                ("commit", (b"ab", b"c")),
                ("commit", (b"a", b"bc")),
            )
        ],
        "mac": [{"key": b(seed("k")), "text": b(b"text"), "out": b(mac(seed("k"), b"text"))}],
        "extract": [
            {"salt": b(NAME), "secret": b(SECRET), "out": b(extract(NAME, SECRET))},
        ],
        "expand": [
            {
                "key": b(seed("k")),
                "label": label,
                "size": size,
                "out": b(expand(seed("k"), label, size)),
            }
            for label, size in (("holder", 32), ("iv patient", 12), ("session", 16))
        ],
        "thumb": [{"text": b(b"text"), "out": b(thumb(b"text"))}],
        "pad": [
            {"length": n, "sizes": sizes, "padded": b(pad(b"a" * n, sizes))[-64:]}
            | {"size": len(pad(b"a" * n, sizes))}
            for n, sizes in edges
        ]
        + [
            {"length": sizes[-1], "sizes": sizes, "padded": None, "size": None}
            for sizes in (list(RECORD_SIZES), list(LETTER_SIZES))
        ],
        "kem": [{"seed": b(seed("xwing")), "public": b(key_pair.public)}],
        "hpke": [
            {
                "seed": b(seed("xwing")),
                "info": b(info),
                "text": b(text),
                "sealed": b(seal(key_pair.public, info, text)),
            }
            for info, text in ((b"info", b"text"), (b"", b""))
        ],
    }


def link_of(link: Link) -> Object:
    holder = public_of(link.holder_seed)
    return {
        "token": link.token,
        "secret": b(SECRET) if link.psk else None,
        "link_public": b(public(key("link"))) if link.psk else None,
        "handle": None if link.handle is None else b(link.handle),
        "holder_seed": b(link.holder_seed),
        "holder": b(holder),
        "holder_thumb": b(thumb(holder)),
        "psk": None if link.psk is None else b(link.psk),
    }


def public_of(private: bytes) -> bytes:
    return public(Ed25519PrivateKey.from_private_bytes(private))


def compact(value: Object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def a_run(
    name: str,
    link: Link,
    resume: bytes | None = None,
    authenticator: Authenticator | None = None,
) -> Object:
    """A whole handshake, written out step by step and not by the code under test."""
    kem_p, kem_d = kem_key(seed(f"{name} kem p")), kem_key(seed(f"{name} kem d"))
    r_p, r_d = seed(f"{name} r p"), seed(f"{name} r d")
    seed_p, seed_d = seed(f"{name} seed p"), seed(f"{name} seed d")
    device, holder = key("doctor"), Ed25519PrivateKey.from_private_bytes(link.holder_seed)

    flags = (1 if link.psk else 0) | (2 if resume else 0)
    commitment = hashed("commit", r_p, kem_p.public)
    m1 = bytes((1, flags)) + kem_p.public + commitment + public(holder)
    m1 += len(link.token).to_bytes(2, "big") + link.token.encode()
    if resume:
        m1 += mac(resume, hashed("resume", m1))
    m1 += holder.sign(hashed("m1", m1))

    identity, gesture = UNION.identity(device), None
    if authenticator:
        identity = UNION.identity(device, passkey=authenticator.jwk)
        gesture = written(authenticator.asserts(TODAY, public(device)))
    m2_json = compact(
        {
            "v": 1,
            "identity": identity,
            "list": UNION.list(),
            "pk": b(kem_d.public),
            "r": b(r_d),
            "seed": b(seed_d),
            "connection": CONNECTION,
            "restarts": True,
            "offer": OFFER,
        }
        | ({"passkey": gesture} if gesture else {})
    )
    signature = device.sign(hashed("m2 signature", m1, m2_json))
    m2 = seal(kem_p.public, hashed("m2", m1), pad(framed(m2_json) + signature, LETTER_SIZES))

    m3_json = compact({"v": 1, "r": b(r_p), "seed": b(seed_p), "restarts": True, "answer": ANSWER})
    sealed = seal(kem_d.public, hashed("m3", m1, m2), pad(framed(m3_json), LETTER_SIZES))

    transcript = hashed("transcript", m1, m2, sealed)
    k = extract(transcript, (link.psk or bytes(32)) + seed_d + seed_p)
    mac_p, m4 = (mac(expand(k, f"confirm {role}"), transcript) for role in ("patient", "doctor"))
    digits = mac(r_p + r_d, hashed("digits", m1, m2_json))[:8]
    sid = expand(k, "session", 16)
    certificates = {role: hashed("certificate", role.encode()) for role in ("patient", "doctor")}
    return {
        "name": name,
        "link": link_of(link),
        "resumes": None if resume is None else b(resume),
        "patient": {
            "kem_seed": b(seed(f"{name} kem p")),
            "kem_public": b(kem_p.public),
            "r": b(r_p),
            "commitment": b(commitment),
            "seed": b(seed_p),
        },
        "doctor": {
            "device_seed": b(seed("doctor")),
            "device": b(public(device)),
            "kem_seed": b(seed(f"{name} kem d")),
            "kem_public": b(kem_d.public),
            "r": b(r_d),
            "seed": b(seed_d),
            "identity": identity,
            "passkey": gesture,
        },
        "m1": b(m1),
        "m2_json": m2_json.decode(),
        "m2_signature": b(signature),
        "m2_info": b(hashed("m2", m1)),
        "m2": b(m2),
        "m3_json": m3_json.decode(),
        "m3_info": b(hashed("m3", m1, m2)),
        "m3": b(sealed + mac_p),
        "transcript": b(transcript),
        "k": b(k),
        "mac_patient": b(mac_p),
        "m4": b(m4),
        "digits": f"{int.from_bytes(digits, 'big') % 1_000_000:06d}",
        "session": b(sid),
        "keys": {
            role: {"key": b(expand(k, f"key {role}")), "iv": b(expand(k, f"iv {role}", 12))}
            for role in ("patient", "doctor")
        },
        "records": [
            {"from": role, "counter": i, "text": text, "record": b(record(k, sid, role, i, text))}
            for role in ("patient", "doctor")
            for i, text in enumerate(TEXTS if name == "personal" else TEXTS[:3])
        ],
        "resume": b(expand(k, "resume", 16)),
        "dtls": {
            "key": b(expand(k, "dtls")),
            "certificates": {role: b(x) for role, x in certificates.items()},
            "proofs": {
                role: b(
                    mac(
                        expand(k, "dtls"),
                        hashed("dtls", role.encode(), certificates[role], certificates[far]),
                    )
                )
                for role, far in (("patient", "doctor"), ("doctor", "patient"))
            },
        },
    }


# What a record holds: nothing, a letter, accents, and both sides of each size.
TEXTS = (
    "",
    '{"t":"ready"}',
    "à l’accueil 🩺",
    *("x" * n for n in (255, 256, 1023, 1024, 4095, 4096, 16383)),
)


def record(k: bytes, sid: bytes, role: str, counter: int, text: str) -> bytes:
    iv = int.from_bytes(expand(k, f"iv {role}", 12), "big") ^ counter
    padded = pad(text.encode(), RECORD_SIZES)
    return AESGCM(expand(k, f"key {role}")).encrypt(iv.to_bytes(12, "big"), padded, NAME + sid)


def trust() -> Object:
    """The tokens by themselves, and the unions that the page trusts."""
    other = Union("another union")
    return {
        "now": NOW,
        "unions": [
            {
                "v": 1,
                "name": union.name,
                "audience": union.audience,
                "root": b(union.trusted.root),
            }
            for union in (UNION, other)
        ],
        "identity": UNION.identity(key("doctor")),
        "list": UNION.list(),
        "device": b(public(key("doctor"))),
        "handle": b(thumb(public(key("link")))),
        "card": {"name": "Dr Camille Roux", "specialty": "Médecine générale"},
    }


def descriptions() -> list[Object]:
    """What a description must be like to be read; `code` null is fine."""
    other = ":".join(["CD"] * 32)
    fine = sdp(9, 9)
    rows: list[tuple[str, str, str | None]] = [
        ("two sections", fine, None),
        ("lower case", fine.replace("AB:", "ab:"), None),
        ("a section switched off", sdp(9, 0).replace("BUNDLE 0 1", "BUNDLE 0"), None),
        ("nothing", "", "description"),
        ("no fingerprint", fine.replace("a=fingerprint", "a=x"), "description"),
        ("two values", fine.replace("AB", "CD", 32), "description"),
        ("two at once", fine + f"a=fingerprint:sha-256 {other}\r\n", "description"),
        ("a weak one", fine.replace("sha-256", "sha-1"), "description"),
        ("a weak one besides", fine + "a=fingerprint:sha-1 AB:AB\r\n", "description"),
        ("a short one", fine.replace(":AB\r", "\r"), "description"),
        ("a spaced one", fine + f" a=fingerprint:sha-256 {other}\r\n", "description"),
        ("keys in the text", fine + "a=crypto:1 x inline:y\r\n", "description"),
        ("no bundle", fine.replace("a=group:BUNDLE 0 1\r\n", ""), "description"),
        ("two bundles", fine.replace("BUNDLE 0 1", "BUNDLE 0\r\na=group:BUNDLE 1"), "description"),
        ("one left out", fine.replace("BUNDLE 0 1", "BUNDLE 0"), "description"),
        ("a stranger in it", fine.replace("BUNDLE 0 1", "BUNDLE 0 1 2"), "description"),
        ("a section without a name", fine.replace("a=mid:1\r\n", ""), "description"),
        ("no section", fine.partition("m=")[0], "description"),
    ]
    return [{"name": name, "sdp": text, "code": code} for name, text, code in rows]


def make() -> Object:
    first = a_run("personal", personal())
    runs = [
        first,
        a_run("pool", pool()),
        a_run("resumed", personal(), resume=seed("resume secret")[:16]),
        *(a_run(f"passkey {x.algorithm.name}", pool(), authenticator=x) for x in AUTHENTICATORS),
    ]
    return {
        "trust": trust(),
        "parts": parts(),
        "links": [{"token": TOKEN, "own": True}, {"token": POOL_TOKEN, "own": False}],
        "runs": runs,
        "refused": refusals({run["name"]: run for run in runs}),
        "descriptions": descriptions(),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(make(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
