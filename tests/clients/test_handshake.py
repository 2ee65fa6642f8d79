"""Who may come back into a session without a click, and what is an M1 or an M3 at all."""

import pytest

from clients.peer.handshake import EARLIER_MAX, Secrets, as_m1, as_m3
from clients.peer.letters import M1, M3, Again, to_base64url, write
from clients.peer.proof import resume_mac

NONCE = to_base64url(b"n" * 16)
OLD, NEW = b"o" * 16, b"w" * 16


def signed(secret: bytes) -> M1:
    return M1(nonce=NONCE, resume=resume_mac(secret, NONCE))


def test_before_any_agreement_nobody_is_known() -> None:
    """Whatever the M1 carries."""
    secrets = Secrets(None)

    assert not secrets.know(M1(nonce=NONCE))
    assert not secrets.know(signed(OLD))


def test_who_agreed_is_known_and_nobody_else() -> None:
    """Also by a doctor's page that found the secret in its address."""
    secrets = Secrets(OLD)

    assert secrets.know(signed(OLD))
    assert not secrets.know(signed(NEW))
    assert not secrets.know(M1(nonce=NONCE))


def test_the_secret_before_holds_until_ready_has_come() -> None:
    """A patient whom `ready` has not reached signs under the one before."""
    secrets = Secrets(OLD)
    secrets.agree(NEW)
    assert secrets.know(signed(OLD)) and secrets.know(signed(NEW))

    secrets.ready_has_come()

    assert not secrets.know(signed(OLD))
    assert secrets.know(signed(NEW))


def test_earlier_secrets_are_few() -> None:
    """The oldest goes first."""
    secrets = Secrets(OLD)
    for n in range(EARLIER_MAX + 1):
        secrets.agree(bytes((n,)) * 16)

    assert not secrets.know(signed(OLD))
    assert secrets.know(signed(bytes(16)))


def test_after_the_session_nobody_is_known() -> None:
    """The next patient is another one."""
    secrets = Secrets(OLD)
    secrets.agree(NEW)

    secrets.forget()

    assert secrets.newest is None
    assert not secrets.know(signed(OLD)) and not secrets.know(signed(NEW))


@pytest.mark.parametrize("body", ["", "AAAA", "not base64url!", write(Again())])
def test_what_is_no_m1_or_m3_is_none(body: str) -> None:
    """Another letter, or none at all."""
    assert as_m1(body) is None
    assert as_m3(body) is None


def test_an_m1_and_an_m3_are_read_as_what_they_are() -> None:
    """And not as each other."""
    m1 = M1(nonce=NONCE)
    m3 = M3(nonce=NONCE, resume=NONCE, restarts=False, answer="v=0")

    assert (m1, None) == (as_m1(write(m1)), as_m3(write(m1)))
    assert (None, m3) == (as_m1(write(m3)), as_m3(write(m3)))
