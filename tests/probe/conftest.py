"""What the probe's tests share: an authority that vouches for this machine."""

import pytest

from tests.relay.serving import Authority, authority


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))
