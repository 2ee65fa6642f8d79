"""No figure of use counts the probe: what it does every minute is nobody's consultation."""

import re

from clients.peer.probe_keys import ProbeKeys
from clients.union import credentials, keyring
from probe.consultation import hold
from signaling.messages import Accepted, Ended, Leave
from signaling.store import Tally
from tests.actors import Doctor, Patient
from tests.probe.services import UNHURRIED
from tests.serving import DAYS, QUEUE, Signaling
from tests.unions import CARD

SEED = b"probe's seed".ljust(32)
PROBES = "probe-1"


def probe_keys(signaling: Signaling) -> ProbeKeys:
    """Enrol a probe with the union that the server trusts."""
    now = signaling.now
    request = keyring.Keyring(SEED).request(now // credentials.DAY_S - 1, DAYS)
    signaling.union.vouch(request, CARD, (PROBES,), False, now - 1, "probe")
    signaling.union.publish(signaling.trust, now=now)
    return ProbeKeys(signaling.pool_link(PROBES), SEED)


async def tallies(signaling: Signaling) -> dict[str, int]:
    """The noisy tallies of this hour and day, by figure and bin."""
    held = await signaling.store.held()
    return {re.sub(r"-\d{10}", "", t.name): t.value for t in held if isinstance(t, Tally)}


async def test_a_round_of_the_probe_moves_no_tally(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """A consultation of people, held after it, is the only one that is counted."""
    born = await tallies(signaling)

    held = await hold("direct", "1", 0.0, probe_keys(signaling), limits=UNHURRIED)
    await patient.joins()
    await doctor.goes_on_duty()
    await doctor.calls_and_proposes(QUEUE)
    await patient.accepts()
    await doctor.hears(Accepted)
    await patient.says(Leave(what="session", path="relayed"))
    assert Ended(what="session", outcome="left") == await doctor.hears(Ended)
    while (await tallies(signaling))["noisy-endings-relayed"] == born["noisy-endings-relayed"]:
        await doctor.settled()

    assert (None, None) == (held.round.failed, held.round.why)
    assert 3 == sum((await tallies(signaling)).values()) - sum(born.values())
