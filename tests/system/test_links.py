"""Unions, doctors and links over real sockets: who gets in, how often, and until when."""

import asyncio
from dataclasses import dataclass

import pytest

from clients.union import links
from clients.union.credentials import DAY_S, Signed
from clients.union.encoding import decode
from clients.union.keys import signing_key
from signaling.messages import Accept, Accepted, Call, Duty, Ended, Joined, Leave, Proposed, Refused
from tests.actors import Doctor, Patient
from tests.dice import Dice
from tests.serving import QUEUE, Signaling
from tests.unions import ADevice, ALink, AUnion

USES_AT_ONCE = 50


@dataclass
class Service:
    """A service that trusts one union, with one of its doctors on duty."""

    signaling: Signaling
    device: ADevice
    doctor: Doctor

    def credential(self) -> Signed:
        """Another of the doctor's access credentials of today."""
        device, day = self.device, self.signaling.now // DAY_S
        return self.signaling.union.access(device.day_seeds[0], handle=device.handle, day=day)

    def link(self) -> ALink:
        """A personal link of the doctor's."""
        return self.device.link(self.signaling.now, self.signaling.now + 3_600)

    def revokes(self, *ids: str) -> None:
        """Have the server read a fresh list, which names these."""
        union = self.signaling.union
        listed = union.trusted(ids, seq=2, now=self.signaling.now)
        self.signaling.admission.trust({union.id: listed})

    def patient(self, link: ALink) -> Patient:
        """Somebody who opened a link."""
        patient = self.signaling.cast.patient()
        patient.token, patient.key = link.token, signing_key(link.holder_seed)
        return patient

    async def sees(self, patient: Patient) -> Accepted:
        """Call and propose, and have the patient accept."""
        await self.doctor.calls_and_proposes(self.device.handle)
        accepted = await patient.accepts()
        await self.doctor.hears(Accepted)
        return accepted


@pytest.fixture
async def service(signaling: Signaling) -> Service:
    device, doctor = ADevice(Dice(7)), signaling.cast.doctor()
    service = Service(signaling, device, doctor)
    doctor.key, doctor.token = signing_key(device.day_seeds[0]), service.credential().token
    await doctor.goes_on_duty()
    return service


async def test_a_doctor_vouched_for_sees_a_patient_with_his_link(service: Service) -> None:
    """From credential and link to a session and good-bye, in the personal queue."""
    patient = service.patient(service.link())
    await patient.joins()

    await service.sees(patient)

    await patient.says(Leave(what="session"))
    assert "left" == (await patient.hears(Ended)).outcome


async def test_of_fifty_who_open_a_single_use_link_at_once_one_enters(service: Service) -> None:
    """However they race: one session, and the link is spent for all the others."""
    link = service.link()
    everybody = [service.patient(link) for _ in range(USES_AT_ONCE)]
    await asyncio.gather(*(one.asks_in(one.token, m1="bTE") for one in everybody))
    await service.doctor.hears_board(waiting=1)

    await service.doctor.calls_and_proposes(service.device.handle)
    entered = await asyncio.gather(*(accepts(one) for one in everybody))
    assert 1 == sum(entered)

    (winner,) = [one for one, has in zip(everybody, entered, strict=True) if has]
    await winner.says(Leave(what="session"))
    await winner.hears(Ended)
    late = [service.patient(link) for _ in range(USES_AT_ONCE)]
    await asyncio.gather(*(one.asks_in(one.token, m1="bTE") for one in late))
    await asyncio.gather(*(one.is_refused("spent") for one in late))


async def accepts(patient: Patient) -> bool:
    """Accept if anything is proposed here; whoever was replaced by a newer socket cannot."""
    await patient.hears(Joined)
    heard = await patient.hears_any(Proposed, Ended)
    if not isinstance(heard, Proposed):
        return False
    await patient.says(Accept(call=heard.call, m3="bTM"))
    return isinstance(await patient.hears_any(Accepted, Refused, Ended), Accepted)


async def test_a_link_read_by_somebody_else_lets_nobody_in(service: Service) -> None:
    """The capability without the secret, under another key."""
    thief = service.patient(service.link())
    thief.key = signing_key(b"t" * 32)

    await thief.asks_in(thief.token, m1="bTE")

    await thief.is_refused("not-admitted")


async def test_a_patients_link_makes_no_doctor(service: Service) -> None:
    """What he may say is a patient's."""
    patient = service.patient(service.link())
    await patient.joins()

    await patient.says(Duty(state="on"))

    await patient.is_refused("out-of-turn")


async def test_a_doctor_revoked_while_on_duty_gets_no_further_patient(service: Service) -> None:
    """The socket is open already; the next call looks at the fresh list."""
    await service.patient(service.link()).joins()
    credential = service.credential()
    lost = service.signaling.cast.doctor()
    lost.key, lost.token = service.doctor.key, credential.token
    await lost.goes_on_duty()
    await lost.settled()

    service.revokes(credential.jti)

    for message in (Call(queue=service.device.handle), Duty(state="on")):
        await lost.says(message)
        await lost.is_refused("revoked")


async def test_a_seats_pass_gives_a_revoked_doctor_no_patient(service: Service) -> None:
    """Back in a session by the pass, revoked meanwhile: that session, and nobody after it."""
    seen = service.patient(service.link())
    await seen.joins()
    await service.sees(seen)
    await service.patient(service.link()).joins()
    again = service.signaling.cast.doctor()
    again.key = service.doctor.key

    await again.asks_in(service.doctor.last_pass)
    await again.hears(Joined)
    await again.hears(Accepted)
    service.signaling.admission.trust({})
    await again.says(Leave(what="session"))
    await again.hears(Ended)

    for message in (Call(queue=service.device.handle), Duty(state="on")):
        await again.says(message)
        await again.is_refused("not-admitted")


async def test_a_doctor_whose_day_is_over_gets_no_further_patient(service: Service) -> None:
    """Going off duty he may still say."""
    service.signaling.clock.advance(2 * 86_400)
    assert await service.doctor.hears(Ended) == Ended(what="duty", outcome="expired")
    await service.doctor.says(Duty(state="on"))
    await service.doctor.is_refused("expired")

    await service.doctor.says(Duty(state="off"))
    await service.doctor.settled()


async def test_each_refusal_of_a_credential_says_why(service: Service) -> None:
    """Tomorrow's, the day before yesterday's, a revoked one, another union's; today's passes."""
    signaling, seed = service.signaling, service.device.day_seeds[0]
    union, today = signaling.union, signaling.now // DAY_S
    revoked = service.credential()
    service.revokes(revoked.jti)
    foreign = AUnion(9, signaling.origin)

    for token, code in (
        (union.access(seed, day=today + 1).token, "early"),
        (union.access(seed, day=today - 2).token, "expired"),
        (revoked.token, "revoked"),
        (foreign.access(seed, day=today).token, "not-admitted"),
    ):
        doctor = signaling.cast.doctor()
        doctor.key = service.doctor.key
        await doctor.asks_in(token)
        await doctor.is_refused(code)
    doctor = signaling.cast.doctor()
    doctor.key = service.doctor.key
    await doctor.asks_in(service.credential().token)
    await doctor.hears(Joined)


async def test_the_socket_is_for_the_roles_that_serve(service: Service) -> None:
    """No staff, no doctor in the probe's queue, no probe in people's; but a probe in its own."""
    signaling, seed = service.signaling, service.device.day_seeds[0]
    union, day = signaling.union, signaling.now // DAY_S
    refused = (
        union.access(seed, (), day=day, role="staff"),
        union.access(seed, (QUEUE, "probe"), day=day),
        union.access(seed, ("probe", QUEUE), day=day, role="probe"),
        union.access(seed, ("probe",), service.device.handle, day, "probe"),
    )

    for credential in refused:
        doctor = signaling.cast.doctor()
        doctor.key = service.doctor.key
        await doctor.asks_in(credential.token)
        await doctor.is_refused("not-admitted")

    probe = signaling.cast.doctor()
    probe.key = service.doctor.key
    await probe.asks_in(union.access(seed, ("probe",), day=day, role="probe").token)
    joined = await probe.hears(Joined)
    assert ("probe",) == joined.queues


async def test_a_revoked_probe_gets_no_further_patient(service: Service) -> None:
    """As a doctor does: its credential is looked at again before each call."""
    signaling, seed = service.signaling, service.device.day_seeds[0]
    credential = signaling.union.access(seed, ("probe",), day=signaling.now // DAY_S, role="probe")
    probe = signaling.cast.doctor()
    probe.key, probe.token = service.doctor.key, credential.token
    await probe.goes_on_duty()
    await probe.settled()

    service.revokes(credential.jti)

    for message in (Call(queue="probe"), Duty(state="on")):
        await probe.says(message)
        await probe.is_refused("revoked")


async def test_without_a_fresh_list_every_doctor_is_refused_as_revoked(service: Service) -> None:
    """Silence is not consent: a day after the last list nobody enters, with any credential."""
    signaling, seed = service.signaling, service.device.day_seeds[0]
    await service.doctor.says(Duty(state="off"))
    await service.doctor.settled()
    signaling.clock.advance(DAY_S)

    doctor = signaling.cast.doctor()
    doctor.key = service.doctor.key
    await doctor.asks_in(signaling.union.access(seed, day=signaling.now // DAY_S).token)

    await doctor.is_refused("revoked")


async def test_each_refusal_of_a_pool_link_says_why(service: Service) -> None:
    """The counted ones, too, which a union's office makes."""
    signaling = service.signaling
    union, now = signaling.union, signaling.now

    def counted(begins: int, ends: int) -> ALink:
        token, _, secret = union.counted_link(QUEUE, begins, ends).rpartition(".")
        return ALink(token, links.secrets_of(decode(secret, 16)).holder_seed)

    for link, code in (
        (ALink(union.pool_link(QUEUE, now + 3_600, now + 7_200), b"h" * 32), "early"),
        (ALink(union.pool_link(QUEUE, now - 7_200, now), b"h" * 32), "expired"),
        (counted(now + 3_600, now + 7_200), "early"),
        (counted(now - 7_200, now), "expired"),
        (ALink(counted(now, now + 60).token, b"t" * 32), "not-admitted"),
    ):
        patient = service.patient(link)
        await patient.asks_in(patient.token, m1="bTE")
        await patient.is_refused(code)

    await service.patient(counted(now, now + 60)).joins()


async def test_a_used_up_pool_link_is_spent(service: Service) -> None:
    """Once its session has started; before that it may be opened again and again."""
    signaling = service.signaling
    token, _, secret = signaling.union.counted_link(
        QUEUE, signaling.now, signaling.now + 60
    ).rpartition(".")
    link = ALink(token, links.secrets_of(decode(secret, 16)).holder_seed)
    colleague = signaling.cast.doctor()
    await colleague.goes_on_duty()
    await service.patient(link).joins()
    patient = service.patient(link)
    await patient.joins()

    await colleague.calls_and_proposes(QUEUE)
    await patient.accepts()
    await patient.says(Leave(what="session"))
    await patient.hears(Ended)

    late = service.patient(link)
    await late.asks_in(late.token, m1="bTE")
    await late.is_refused("spent")


async def test_each_refusal_of_a_link_says_why(service: Service) -> None:
    """Early, late, and none of ours."""
    now = service.signaling.now
    for link, code in (
        (service.device.link(now + 3_600, now + 7_200), "early"),
        (service.device.link(now - 7_200, now - 3_600), "expired"),
        (ALink(AUnion(9).pool_link(QUEUE, now, now + 60), b"h" * 32), "not-admitted"),
    ):
        patient = service.patient(link)
        await patient.asks_in(patient.token, m1="bTE")
        await patient.is_refused(code)
