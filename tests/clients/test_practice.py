"""A doctor's papers: of the day, fresh, and only what a trusted union signed for these keys."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from clients.peer import practice as practices
from clients.peer.errors import NotEnrolled, NotVouchedFor
from clients.peer.identity import TrustedUnion, read_union, verify
from clients.peer.practice import LIST_AGES_S, Choice, Practice
from clients.peer.proof import thumbprint
from clients.peer.published import Published
from clients.peer.sealing import Refused
from clients.union import bundles, credentials, keyring, links, requests, tokens, unions
from clients.union.keyring import Keyring
from tests.serving import SEED, Signaling
from tests.unions import CARD, DAY, NOW, AUnion

HOUR, DAY_S = 3_600, credentials.DAY_S
MIDNIGHT = DAY * DAY_S
KEYS = Keyring(SEED)


class Files(Published):
    """Published files without a server; counts how often the list is asked for."""

    def __init__(
        self, union: AUnion, bundle: bundles.Bundle, revoked: tuple[str, ...] = ()
    ) -> None:
        super().__init__("http://localhost")
        self.union, self.made, self.revoked = union, bundle, revoked
        self.now, self.asked = NOW, 0

    async def unions(self) -> tuple[TrustedUnion, ...]:
        return (read_union(unions.write(self.union.public)),)

    async def bundle(self, union: str, key: object) -> bundles.Bundle | None:
        return self.made

    async def revocations(self, union: str) -> str:
        self.asked += 1
        return self.union.list(self.revoked, now=self.now, typ=tokens.LIST)


def a_bundle(union: AUnion, keys: Keyring = KEYS, days: int = 3) -> bundles.Bundle:
    """What the union signs for a keyring, from the day before on."""
    request = requests.read(keys.request(DAY - 1, days))
    identity = credentials.identity(
        union.root, union.audience, request, CARD, days, NOW - 60, union.dice
    )
    access = [union.access(keys.day_seed(DAY - 1 + n), day=DAY - 1 + n).token for n in range(days)]
    return bundles.Bundle(identity.token, tuple(access), {}, unions.as_json(union.public))


async def a_practice(signed_by: AUnion | None = None, **other: object) -> Practice:
    union = signed_by or AUnion()
    bundle = replace(a_bundle(union), **other)  # type: ignore[arg-type]
    return await practices.fetch(SEED, Files(union, bundle))


@pytest.mark.parametrize(
    ("at_s", "day"),
    [
        (4 * HOUR - 61, DAY - 1),
        (4 * HOUR - 60, DAY),
        (10 * HOUR, DAY),
        (DAY_S + 4 * HOUR - 61, DAY),
        (DAY_S + 4 * HOUR, DAY + 1),
    ],
)
async def test_the_credential_of_the_day_is_shown_with_its_own_key(at_s: int, day: int) -> None:
    """From four in the morning on, that of the new day."""
    entry = (await a_practice()).entry(MIDNIGHT + at_s)

    assert day == entry.day
    assert thumbprint(KEYS.day_seed(day)) == thumbprint(entry.seed)


async def test_who_is_in_a_session_keeps_the_key_that_is_in_it() -> None:
    """As long as it holds, at ten in the morning no more."""
    practice = await a_practice()

    assert DAY - 1 == practice.entry(MIDNIGHT + 10 * HOUR - 1, DAY - 1).day
    assert DAY == practice.entry(MIDNIGHT + 10 * HOUR, DAY - 1).day


async def test_a_reloaded_page_looks_for_its_seat_under_the_older_key_first() -> None:
    """From four to ten there are two; in the session that was found the key stays."""
    practice, choice = await a_practice(), Choice(seeks_seat=True)
    now = MIDNIGHT + 5 * HOUR

    assert DAY - 1 == choice.of(practice, now, is_busy=False).day
    assert not choice.is_newest
    choice.settle()

    assert DAY - 1 == choice.of(practice, now, is_busy=True).day
    assert DAY == choice.of(practice, now, is_busy=False).day
    assert choice.is_newest


@pytest.mark.parametrize(
    ("seeks_seat", "at_s", "day"),
    [(False, 5 * HOUR, DAY), (True, 3 * HOUR, DAY - 1), (True, 10 * HOUR, DAY)],
)
async def test_where_there_is_nothing_to_look_for_the_newest_is_shown_at_once(
    seeks_seat: bool, at_s: int, day: int
) -> None:
    """The control: a page that was in no session, and hours with one credential."""
    choice = Choice(seeks_seat=seeks_seat)

    assert day == choice.of(await a_practice(), MIDNIGHT + at_s, is_busy=False).day
    assert choice.is_newest


@pytest.mark.parametrize("now", [NOW - 3 * DAY_S, NOW + 3 * DAY_S])
async def test_without_a_credential_for_now_nobody_enters(now: int) -> None:
    """A sentence says so."""
    with pytest.raises(NotEnrolled, match="no credential for today"):
        (await a_practice()).entry(now)


async def test_a_credential_for_another_key_is_passed_over() -> None:
    """Anybody can seal a bundle; nobody's word makes another key ours."""
    union = AUnion()
    others = a_bundle(union, Keyring(bytes(32))).access

    with pytest.raises(NotEnrolled):
        (await a_practice(union, access=(*others, "no token", "a.b.c", 7))).entry(NOW)


@pytest.mark.parametrize(("role", "queues"), [("doctor", ("q",)), ("probe", ("probe",))])
async def test_papers_are_of_the_role_of_the_credentials(
    role: credentials.Role, queues: tuple[str, ...]
) -> None:
    """A probe shows patients what no patient of a doctor's takes, and the other way round."""
    union = AUnion()
    bundle = union.vouch(KEYS.request(DAY - 1, 3), queues=queues, has_links=False, role=role)
    practice = await practices.fetch(SEED, Files(union, bundle))
    other: credentials.Role = "doctor" if role == "probe" else "probe"
    trusted = read_union(unions.write(union.public))

    papers = await practice.papers(NOW)

    assert role == practice.role and practice.entry(NOW).token == bundle.access[1]
    assert verify(papers.identity, papers.revocations, [trusted], NOW, role)
    with pytest.raises(Refused):
        verify(papers.identity, papers.revocations, [trusted], NOW, other)


async def test_keys_of_staff_serve_no_queue() -> None:
    """A sentence says for what they are."""
    union = AUnion()
    bundle = union.vouch(KEYS.request(DAY, 1), queues=(), has_links=False, role="staff")

    with pytest.raises(NotEnrolled, match="status page"):
        await practices.fetch(SEED, Files(union, bundle))


async def test_credentials_of_several_roles_are_nobodys() -> None:
    """No union's tool gives a device more than one; nor one that is none of the three."""
    union = AUnion()
    doctor, probe = (
        union.vouch(KEYS.request(DAY, 1), queues=("probe",), has_links=False, role=role).access
        for role in ("doctor", "probe")
    )

    for access in ((*doctor, *probe), ("e30.eyJyb2xlIjpbImRvY3RvciJdfQ.",)):
        with pytest.raises(NotEnrolled):
            await a_practice(union, access=access)


async def test_papers_are_what_a_patients_end_believes() -> None:
    """And the card is what the union signed."""
    union = AUnion()
    practice = await a_practice(union)

    papers = await practice.papers(NOW)

    trusted = read_union(unions.write(union.public))
    found = verify(papers.identity, papers.revocations, [trusted], NOW)
    assert papers.device_key.public_key().public_bytes_raw() == found.device_key
    assert practice.card is not None and CARD.name == practice.card.name


async def test_the_list_is_fetched_before_it_is_an_hour_old() -> None:
    """And not for each call."""
    union = AUnion()
    files = Files(union, a_bundle(union))
    practice = await practices.fetch(SEED, files)
    await practice.papers(NOW)
    await practice.papers(NOW + LIST_AGES_S - 1)
    assert 1 == files.asked

    files.now = NOW + HOUR
    await practice.papers(NOW + LIST_AGES_S)

    assert 2 == files.asked


async def test_a_doctor_whom_the_list_names_learns_it_before_any_patient() -> None:
    """The next try fetches the list anew."""
    union = AUnion()
    bundle = a_bundle(union)
    claims = tokens.check(
        bundle.identity, tokens.IDENTITY, union.root.public_key, union.audience, union.id, NOW
    )
    files = Files(union, bundle, (claims["jti"],))
    practice = await practices.fetch(SEED, files)

    for asked in (1, 2):
        with pytest.raises(NotVouchedFor) as refused:
            await practice.papers(NOW)
        assert ("revoked", asked) == (refused.value.code, files.asked)


async def test_an_identity_for_another_device_is_not_shown() -> None:
    """No patient would believe it either: it would not hold under our signature."""
    union = AUnion()
    other = a_bundle(union, Keyring(bytes(32))).identity

    with pytest.raises(NotEnrolled, match="names another one"):
        await (await a_practice(union, identity=other)).papers(NOW)


@pytest.mark.parametrize("said", [{}, unions.as_json(AUnion(1).public)])
async def test_a_bundle_of_a_union_that_is_not_trusted_is_none(said: Mapping[str, object]) -> None:
    """Wherever it was found."""
    with pytest.raises(NotEnrolled, match="No trusted union"):
        await a_practice(union=said)


async def test_own_links_lead_here_in_their_time() -> None:
    """And give the PSK of their secret; another doctor's does not."""
    check = (await a_practice()).check_token(NOW)
    for master, is_own in ((KEYS.link_master, True), (bytes(32), False)):
        window = links.Window(NOW, NOW + 60, 1)
        token = links.personal(master, b"nonce123", window).rpartition(".")[0]
        made = links.secrets_of(links.secret_of(master, b"nonce123"))
        if is_own:
            assert made.psk == check(token, made.holder)
        else:
            with pytest.raises(Refused):
                check(token, made.holder)


async def test_a_real_server_has_all_of_it(signaling: Signaling) -> None:
    """Unions, bundle and list, as they are really published."""
    opened = signaling.doctor_address().rpartition("#")[2]
    practice = await practices.fetch(keyring.read(opened), Published(signaling.origin))

    assert await practice.papers(signaling.clock.now)
    assert practice.entry(signaling.clock.now).token
