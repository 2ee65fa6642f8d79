"""An address is taken apart, or refused in a plain sentence that repeats none of it."""

import pytest

from clients.peer.errors import BadLink
from clients.peer.link import address, parse
from clients.peer.proof import public_key
from clients.peer.sealing import thumb
from clients.union import keyring, links
from signaling.encoding import encode
from tests.unions import NOW, AUnion

UNION = AUnion()
MASTER = bytes(range(32))
PERSONAL = links.personal(MASTER, b"nonce123", links.Window(NOW, NOW + 60, 1))
OTHER = links.personal(MASTER, b"nonce124", links.Window(NOW, NOW + 60, 1))
COUNTED = UNION.counted_link()
POOL = UNION.pool_link()
TOKEN, SECRET = PERSONAL.rsplit(".", 1)
SEED = b"s" * 32
DOCTOR = keyring.write(SEED)
SHORT = "A" * 22


def test_a_pools_link_gives_origin_and_token() -> None:
    """The capability is sent as it is; the holder's key is for the page to make."""
    link = parse(f"http://localhost:8080/#{POOL}")

    assert ("patient", "http://localhost:8080") == (link.role, link.origin)
    assert (POOL, None, None, None) == (link.token, link.seed, link.union, link.resume)
    assert (None, None) == (link.sealed(SEED).psk, link.sealed(SEED).handle)


@pytest.mark.parametrize("root", ["", f".{UNION.id}"])
def test_a_personal_link_gives_holder_psk_and_handle(root: str) -> None:
    """All from its secret, and which union it names, if it does."""
    link = parse(f"https://visio.example/#{PERSONAL}{root}")
    made = links.secrets_of(links.secret_of(MASTER, b"nonce123"))

    assert (TOKEN, made.holder_seed) == (link.token, link.seed)
    assert (root[1:] or None) == link.union
    sealed = link.sealed(made.holder_seed)
    assert made.psk == sealed.psk
    key = links.link_key(MASTER).public_key().public_bytes_raw()
    assert thumb(key) == sealed.handle


def test_a_counted_pools_link_gives_a_holder_and_no_psk() -> None:
    """No doctor could make its PSK again."""
    link = parse(f"https://visio.example/#{COUNTED}")

    assert link.seed is not None and link.capability is not None
    assert link.capability.holder == thumb(public_key(link.seed))
    assert link.sealed(link.seed).psk is None


def test_a_doctors_address_gives_the_keyring() -> None:
    """Which is no token: it never travels."""
    link = parse(f"https://visio.example/doctor#{DOCTOR}")

    assert ("doctor", "https://visio.example") == (link.role, link.origin)
    assert (SEED, "") == (link.keyring, link.token)


@pytest.mark.parametrize("opened", [POOL, COUNTED])
def test_the_address_left_behind_opens_as_the_same_holder(opened: str) -> None:
    """With the resume secret once there is one."""
    first = parse(f"http://localhost/#{opened}")
    seed, resume = first.seed or SEED, b"r" * 16

    left = address(address(f"http://localhost/#{opened}", seed, None), seed, resume)
    link = parse(left)

    assert (first.token, seed, resume) == (link.token, link.seed, link.resume)


def test_the_doctors_mark_stands_beside_the_resume_secret() -> None:
    """As the page left it behind; an address without one is one all the same."""
    opened, resume, mark = f"http://localhost/#{POOL}", b"r" * 16, b"d" * 16

    left = address(address(opened, SEED, resume, b"e" * 16), SEED, resume, mark)

    assert left.endswith(f"~h={encode(SEED)}~r={encode(resume)}~d={encode(mark)}")
    assert (resume, mark) == (parse(left).resume, parse(left).mark)
    assert (resume, None) == (
        parse(address(left, SEED, resume)).resume,
        parse(address(left, SEED, resume)).mark,
    )


def test_a_seed_beside_a_secret_is_not_believed() -> None:
    """A link's secret alone says who holds it."""
    link = parse(f"http://localhost/#{PERSONAL}~h={encode(SEED)}")

    assert SEED != link.seed


@pytest.mark.parametrize(
    "url, origin",
    [
        (f"http://localhost:80/#{POOL}", "http://localhost"),
        (f"https://a.example:443/#{POOL}", "https://a.example"),
        (f"https://a.example:8443/#{POOL}", "https://a.example:8443"),
        (f"http://[::1]:8080/#{POOL}", "http://[::1]:8080"),
    ],
)
def test_the_origin_is_a_browsers(url: str, origin: str) -> None:
    """RFC 6454 §6.2: without the scheme's own port."""
    assert origin == parse(url).origin


@pytest.mark.parametrize(
    "url, sentence",
    [
        ("", "must begin with http"),
        ("ftp://localhost/#x", "must begin with http"),
        ("http:///#x", "must begin with http"),
        ("http://localhost:99999/#x", "not an address"),
        ("http://[::1/#x", "not an address"),
        (f"http://localhost/{POOL}", "nothing after its #"),
        ("http://localhost/doctor", "only a page has keys of its own"),
        (f"http://localhost/doctor#{POOL}", "not a doctor's address"),
        (f"http://localhost/doctor#{DOCTOR[:-1]}", "keyring is damaged or cut short"),
        (f"http://localhost/#{DOCTOR}", "on a patient's address"),
        ("http://localhost/#demo1.p.queue.1.AAAA", "not a consultation link"),
        (f"http://localhost/#{POOL[:-1]}", "damaged or cut short"),
        ("http://localhost/#cap1.", "damaged or cut short"),
        ("http://localhost/#cap1.AQIAAAA", "damaged or cut short"),
        (f"http://localhost/#{TOKEN}", "ends before its secret"),
        (f"http://localhost/#{COUNTED.rsplit('.', 1)[0]}", "ends before its secret"),
        (f"http://localhost/#{PERSONAL[:-2]}", "cut short|damaged"),
        (f"http://localhost/#{TOKEN}.{OTHER.rsplit('.', 1)[1]}", "not of one"),
        (f"http://localhost/#{PERSONAL}.AAAA", "cut short"),
        (f"http://localhost/#{PERSONAL}.{UNION.id}.x", "more after the #"),
        (f"http://localhost/#{COUNTED}.{UNION.id}", "more after the #"),
        (f"http://localhost/#{POOL}.{SECRET}", "more after the #"),
        (f"http://localhost/#{POOL}~h=AAAA", "cut short"),
        (f"http://localhost/#{POOL}~r=*", "damaged"),
        (f"http://localhost/#{POOL}~d=*", "damaged"),
        (f"http://localhost/#{POOL}~d=AAAA", "cut short"),
    ],
)
def test_a_wrong_address_is_refused(url: str, sentence: str) -> None:
    """One sentence per cause, and nothing of the address in it."""
    with pytest.raises(BadLink, match=sentence) as refused:
        parse(url)

    assert SECRET not in str(refused.value) and "cap1" not in str(refused.value)


def test_a_link_says_nothing_secret_of_itself() -> None:
    """Neither capability nor keys reach a log by accident."""
    for url in (
        f"http://localhost/doctor#{DOCTOR}",
        f"http://localhost/#{PERSONAL}~r={SHORT}~d={SHORT}",
    ):
        said = repr(parse(url))

        for part in (SECRET, TOKEN, DOCTOR, "seed", "secret", "resume", "mark", repr(SEED)):
            assert part not in said
