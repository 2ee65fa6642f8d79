"""One seed makes the same keys at both ends, and no two of them are alike."""

import pytest

from clients.union import keyring, requests
from clients.union.errors import Unreadable
from clients.union.keyring import Keyring

SEED = bytes(range(32))
LINK_MASTER = "5e069b80ddc15e0ed8ae0f97c0e8a2fa79812ac176fd14e771473fc003664773"
DAY_20000 = "96cd6e1f9c0e1f582d7be9c212d3105e4ded8345c90c996a4a8a05d94c822d7b"
ENCRYPTION = "ac03bfb3f5e7e4db84e710f6cad26c317817868ff9bd47532ebc339047890c74"
DEVICE = "bcda47eea70774b38f1a22ba9a94f7727ff74a3143de38462a021d367b7e55bb"


def test_keys_of_a_seed_are_those_that_the_page_makes() -> None:
    """The page's own test holds the same values."""
    keys = Keyring(SEED)
    assert keys.link_master.hex() == LINK_MASTER
    assert keys.day_seed(20_000).hex() == DAY_20000
    assert keys.encryption.public_key().public_bytes_raw().hex() == ENCRYPTION
    assert keys.device.public_key().public_bytes_raw().hex() == DEVICE


def test_request_of_a_keyring_is_one_that_a_union_reads() -> None:
    request = requests.read(Keyring(SEED).request(20_000, 3))
    assert (request.first_day, len(set(request.day_keys))) == (20_000, 3)


def test_address_gives_the_seed_back_and_a_damaged_one_is_told() -> None:
    assert keyring.read(keyring.write(SEED)) == SEED
    with pytest.raises(Unreadable):
        keyring.read(keyring.write(SEED)[:-2])
