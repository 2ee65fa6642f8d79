"""A probe is enrolled without a screen: one secret file, and a request for the union."""

import os
import resource
import signal
import stat
from pathlib import Path

import pytest

from clients.peer import probe_keys
from clients.peer.enrolment import DAYS, enrol, read
from clients.peer.errors import PeerError
from clients.union import bundles, requests
from clients.union.keyring import Keyring
from tests.dice import Dice
from tests.unions import DAY, NOW, ORIGIN, AUnion

LINK = f"{ORIGIN}/#{AUnion().pool_link('probe')}"


def test_keys_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    """And never shown: the request holds their public halves."""
    text = enrol(tmp_path / "probe", NOW, Dice())

    assert 0o600 == stat.S_IMODE((tmp_path / "probe").stat().st_mode)
    seed = probe_keys.seed_of((tmp_path / "probe").read_text())
    request = requests.read(text)
    assert Keyring(seed).device.public_key().public_bytes_raw() == request.device_key
    assert (DAY, DAYS) == (request.first_day, len(request.day_keys))


def test_what_the_union_signs_for_the_request_is_opened_by_the_file(tmp_path: Path) -> None:
    """From the request to the bundle, by the union's own tool."""
    union, file = AUnion(), tmp_path / "probe"
    made = union.vouch(enrol(file, NOW, Dice()), queues=("probe",), has_links=False, role="probe")
    with file.open("a") as more:
        more.write(LINK + "\n")

    keys = read(file)

    place = union.publish(tmp_path / "trust") / "bundles"
    files = [(place / f"{number}.bin").read_bytes() for number in range(bundles.FILES)]
    assert made == bundles.open_(files, Keyring(keys.seed).encryption)
    assert LINK == keys.link


def test_the_same_keys_ask_for_further_days(tmp_path: Path) -> None:
    """What stands in the file stays; before four in the morning the day before counts."""
    first = requests.read(enrol(tmp_path / "probe", NOW, Dice()))
    with (tmp_path / "probe").open("a") as more:
        more.write(LINK + "\n")
    before = (tmp_path / "probe").read_bytes()

    midnight = (DAY + 30) * 86_400
    again = requests.read(enrol(tmp_path / "probe", midnight + 4 * 3_600 - 1, Dice(1)))

    assert first.device_key == again.device_key and first.handle == again.handle
    assert DAY + 29 == again.first_day and first.day_keys[29] == again.day_keys[0]
    assert before == (tmp_path / "probe").read_bytes()


def test_a_disk_that_is_full_leaves_no_half_file(tmp_path: Path) -> None:
    """Whose keys nobody could renew."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, before[1]))
    try:
        with pytest.raises(PeerError, match="Cannot write"):
            enrol(tmp_path / "probe", NOW, Dice())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, former)

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """They could be the probe."""
    enrol(tmp_path / "probe", NOW, Dice())
    (tmp_path / "probe").chmod(mode)

    for act in (read, lambda file: enrol(file, NOW)):
        with pytest.raises(PeerError, match="chmod 600"):
            act(tmp_path / "probe")


def test_what_is_no_file_of_a_probe_is_said(tmp_path: Path) -> None:
    """A folder, a pipe, a file of something else, none at all: nothing is written over."""
    other, pipe = tmp_path / "notes", tmp_path / "pipe"
    other.write_bytes(b"\xff notes\n")
    other.chmod(0o600)
    os.mkfifo(pipe, 0o600)

    for file, sentence in ((tmp_path, "Cannot read"), (pipe, "no file"), (other, "key1.")):
        with pytest.raises(PeerError, match=sentence):
            enrol(file, NOW)
    for missing in (tmp_path / "none" / "probe", other / "probe"):
        with pytest.raises(PeerError, match="Cannot write"):
            enrol(missing, NOW)
    with pytest.raises(PeerError, match="Cannot read"):
        read(tmp_path / "none")
    assert b"\xff notes\n" == other.read_bytes()
