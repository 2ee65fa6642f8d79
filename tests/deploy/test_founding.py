"""A demonstration's union: usable at once, by anybody who has its folder, for days."""

import shlex
import stat
import time
from pathlib import Path

import pytest

from clients.union import bundles, keyring, links, unions
from clients.union.errors import UnionError
from clients.union.files import PASSPHRASE_FILE
from deploy.command import main
from deploy.founding import DAYS, Founded
from signaling import capability
from signaling.admission import Entrant, NotAdmitted
from signaling.directory import Directory, Queue
from signaling.encoding import decode
from signaling.journal import Journal
from signaling.probing import is_probe
from signaling.trust import holds_demonstration, read_trust
from signaling.union_admission import UnionAdmission
from tests.clock import Clock
from tests.dice import Dice
from tests.unions import DAY, INSTALLATION, NOW, QUEUE, WINDOW_S, ADevice, key_of

ORIGIN = "http://localhost:8080"
DAY_S = 86_400


def admission(founded: Founded, now: float) -> UnionAdmission:
    """A server's, which has just read what the union published."""
    admits = UnionAdmission([INSTALLATION], WINDOW_S)
    admits.trust(read_trust(founded.trust, (ORIGIN,), now, Journal(print), is_demo=True))
    return admits


def keys(founded: Founded) -> keyring.Keyring:
    """The doctor's, as the page reads them from the address."""
    return keys_in(founded.doctor_address())


def keys_in(address: str) -> keyring.Keyring:
    return keyring.Keyring(keyring.read(address.partition("#")[2]))


def bundle(founded: Founded) -> bundles.Bundle:
    """What the doctor's page finds."""
    return bundle_of(founded, keys(founded))


def bundle_of(founded: Founded, own: keyring.Keyring) -> bundles.Bundle:
    """What the device with these keys finds."""
    place = founded.trust / founded.union.id / "bundles"
    files = [(place / f"{number}.bin").read_bytes() for number in range(bundles.FILES)]
    return bundles.open_(files, own.encryption)


def may_serve(founded: Founded, now: float) -> tuple[str, ...]:
    """The queues that a credential of the doctor's opens now; the last is his own."""
    return doctor_of(founded, founded.doctor_address(), now).queues


def doctor_of(founded: Founded, address: str, now: float) -> Entrant:
    """Whom a server sees in who has the keys of this address."""
    day, admits, own = int(now) // DAY_S, admission(founded, now), keys_in(address)
    for token in bundle_of(founded, own).access:
        try:
            return admits.admit(token, key_of(own.day_seed(day)), now)
        except NotAdmitted:  # another day's
            continue
    raise AssertionError("no credential of today")


def test_the_doctor_may_serve_at_once(tmp_path: Path) -> None:
    """Every queue, and the personal one."""
    founded = Founded(tmp_path, ORIGIN, (QUEUE, "pediatrie"), clock=Clock(NOW))

    queues = may_serve(founded, NOW)

    assert (QUEUE, "pediatrie") == queues[:2] and 3 == len(queues)


@pytest.mark.parametrize("at", [0, 3_599, 4 * 3_600 - 1])
def test_the_doctor_may_serve_in_the_small_hours(tmp_path: Path, at: int) -> None:
    """A day's credential begins at four; before, the day before's holds."""
    now = DAY * DAY_S + at
    founded = Founded(tmp_path, ORIGIN, (QUEUE,), clock=Clock(now))

    assert admission(founded, now).admit(
        bundle(founded).access[0], key_of(keys(founded).day_seed(DAY - 1)), now
    )


def test_the_probe_finds_its_queue_and_nobody_elses(tmp_path: Path) -> None:
    """Its patient enters by the link, its doctor by today's credential; for a month and more."""
    clock = Clock(NOW)
    founded = Founded(tmp_path, ORIGIN, (QUEUE,), clock=clock)
    link, address = founded.probe_keys()

    for _ in range(DAYS + 2):
        now = clock.now
        token = link.removeprefix(f"{ORIGIN}/#")
        (queue,) = admission(founded, now).admit(token, "any-key", now).queues
        assert is_probe(queue)
        assert (queue,) == doctor_of(founded, address, now).queues
        clock.advance(DAY_S)
        founded.keep_fresh()


def test_staff_reads_the_status_page_and_enters_nowhere(tmp_path: Path) -> None:
    """By the keys in the address, which is wherever the status page is."""
    founded = Founded(tmp_path, ORIGIN, (QUEUE,), clock=Clock(NOW))
    address = founded.staff_address("http://localhost:9465")

    own = keys_in(address)
    token, key = bundle_of(founded, own).access[1], key_of(own.day_seed(DAY))

    assert address.startswith("http://localhost:9465/status#key1.")
    entry = admission(founded, NOW).staff(token, key, NOW)
    assert (founded.union.id, key) == (entry.union, entry.key)
    with pytest.raises(NotAdmitted):
        admission(founded, NOW).admit(token, key, NOW)


def test_both_links_open_for_who_has_them(tmp_path: Path) -> None:
    """One for anybody to the first queue; the other to this doctor, and many times."""
    founded = Founded(tmp_path, ORIGIN, (QUEUE, "pediatrie"), clock=Clock(NOW))
    admits = admission(founded, NOW)

    pool = founded.patient_link().removeprefix(f"{ORIGIN}/#")
    token, secret, root = founded.own_link().removeprefix(f"{ORIGIN}/#").rsplit(".", 2)
    holder = key_of(links.secrets_of(decode(secret)).holder_seed)

    assert (QUEUE,) == admits.admit(pool, "any-key", NOW).queues
    own = admits.admit(token, holder, NOW)
    assert founded.union.id == root
    assert own.queues[0] == may_serve(founded, NOW)[-1]
    assert own.spend is not None and own.spend.uses == links.USES_MAX


def test_a_short_window_of_the_server_shortens_the_own_link(tmp_path: Path) -> None:
    """Else the server would refuse it."""
    founded = Founded(tmp_path, ORIGIN, (QUEUE,), 600.0, clock=Clock(NOW))

    token = founded.own_link().removeprefix(f"{ORIGIN}/#").rsplit(".", 2)[0]

    parsed = capability.parse(token)
    assert 600 == parsed.ends - parsed.begins


def test_a_demonstration_left_running_goes_on(tmp_path: Path) -> None:
    """For two months, with a machine that sleeps at night: list and enrolment always hold."""
    clock = Clock(NOW)
    founded = Founded(tmp_path, ORIGIN, (QUEUE,), clock=clock)

    for _ in range(2 * DAYS + 2):
        clock.advance(DAY_S)
        founded.keep_fresh()
        assert may_serve(founded, clock.now)


def test_a_demonstration_that_nobody_keeps_fresh_ends(tmp_path: Path) -> None:
    """The test above can fail: a list is over after a day."""
    clock = Clock(NOW)
    founded = Founded(tmp_path, ORIGIN, (QUEUE,), clock=clock)
    clock.advance(DAY_S)

    with pytest.raises(AssertionError):
        may_serve(founded, clock.now)


def test_nothing_is_signed_again_without_need(tmp_path: Path) -> None:
    """It is looked every minute; signing is for a few times a day."""
    clock = Clock(NOW)
    founded = Founded(tmp_path, ORIGIN, (QUEUE,), clock=clock)
    listed = founded.folder / "list.jwt"
    before = listed.read_bytes()

    clock.advance(3_600)
    founded.keep_fresh()
    assert before == listed.read_bytes()
    clock.advance(6 * 3_600)
    founded.keep_fresh()
    assert before != listed.read_bytes()


def test_it_says_what_it_is(tmp_path: Path) -> None:
    """To pages and to servers."""
    founded = Founded(tmp_path, ORIGIN, (QUEUE,), clock=Clock(NOW))

    assert holds_demonstration(founded.trust)
    assert unions.read((founded.folder / "union.json").read_text()).is_demo
    assert "Union de démonstration" == founded.union.name


def test_its_secrets_are_for_this_user_only(tmp_path: Path) -> None:
    """On a machine of several people the others enrol nobody."""
    founded = Founded(tmp_path, ORIGIN, (QUEUE,), clock=Clock(NOW))

    for path in (founded.passphrase_file, founded.folder / "root.key"):
        assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_the_printed_command_enrols_another_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it is printed, with a request in its place; the server hands its bundle out at once."""
    founded = Founded(tmp_path, ORIGIN, (QUEUE, "pediatrie"))
    device = ADevice(Dice(3))
    request = device.request(int(time.time()) // DAY_S)
    words = shlex.split(founded.command())
    variable, _, value = words[0].partition("=")
    assert (PASSPHRASE_FILE, "union") == (variable, words[2])
    monkeypatch.setenv(variable, value)

    main([request if word == "REQUEST" else word for word in words[2:]])

    place = founded.trust / founded.union.id / "bundles"
    files = [(place / f"{number}.bin").read_bytes() for number in range(bundles.FILES)]
    assert {QUEUE, "pediatrie"} == next(
        set(queues) for queues in bundles.open_(files, device.encryption).queue_keys.values()
    )
    assert "Dr Dominique Essai may serve" in capsys.readouterr().out


def test_more_queues_than_a_credential_can_name_are_cut(tmp_path: Path) -> None:
    """The first ones are served; the demonstration starts all the same."""
    many = tuple(f"une-file-avec-un-nom-assez-long-{number}" for number in range(63))
    founded = Founded(tmp_path, ORIGIN, many, clock=Clock(NOW))

    assert founded.queues and founded.queues == many[: len(founded.queues)] != many


def test_a_queue_that_no_union_can_vouch_for_is_a_sentence(tmp_path: Path) -> None:
    """It looks like a doctor's own."""
    with pytest.raises(UnionError, match="cannot name a queue"):
        Founded(tmp_path, ORIGIN, ("A" * 22,), clock=Clock(NOW))


def test_a_directory_is_opened_to_this_union(tmp_path: Path) -> None:
    """Whichever unions it names; each queue has a link, the same at every reading."""
    founded = Founded(tmp_path, ORIGIN, (QUEUE,), clock=Clock(NOW))
    given = Directory({QUEUE: Queue(unions=frozenset({"another"}), wider=("b",)), "b": Queue()})

    opened = founded.opened(given)

    assert opened == founded.opened(given)
    for name, queue in opened.queues.items():
        assert queue.is_served_by(founded.union.id) and queue.wider == given.queues[name].wider
        assert admission(founded, NOW).admit(queue.link, key_of(b"k" * 32), NOW).queues == (name,)
