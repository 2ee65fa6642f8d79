"""Where post is delivered: one spelling for each kind of address, so that none is another.

Pure. A doctor who knows a ticket's id cannot have something posted to it as if it were a
colleague's key.
"""


def of_doctor(key: str) -> str:
    """A doctor's own post, outside and inside a session."""
    return f"doctor.{key}"


def of_ticket(ticket: str) -> str:
    """A waiting patient's post."""
    return f"ticket.{ticket}"


def of_seat(session: str, member: str) -> str:
    """A member's post in a session."""
    return f"seat.{session}.{member}"


def of_queue(queue: str) -> str:
    """A stir in a queue, so that its boards are made anew."""
    return f"queue.{queue}"


def is_queue(address: str) -> bool:
    """Tell a stir from post for one person: it goes to every node."""
    return address.startswith(of_queue(""))
