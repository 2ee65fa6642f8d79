"""What becomes of a record, one step at a time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling import transitions
from signaling.messages import MemberRole
from signaling.store import M1S_MAX, CallRecord, Seat, Session, Spend, Spent, Ticket

NOW = 1_800_000_000.0
TICKET = Ticket("t", "q", "k", 1, NOW, NOW + 600, m1="m1")
CALL = CallRecord("c", "t", "anne", NOW + 15)


def seat(name: str) -> Seat:
    role: MemberRole = "doctor" if name == "b" else "guest"
    return Seat(name, role, f"key of {name}", NOW + 600, f"tag of {name}")


def session(*names: str, generation: int = 1) -> Session:
    return Session("s", generation, tuple(seat(name) for name in names))


def test_a_claim_takes_the_m1_away() -> None:
    """The ticket is held by one call, which holds it."""
    call, ticket = transitions.claimed(TICKET, "c", "anne", NOW + 15)

    assert (CALL, "c", None) == (call, ticket.call, ticket.m1)


def test_only_the_first_proposal_moves_the_deadline() -> None:
    """One M1, one M2; a fresh M1 in between allows another, by the same deadline."""
    first = transitions.proposed(CALL, "anne", NOW + 60)
    assert first is not None and (True, NOW + 60) == (first.is_proposed, first.deadline)
    assert None is transitions.proposed(first, "anne", NOW + 99)

    both = transitions.reopened(first, replace(TICKET, call="c"))
    assert both is not None and None is both[1].m1
    second = transitions.proposed(both[0], "anne", NOW + 99)

    assert second is not None and (2, NOW + 60) == (second.proposals, second.deadline)


def test_a_stranger_proposes_nothing() -> None:
    """The call is another doctor's."""
    assert None is transitions.proposed(CALL, "bruno", NOW + 60)


@pytest.mark.parametrize("change", [{"call": None}, {"call": "other"}, {"m1": None}])
def test_a_call_reopens_for_its_own_tickets_fresh_m1_only(change: dict[str, str | None]) -> None:
    """Another call's, or one without M1, is left alone."""
    ticket = replace(TICKET, **{"call": "c", **change})  # type: ignore[arg-type] # texts or None

    assert None is transitions.reopened(CALL, ticket)


def test_a_call_takes_so_many_m1_and_no_more() -> None:
    """A page that reloads for ever does not keep a doctor busy."""
    call: CallRecord = CALL
    for _ in range(M1S_MAX - 1):
        both = transitions.reopened(call, replace(TICKET, call="c"))
        assert both is not None
        call = both[0]

    assert None is transitions.reopened(call, replace(TICKET, call="c"))


def test_a_call_is_accepted_by_its_ticket_once_proposed() -> None:
    """Not before, and by nobody else."""
    proposed = replace(CALL, is_proposed=True)

    assert transitions.may_accept(proposed, "t")
    assert not transitions.may_accept(proposed, "other")
    assert not transitions.may_accept(CALL, "t") and not transitions.may_accept(None, "t")


def test_a_link_is_paid_until_it_is_used_up() -> None:
    """The mark lives as long as the longest link under it."""
    spend = Spend("mark", 2, NOW + 60)
    once = transitions.paid(None, spend)
    twice = transitions.paid(replace(once, expires_at=NOW + 90), spend)

    assert (Spent("mark", 1, NOW + 60), Spent("mark", 2, NOW + 90)) == (once, twice)
    assert not transitions.is_used_up(spend, once.uses) and transitions.is_used_up(spend, 2)
    assert not transitions.is_used_up(None, 99)


def test_one_seat_is_renewed_and_the_others_are_not() -> None:
    """Nor is that of somebody who is not there."""
    renewed = transitions.seat_renewed(session("a", "b"), "a", NOW + 900)

    assert renewed is not None
    assert [NOW + 900, NOW + 600] == [one.expires_at for one in renewed.seats]
    assert None is transitions.seat_renewed(session("a", "b"), "c", NOW + 900)


def test_an_invitation_seats_one_person_once() -> None:
    """In time, and as long as there is room; seats and open invitations count together."""
    open_ = transitions.invited(session("a", "b"), "i", NOW + 300, most=3)
    assert open_ is not None and None is transitions.invited(open_, "j", NOW + 300, most=3)

    taken = transitions.seated(open_, "i", seat("c"), 3, NOW)

    assert taken is not None and ["a", "b", "c"] == [one.member for one in taken.seats]
    assert None is transitions.seated(taken, "i", seat("d"), 4, NOW)
    assert None is transitions.seated(open_, "i", seat("c"), 3, NOW + 300)
    assert None is transitions.seated(open_, "i", seat("c"), 2, NOW)
    assert None is transitions.seated(transitions.uninvited(open_, "i"), "i", seat("c"), 3, NOW)


def test_leaving_raises_the_generation() -> None:
    """Passes of before are older than those of who stayed."""
    left = transitions.unseated(session("a", "b", "c"), "b")

    assert left == session("a", "c", generation=2)
    assert None is transitions.unseated(session("a", "b"), "c")


def test_a_lost_session_is_made_by_the_first_and_completed_by_the_second() -> None:
    """Alone it is to end; with two it goes on as before, if a doctor is one of them."""
    alone = transitions.rejoined(None, "s", 3, seat("a"), 4, NOW + 600)
    assert alone is not None and (3, NOW + 600) == (alone.generation, alone.lonely_until)

    both = transitions.rejoined(alone, "s", 3, seat("b"), 4, NOW + 700)
    guests = transitions.rejoined(alone, "s", 3, seat("c"), 4, NOW + 700)

    assert session("a", "b", generation=3) == both
    assert guests is not None and (2, NOW + 600) == (len(guests.seats), guests.lonely_until)


def test_a_probes_session_made_anew_is_a_probes() -> None:
    """Whoever of the two comes back first."""
    alone = transitions.rejoined(None, "s", 1, seat("a"), 4, NOW + 600, is_probe=True)
    assert alone is not None and alone.is_probe

    both = transitions.rejoined(alone, "s", 2, seat("b"), 4, NOW + 600, is_probe=True)

    assert both is not None and both.is_probe


def test_the_highest_generation_decides() -> None:
    """Whoever was shown out has an older pass: he is not let in, nor kept."""
    alone = transitions.rejoined(None, "s", 1, seat("shown out"), 4, NOW + 600)
    assert alone is not None

    newer = transitions.rejoined(alone, "s", 2, seat("a"), 4, NOW + 600)

    assert newer is not None and ["a"] == [one.member for one in newer.seats]
    assert NOW + 600 == newer.lonely_until
    assert None is transitions.rejoined(newer, "s", 1, seat("shown out"), 4, NOW + 600)


def test_coming_back_twice_takes_one_seat() -> None:
    """By the same pass; another member's pass under the same key takes none."""
    held = session("a", "b")

    again = transitions.rejoined(held, "s", 1, seat("a"), 4, NOW + 600)
    twin = replace(seat("c"), key=seat("a").key)

    assert again is not None and {"a", "b"} == {one.member for one in again.seats}
    assert 0.0 == again.lonely_until
    assert None is transitions.rejoined(held, "s", 1, twin, 4, NOW + 600)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 3)), max_size=12))
def test_whoever_is_back_is_of_the_highest_generation_shown(shown: list[tuple[str, int]]) -> None:
    """In any order of coming, and never more than the seats that there are."""
    held: Session | None = None
    for name, generation in shown:
        after = transitions.rejoined(held, "s", generation, seat(name), 4, NOW + 600)
        held = after or held

    if shown:
        highest = max(generation for _, generation in shown)
        # The calling doctor keeps his seat, whatever his pass says.
        able = {name for name, generation in shown if generation == highest or name == "b"}
        assert held is not None and highest == held.generation
        assert {one.member for one in held.seats} <= able
        assert min(4, len(able)) == len(held.seats)
