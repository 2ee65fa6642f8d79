"""Who of the union's staff has entered, and how it ends: by the real check of a real union."""

from dataclasses import dataclass, field

import pytest

from clients.peer.proof import prove
from probe.staff import (
    CHALLENGE_S,
    ENTRIES_OF_ONE_MAX,
    PASS_S,
    PASSES_MAX,
    PASSES_OF_ONE_MAX,
    SPENT_MAX,
    Crowded,
    Entry,
    Staff,
    TooOften,
)
from signaling.admission import NotAdmitted
from signaling.encoding import decode, encode
from signaling.union_admission import UnionAdmission
from tests.clock import Clock
from tests.dice import Dice
from tests.unions import DAY, AUnion, admission_by, key_of

ORIGIN = "https://etat.example.fr"
DAY_S = 86_400


@dataclass
class Town:
    """A union whose staff may enter, and who does."""

    clock: Clock = field(default_factory=Clock)
    union: AUnion = field(default_factory=AUnion)
    people: int = 0

    def __post_init__(self) -> None:
        self.admission: UnionAdmission = admission_by(self.union.trusted())
        self.staff = Staff(self.admission.staff, Dice(1))

    def somebody(self) -> "Somebody":
        """Somebody of the staff, with a key of the day and what the union says of it."""
        self.people += 1
        return Somebody(self, self.people.to_bytes(32, "big"))


@dataclass
class Somebody:
    """One of the staff."""

    town: Town
    seed: bytes

    def __post_init__(self) -> None:
        self.signed = self.town.union.access(self.seed, (), role="staff")

    def enters(self, challenge: str = "", token: str = "", origin: str = ORIGIN) -> Entry:
        """Prove the key over a challenge, and show the credential."""
        staff, now = self.town.staff, self.town.clock.now
        challenge = challenge or staff.challenge(now)
        token = token or self.signed.token
        proof = prove(self.seed, challenge, origin, token)
        return staff.enter(token, proof, challenge, ORIGIN, now)


@pytest.fixture
def town() -> Town:
    return Town()


def refusal_of(
    somebody: Somebody, challenge: str = "", token: str = "", origin: str = ORIGIN
) -> str:
    with pytest.raises(NotAdmitted) as refused:
        somebody.enters(challenge, token, origin)
    return refused.value.code


def test_staff_enter_by_what_their_union_signed(town: Town) -> None:
    """No password, and nobody on a list: a key and a word of the union."""
    entry = town.somebody().enters()

    assert town.staff.is_in(entry.pass_, town.clock.now)
    assert 32 == len(decode(entry.pass_))
    assert town.clock.now < entry.expires_at <= town.clock.now + PASS_S


def test_a_pass_lives_no_longer_than_its_credential(town: Town) -> None:
    """The union's word ends in the night, and the pass with it."""
    somebody = town.somebody()
    now = int(town.clock.advance(somebody.signed.ends - town.clock.now - 60))
    town.admission.trust({town.union.id: town.union.trusted(seq=2, now=now)})

    entry = somebody.enters()

    assert somebody.signed.ends == entry.expires_at
    assert town.staff.is_in(entry.pass_, entry.expires_at - 1)
    assert not town.staff.is_in(entry.pass_, entry.expires_at)


def test_a_pass_lives_for_a_days_work_at_most(town: Town) -> None:
    """Even where the credential lives longer."""
    entry = town.somebody().enters()

    assert town.clock.now + PASS_S == entry.expires_at
    assert not town.staff.is_in(entry.pass_, town.clock.now + PASS_S)


def test_a_revoked_credential_ends_its_pass_at_the_next_request(town: Town) -> None:
    """It is looked at again each time: who was sent away reads nothing more."""
    somebody = town.somebody()
    entry = somebody.enters()

    revoked = town.union.trusted(revoked=[somebody.signed.jti], seq=2)
    town.admission.trust({town.union.id: revoked})

    assert not town.staff.is_in(entry.pass_, town.clock.now)
    assert "revoked" == refusal_of(somebody)


def test_a_union_that_is_trusted_no_more_takes_its_staff_with_it(town: Town) -> None:
    """Whoever was let in by its word is out."""
    entry = town.somebody().enters()

    town.admission.trust({})

    assert not town.staff.is_in(entry.pass_, town.clock.now)


def test_a_pass_ends_while_its_unions_list_says_nothing(town: Town) -> None:
    """Silence is not consent: a list that is over lets nobody in."""
    entry = town.somebody().enters()
    day_later = town.clock.advance(DAY_S)

    assert not town.staff.is_in(entry.pass_, day_later)


@pytest.mark.parametrize(("role", "queues"), [("doctor", ("generale",)), ("probe", ("probe",))])
def test_doctors_and_probes_do_not_enter(town: Town, role: str, queues: tuple[str, ...]) -> None:
    """The word of a union says for what it is."""
    somebody = town.somebody()
    somebody.signed = town.union.access(somebody.seed, queues, role=role)  # type: ignore[arg-type]

    assert "not-admitted" == refusal_of(somebody)


def test_staff_of_another_union_do_not_enter(town: Town) -> None:
    """Trusted is who is in the folder."""
    somebody = town.somebody()
    somebody.signed = AUnion(9).access(somebody.seed, (), role="staff")

    assert "not-admitted" == refusal_of(somebody)


@pytest.mark.parametrize(("day", "code"), [(DAY - 3, "expired"), (DAY + 3, "early")])
def test_a_credential_of_another_day_does_not_hold(town: Town, day: int, code: str) -> None:
    """Over is over, and not yet is not yet."""
    somebody = town.somebody()
    somebody.signed = town.union.access(somebody.seed, (), day=day, role="staff")

    assert code == refusal_of(somebody)


def test_somebody_elses_credential_is_of_no_use(town: Town) -> None:
    """It names a key, and the proof is by another."""
    one, other = town.somebody(), town.somebody()

    assert "not-admitted" == refusal_of(other, token=one.signed.token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_who_has_no_credential_does_not_enter(town: Town, token: str) -> None:
    """A key alone is nothing."""
    somebody = town.somebody()
    challenge = town.staff.challenge(town.clock.now)

    with pytest.raises(NotAdmitted) as refused:
        proof = prove(somebody.seed, challenge, ORIGIN, token)
        town.staff.enter(token, proof, challenge, ORIGIN, town.clock.now)

    assert "not-admitted" == refused.value.code


# Challenges


def test_a_challenge_lets_in_once(town: Town) -> None:
    """Whoever heard a proof cannot say it again."""
    challenge = town.staff.challenge(town.clock.now)
    somebody = town.somebody()
    somebody.enters(challenge)

    assert "unproven" == refusal_of(somebody, challenge)
    assert "unproven" == refusal_of(town.somebody(), challenge)


def test_a_challenge_is_soon_over(town: Town) -> None:
    """A proof that lies about is of no use a minute later, spent or not."""
    challenge = town.staff.challenge(town.clock.now)
    somebody = town.somebody()

    town.clock.advance(CHALLENGE_S)

    assert "unproven" == refusal_of(somebody, challenge)


def test_a_spent_challenge_is_not_good_again_when_it_is_forgotten(town: Town) -> None:
    """It is remembered for as long as it would have been good."""
    challenge = town.staff.challenge(town.clock.now)
    somebody = town.somebody()
    somebody.enters(challenge)
    town.clock.advance(CHALLENGE_S - 0.5)

    assert "unproven" == refusal_of(somebody, challenge)


@pytest.mark.parametrize("where", [0, 16, 23, 24, 39])
def test_a_challenge_that_was_changed_is_none(town: Town, where: int) -> None:
    """No byte of it, and so not its end, is anybody's but this process's."""
    data = bytearray(decode(town.staff.challenge(town.clock.now)))
    data[where] ^= 1

    assert "unproven" == refusal_of(town.somebody(), encode(bytes(data)))


@pytest.mark.parametrize("challenge", ["x", "=", encode(bytes(40)), encode(bytes(39)), "é"])
def test_what_was_never_a_challenge_is_none(town: Town, challenge: str) -> None:
    """Any text is answered in the same way."""
    assert "unproven" == refusal_of(town.somebody(), challenge)


def test_a_challenge_of_another_process_is_none(town: Town) -> None:
    """A restart forgets which were spent, and none of them is good any more."""
    challenge = Town().staff.challenge(town.clock.now)
    town.staff = Staff(town.admission.staff, Dice(2))

    assert "unproven" == refusal_of(town.somebody(), challenge)


def test_a_proof_for_another_page_is_void(town: Town) -> None:
    """A page of somebody else cannot hand on what staff proved to it."""
    assert "unproven" == refusal_of(town.somebody(), origin="https://etat.example.org")


# Passes


def test_who_leaves_is_out(town: Town) -> None:
    """His pass, and nobody else's."""
    one, other = town.somebody().enters(), town.somebody().enters()

    town.staff.leave(one.pass_)

    assert not town.staff.is_in(one.pass_, town.clock.now)
    assert town.staff.is_in(other.pass_, town.clock.now)


@pytest.mark.parametrize("pass_", ["", "x", "=", "é", encode(bytes(32)), encode(bytes(31))])
def test_a_guess_is_no_pass(town: Town, pass_: str) -> None:
    """Nor does leaving with one do anything."""
    entry = town.somebody().enters()

    town.staff.leave(pass_)

    assert not town.staff.is_in(pass_, town.clock.now)
    assert town.staff.is_in(entry.pass_, town.clock.now)


def test_the_oldest_window_of_one_person_gives_way(town: Town) -> None:
    """One person opens no more than a few, and shuts nobody else out."""
    other = town.somebody().enters()
    somebody = town.somebody()

    passes = [somebody.enters().pass_ for _ in range(PASSES_OF_ONE_MAX + 1)]

    held = [town.staff.is_in(pass_, town.clock.now) for pass_ in passes]
    assert [False] + [True] * PASSES_OF_ONE_MAX == held
    assert town.staff.is_in(other.pass_, town.clock.now)


def test_there_are_so_many_places_and_they_become_free(town: Town) -> None:
    """More people than any union has staff are told that it is full; leaving makes room."""
    passes = [town.somebody().enters().pass_ for _ in range(PASSES_MAX)]

    with pytest.raises(Crowded):
        town.somebody().enters()
    town.staff.leave(passes[0])

    assert town.staff.is_in(town.somebody().enters().pass_, town.clock.now)


def test_somebody_who_enters_again_and_again_shuts_nobody_out(town: Town) -> None:
    """He is told to wait a minute, keeps what he has, and others enter."""
    somebody = town.somebody()
    passes = [somebody.enters().pass_ for _ in range(ENTRIES_OF_ONE_MAX)]

    with pytest.raises(TooOften):
        somebody.enters()

    assert town.staff.is_in(passes[-1], town.clock.now)
    assert town.staff.is_in(town.somebody().enters().pass_, town.clock.now)
    town.clock.advance(CHALLENGE_S)
    assert town.staff.is_in(somebody.enters().pass_, town.clock.now)


def test_what_was_spent_is_bounded_and_forgotten(town: Town) -> None:
    """More entries than all staff make are refused for a minute; nobody loses what he has."""
    people = [town.somebody() for _ in range(SPENT_MAX // ENTRIES_OF_ONE_MAX)]
    passes = [one.enters().pass_ for one in people for _ in range(ENTRIES_OF_ONE_MAX)]

    with pytest.raises(Crowded):
        town.somebody().enters()

    assert town.staff.is_in(passes[-1], town.clock.now)
    town.clock.advance(CHALLENGE_S)
    assert town.staff.is_in(people[0].enters().pass_, town.clock.now)


def test_a_key_is_known_by_its_thumbprint(town: Town) -> None:
    """The check is given who proved, not who was named."""
    somebody = town.somebody()

    assert (
        key_of(somebody.seed)
        == town.admission.staff(somebody.signed.token, key_of(somebody.seed), town.clock.now).key
    )
