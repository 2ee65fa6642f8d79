"""Nobody is seen or heard before everybody knows the same people."""

from clients.peer.rosters import AGREE_WITHIN_S, MEMBERS_MAX, Entry, Gathering
from tests.clients.gathering_vectors import (
    VECTORS,
    play,
)
from tests.clients.seal_cast import code_of

A, B = Entry(b"a", "patient", b"key of a"), Entry(b"b", "doctor", b"key of b")
C, D = Entry(b"c", "guest", b"key of c"), Entry(b"d", "guest", b"key of d")
E = Entry(b"e", "guest", b"key of e")


def of_b() -> Gathering:
    """The doctor's, in a session that he began with the patient."""
    return Gathering(B, A)


def all_agree(gathering: Gathering) -> None:
    for member in gathering.roster:
        if member != gathering.own:
            gathering.hear(member.seat, gathering.roster)


def test_every_frozen_script_holds() -> None:
    """The vectors' scripts, as attacks."""
    for script in VECTORS["rosters"]:
        play(script)


def test_the_two_who_began_need_no_roster() -> None:
    """A session of two is agreed as it starts; nobody else is."""
    gathering = of_b()

    assert gathering.is_agreed(A.seat)
    assert not gathering.is_agreed(C.seat)
    assert not Gathering(C).is_agreed(A.seat)


def test_a_newcomer_is_seen_when_all_know_the_same() -> None:
    """Not by his own word alone, and not by the others' alone."""
    gathering = of_b()
    gathering.add(C, 0)
    gathering.hear(C.seat, (A, B, C))
    assert not gathering.is_agreed(C.seat)

    gathering.hear(A.seat, (A, B, C))

    assert gathering.is_agreed(C.seat)
    assert gathering.newcomers == ()


def test_a_split_roster_is_never_agreed() -> None:
    """The server shows one {A, B, C} and another {A, B, D}: each waits, and refuses."""
    first, second = Gathering(A, B), Gathering(B, A)
    first.add(C, 0)
    second.add(D, 0)
    first.hear(B.seat, second.roster)
    second.hear(A.seat, first.roster)
    first.hear(C.seat, first.roster)
    second.hear(D.seat, second.roster)

    assert not first.is_agreed(C.seat) and not second.is_agreed(D.seat)
    assert (C.seat,) == first.overdue(AGREE_WITHIN_S)
    assert (D.seat,) == second.overdue(AGREE_WITHIN_S)
    assert first.is_agreed(B.seat)


def test_one_seat_under_two_keys_is_refused_at_once() -> None:
    """The server gives two people one seat: the first word tells."""
    gathering = of_b()
    gathering.add(C, 0)

    assert "roster" == code_of(gathering.hear, A.seat, (A, B, Entry(C.seat, "guest", D.key)))
    assert code_of(gathering.hear, A.seat, (A, B, C)) is None


def test_a_fifth_does_not_come_in() -> None:
    """Four are the most."""
    gathering = of_b()
    gathering.add(C, 0)
    gathering.add(D, 0)

    assert MEMBERS_MAX == len(gathering.roster)
    assert "roster" == code_of(gathering.add, E, 0)
    gathering.remove(D.seat)
    assert code_of(gathering.add, E, 0) is None


def test_who_was_excluded_speaks_for_nobody() -> None:
    """Neither does he say anything, nor does an old word that names him count."""
    gathering = of_b()
    gathering.add(C, 0)
    all_agree(gathering)
    gathering.remove(C.seat)
    assert not gathering.is_agreed(C.seat)
    assert "roster" == code_of(gathering.hear, C.seat, (A, B, C))

    gathering.add(C, 1)
    gathering.hear(C.seat, (A, B, C))

    assert not gathering.is_agreed(C.seat)


def test_somebody_who_left_changes_nothing_between_others() -> None:
    """Who was agreed stays so."""
    gathering = of_b()
    gathering.add(C, 0)
    all_agree(gathering)
    gathering.remove(A.seat)

    assert gathering.is_agreed(C.seat)
    assert not gathering.is_agreed(A.seat)


def test_nobody_takes_himself_out() -> None:
    """An end is in its own roster for as long as it has one."""
    gathering = of_b()
    gathering.remove(B.seat)

    assert gathering.roster == (A, B)


def test_a_stranger_has_no_say() -> None:
    """Who is in no roster of ours is not heard, whatever he lists."""
    gathering = of_b()

    assert "roster" == code_of(gathering.hear, C.seat, (A, B, C))
