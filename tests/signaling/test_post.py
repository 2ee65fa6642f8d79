"""Post within one process: the newest listener gets it, and nothing is kept."""

from signaling.messages import Ended, ServerMessage
from signaling.post import LocalPost

SAID = Ended(what="call", outcome="late")


async def test_a_message_is_for_the_newest_listener_at_its_address() -> None:
    """Not for an older one, and for nobody elsewhere."""
    post, heard = LocalPost(), list[tuple[str, ServerMessage]]()
    for address, who in (("a", "older"), ("a", "newer"), ("b", "other")):
        await post.listen(address, lambda message, who=who: heard.append((who, message)))  # type: ignore[misc] # bound now

    is_heard = await post.post("a", SAID)

    assert is_heard
    assert [("newer", SAID)] == heard


async def test_post_for_nobody_is_not_kept() -> None:
    """Whoever listens later does not hear it."""
    post, heard = LocalPost(), list[ServerMessage]()

    is_heard = await post.post("a", SAID)
    await post.listen("a", heard.append)

    assert not is_heard
    assert [] == heard


async def test_who_was_replaced_cannot_hush_the_newer() -> None:
    """An address is hushed by whoever listens there, and by nobody else."""
    post, older, newer = LocalPost(), list[ServerMessage](), list[ServerMessage]()
    first, second = older.append, newer.append
    await post.listen("a", first)
    await post.listen("a", second)

    await post.hush("a", first)
    assert await post.post("a", SAID)
    await post.hush("a", second)

    assert not await post.post("a", SAID)
    assert ([], [SAID]) == (older, newer)
