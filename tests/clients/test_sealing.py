"""The parts of the seal, against published values where there are some."""

from hypothesis import given
from hypothesis import strategies as st

from clients.peer.sealing import (
    KEM_PUBLIC_BYTES,
    Refused,
    expand,
    extract,
    framed,
    hashed,
    kem_key,
    mac,
    pad,
    read_kem_public,
    seal,
    thumb,
    unpad,
    unseal,
)
from tests.clients.seal_cast import code_of, flipped, seed

KEY = kem_key(seed("kem"))
SIZES = (8, 16)


def test_no_two_lists_of_texts_are_hashed_alike() -> None:
    """Lengths stand before the texts."""
    assert b"\0\0\0\2ab" == framed(b"ab")
    assert hashed("a", b"x") != hashed("b", b"x")
    assert 4 == len({hashed("a", b"bc"), hashed("ab", b"c"), hashed("a", b"b", b"c"), hashed("a")})


def test_the_mac_is_that_of_the_rfc() -> None:
    """RFC 4231 §4.3 (HMAC-SHA-256), test case 2."""
    found = mac(b"Jefe", b"what do ya want for nothing?").hex()

    assert found.startswith("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")


def test_extraction_is_that_of_the_rfc() -> None:
    """RFC 5869 appendix A.1."""
    found = extract(bytes(range(13)), b"\x0b" * 22).hex()

    assert "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5" == found


def test_expansion_separates_labels_and_is_an_hmac_chain() -> None:
    """RFC 5869 §2.3: T(1) = HMAC(PRK, info ‖ 1)."""
    assert mac(seed("k"), b"sceau/1|holder\x01") == expand(seed("k"), "holder")
    assert expand(seed("k"), "holder") != expand(seed("k"), "psk")
    assert expand(seed("k"), "psk")[:16] == expand(seed("k"), "psk", 16)


def test_a_key_pair_is_x_wings() -> None:
    """draft-connolly-cfrg-xwing-kem, appendix C, first vector: seed and start of the key."""
    found = kem_key(
        bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
    ).public.hex()

    assert 2 * KEM_PUBLIC_BYTES == len(found)
    assert found.startswith("e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5")


@given(st.binary(max_size=15))
def test_padding_is_undone(text: bytes) -> None:
    """For any text that fits."""
    padded = pad(text, SIZES)

    assert len(padded) == (8 if len(text) < 8 else 16)
    assert text == unpad(padded, SIZES)


@given(st.binary(max_size=40))
def test_any_bytes_are_padded_or_refused(padded: bytes) -> None:
    """No size of the list, or no mark: no text."""
    try:
        text = unpad(padded, SIZES)
    except Refused as refused:
        assert "form" == refused.code
    else:
        assert padded == text + b"\x80" + bytes(len(padded) - len(text) - 1)
        assert len(padded) in SIZES


def test_what_has_no_mark_is_not_padded() -> None:
    """Zeros only, another mark, another size."""
    for padded in (bytes(8), b"\x01".rjust(8, b"a"), b"a\x80", pad(b"a", (9,))):
        assert "form" == code_of(unpad, padded, SIZES)
    assert "form" == code_of(pad, bytes(16), SIZES)
    assert b"a" == unpad(pad(b"a", (16,)), SIZES)


def test_what_is_sealed_opens_with_the_key_and_the_info() -> None:
    """And with no other, nor after any change."""
    sealed = seal(KEY.public, b"info", b"text")

    assert b"text" == unseal(KEY, b"info", sealed)
    assert 1120 + 4 + 16 == len(sealed)
    assert sealed != seal(KEY.public, b"info", b"text")
    assert "sealed" == code_of(unseal, KEY, b"other", sealed)
    assert "sealed" == code_of(unseal, kem_key(seed("other")), b"info", sealed)
    for at in range(0, len(sealed), 40):
        assert "sealed" == code_of(unseal, KEY, b"info", flipped(sealed, at))
    for size in (0, 1, 1088, 1120, 1136, len(sealed) - 1):
        assert "sealed" == code_of(unseal, KEY, b"info", sealed[:size])


def test_a_text_sent_with_an_x25519_share_of_small_order_does_not_open() -> None:
    """Both halves of the hybrid are looked at."""
    sealed = seal(KEY.public, b"info", b"text")

    assert "sealed" == code_of(unseal, KEY, b"info", sealed[:1088] + bytes(32) + sealed[1120:])


@given(st.binary(max_size=1300))
def test_any_bytes_are_no_key(public: bytes) -> None:
    """Only a length and numbers that ML-KEM has."""
    if len(public) != KEM_PUBLIC_BYTES:
        assert "form" == code_of(read_kem_public, public)


def test_a_key_of_small_order_is_not_sealed_to() -> None:
    """Nobody can be talked into an X25519 share that is zero."""
    assert "form" == code_of(seal, KEY.public[:-32] + bytes(32), b"info", b"text")
    assert "form" == code_of(seal, b"\xff" * KEM_PUBLIC_BYTES, b"info", b"text")


def test_a_thumbprint_is_half_a_hash() -> None:
    """SHA-256 of "abc" (FIPS 180-4), first half."""
    assert "ba7816bf8f01cfea414140de5dae2223" == thumb(b"abc").hex()


def test_a_key_pair_keeps_its_private_half_to_itself() -> None:
    """Not even `repr` says it."""
    assert "private" not in repr(KEY).lower()
