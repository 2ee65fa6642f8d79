"""Demonstration tokens: those of this process, and no others."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.admission import Entrant, NotAdmitted
from signaling.demo_admission import DemoAdmission
from signaling.encoding import decode, encode

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "letters.json").read_text())["demo"]
NOW = 1_800_000_000.0
KEY, OTHER_KEY = VECTOR["thumbprint"], encode(b"o" * 16)
QUEUES = ("medecine-generale", "pediatrie")
ADMISSION = DemoAdmission(b"s" * 32, QUEUES)
LINK = ADMISSION.patient_fragment("pediatrie", NOW + 60)


def minted(secret: bytes, key: str) -> str:
    """A doctor's token as a page mints it."""
    stem = f"demo1.d.{key}"
    return f"{stem}.{encode(hmac.digest(secret, stem.encode(), hashlib.sha256)[:16])}"


DOCTOR = minted(decode(ADMISSION.doctor_fragment().removeprefix("demo1.d.")), KEY)


def refusal_of(token: str, key: str = KEY, now: float = NOW, by: DemoAdmission = ADMISSION) -> str:
    with pytest.raises(NotAdmitted) as raised:
        by.admit(token, key, now)
    return raised.value.code


def test_tokens_are_minted_as_the_shared_vector_says() -> None:
    """Page, headless peer and these tests mint the same token."""
    assert VECTOR["token"] == minted(decode(VECTOR["secret"]), VECTOR["thumbprint"])


def test_the_printed_doctor_address_lets_a_doctor_in() -> None:
    """A token minted for one's own key, from the secret in the fragment, opens every queue."""
    assert Entrant("doctor", KEY, QUEUES) == ADMISSION.admit(DOCTOR, KEY, NOW)


def test_the_printed_link_lets_a_patient_into_its_queue() -> None:
    """Any holder: the link was printed for whoever opens it."""
    assert Entrant("patient", KEY, ("pediatrie",)) == ADMISSION.admit(LINK, KEY, NOW)
    assert Entrant("patient", OTHER_KEY, ("pediatrie",)) == ADMISSION.admit(LINK, OTHER_KEY, NOW)


def test_a_doctors_token_goes_with_one_key() -> None:
    """Somebody else's token is nothing without his key."""
    assert "not-admitted" == refusal_of(DOCTOR, OTHER_KEY)


def test_a_patients_link_makes_no_doctor() -> None:
    """What is in a link does not mint a doctor's token."""
    mac = LINK.rpartition(".")[2]

    assert "not-admitted" == refusal_of(f"demo1.d.{KEY}.{mac}")
    assert "not-admitted" == refusal_of(minted(decode(mac), KEY))


def test_a_doctors_secret_makes_no_link() -> None:
    """Nor the other way round."""
    secret = decode(ADMISSION.doctor_fragment().removeprefix("demo1.d."))
    stem = f"demo1.p.pediatrie.{int(NOW) + 60}"

    assert "not-admitted" == refusal_of(
        f"{stem}.{encode(hmac.digest(secret, stem.encode(), hashlib.sha256)[:16])}"
    )


def test_a_link_to_another_queue_or_time_is_refused() -> None:
    """The queue and the expiry are under the MAC."""
    assert "not-admitted" == refusal_of(LINK.replace("pediatrie", "medecine-generale"))
    assert "not-admitted" == refusal_of(LINK.replace(str(int(NOW) + 60), str(int(NOW) + 61)))


def test_a_link_ends_at_its_expiry() -> None:
    """Good until then, and afterwards expired rather than unknown."""
    ADMISSION.admit(LINK, KEY, NOW + 59.999)

    assert "expired" == refusal_of(LINK, now=NOW + 60)


def test_tokens_of_another_run_are_refused() -> None:
    """The secret dies with its process."""
    later = DemoAdmission(b"t" * 32, QUEUES)

    assert "not-admitted" == refusal_of(LINK, by=later)
    assert "not-admitted" == refusal_of(DOCTOR, by=later)


@pytest.mark.parametrize("token", [LINK, DOCTOR])
def test_every_single_changed_letter_is_refused(token: str) -> None:
    """Wherever it is."""
    for position, letter in enumerate(token):
        changed = "A" if letter != "A" else "B"
        assert "not-admitted" == refusal_of(token[:position] + changed + token[position + 1 :])


@given(st.text("demo1.pd0AZ-_", max_size=60))
def test_any_other_token_is_refused(token: str) -> None:
    """However many dots it has."""
    assert "not-admitted" == refusal_of(token)


def test_a_printed_token_fits_the_wire() -> None:
    """At most 1024 characters of a token's alphabet, with the longest queue name."""
    longest = DemoAdmission(b"s" * 32, ["q" * 63]).patient_fragment("q" * 63, NOW)

    assert len(longest) <= 1024
