"""Where post goes: every kind of address is its own."""

from signaling.addresses import is_queue, of_doctor, of_queue, of_seat, of_ticket

ID = "i" * 21 + "A"


def test_one_id_gives_no_two_addresses() -> None:
    """Who knows a ticket cannot be taken for a colleague, nor a queue for either."""
    addresses = [of_doctor(ID), of_ticket(ID), of_queue(ID), of_seat(ID, ID)]

    assert len(addresses) == len(set(addresses))


def test_a_seat_is_one_members_in_one_session() -> None:
    """Neither part alone, nor both the other way round."""
    other = "o" * 21 + "A"

    assert len({of_seat(ID, other), of_seat(other, ID), of_seat(ID, ID)}) == 3


def test_a_stir_is_told_from_post_for_one_person() -> None:
    """Also where a queue's name looks like something else."""
    stirs = [of_queue(name) for name in ("q", "doctor", "")]
    post = [of_doctor(ID), of_ticket(ID), of_seat("queue", ID), of_doctor("queue.q")]

    assert [True] * 3 + [False] * 4 == [is_queue(address) for address in stirs + post]
