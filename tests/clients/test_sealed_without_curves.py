"""The pages' seal in browsers that have no Ed25519 and no X25519: a library's, and only there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clients.peer.sealing import thumb
from clients.union import bundles
from clients.union.keys import public_key
from signaling.admission import NotAdmitted, holder_of
from signaling.encoding import decode, encode
from tests.clients.authenticator import AUTHENTICATORS
from tests.clients.seal_cast import personal, pool
from tests.clients.test_sealed_browser import (
    Sealer,
    built,
    page_meets_doctor,
    page_meets_patient,
    sealer,
)
from tests.dice import Dice
from tests.unions import ADevice

__all__ = ["built"]

ENGINES = ("chromium", "firefox")
# What an older browser's WebCrypto answers; X-Wing goes with its curve.
WITHOUT = """
for (const name of ["generateKey", "importKey"]) {
    const own = SubtleCrypto.prototype[name];
    SubtleCrypto.prototype[name] = function (...words) {
        const isGone = words.some((word) => /25519/.test(word?.name ?? word));
        return isGone
            ? Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"))
            : own.apply(this, words);
    };
}
"""
LIBRARY = "/curves-library-"


@pytest.fixture(params=ENGINES)
async def page(request: pytest.FixtureRequest, built: Path) -> AsyncIterator[Sealer]:
    async with sealer(request.param, "library", built, WITHOUT) as made:
        yield made
        assert await made("violations") == []


@pytest.mark.parametrize("engine", ENGINES)
async def test_where_the_browser_has_the_curves_no_library_is_loaded(
    engine: str, built: Path
) -> None:
    """The control: the same handshakes, by the browser's own."""
    async with sealer(engine, "library", built) as page:
        await page_meets_doctor(page, personal())
        await page_meets_patient(page, personal())

        has = await page("curves")
        assert has["ed25519"] and has["x25519"]
        assert has["files"] and not [name for name in has["files"] if LIBRARY in name]


async def test_the_vectors_come_out_as_frozen(page: Sealer) -> None:
    """Every run is held and every bad message refused by the library too."""
    assert [] == await page("vectors")

    has = await page("curves")
    assert not has["ed25519"] and not has["x25519"]
    assert 1 == len([name for name in has["files"] if LIBRARY in name])


async def test_both_roles_meet_headless_peers(page: Sealer) -> None:
    """Signing and verifying, with a gesture by either algorithm."""
    await page_meets_doctor(page, personal())
    await page_meets_patient(page, personal())
    for by in AUTHENTICATORS:
        await page_meets_doctor(page, pool(), by)
        await page_meets_patient(page, pool(), by)


async def test_a_bundle_is_opened(page: Sealer) -> None:
    """As the union sealed it."""
    device, info = ADevice(Dice(5)), encode(b"teleconsult bundle v1")
    bundle = bundles.Bundle("identity", ("access",), {}, {"v": 1})
    public = device.encryption.public_key().public_bytes_raw()
    sealed = bundles.seal(bundle, public)[bundles.SLOT_ID_BYTES :]
    seed = encode(device.encryption.private_bytes_raw())

    assert encode(bundles.write(bundle)) == await page("openBundle", seed, info, encode(sealed))
    changed = encode(sealed[:-1] + bytes((sealed[-1] ^ 1,)))
    assert "sealed" == await page.code("openBundle", seed, info, changed)
    other = encode(public_key(b"o" * 32))
    assert "sealed" == await page.code("openBundle", other, info, encode(sealed))


async def test_a_key_made_there_proves_its_holder(page: Sealer) -> None:
    """To the server, as any other; a browser's store takes it as it is."""
    proof = await page("prove", "challenge", "https://exemple.fr", "token")

    shown = (proof, "challenge", "https://exemple.fr", "token")
    assert encode(thumb(decode(proof)[:32])) == holder_of(*shown)
    with pytest.raises(NotAdmitted):
        holder_of(proof, "another", *shown[2:])
