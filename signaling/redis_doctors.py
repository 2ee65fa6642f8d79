"""Doctors on duty, on Redis.

Pure; `redis_keys.py` is the door. Who serves a queue is an index: whoever reads it sees from the
doctor's own record whether it is so.
"""

from collections.abc import Sequence
from dataclasses import replace

from .redis_kept import DUE, INDEX_S, MARGIN_S, Kept, at
from .redis_keys import Command
from .store import Doctor


class RedisDoctors(Kept):
    """The part of `store.Store` that is about doctors on duty."""

    async def go_on_duty(self, doctor: Doctor) -> None:
        tries = self._tries()
        while True:
            await tries.again()
            raw, before = await self._doctor(doctor.key)
            if await self._swap_doctor(raw, before, doctor):
                left = before.queues - doctor.queues if before else ()
                await self._redis.run(*(("ZREM", at("duty", queue), doctor.key) for queue in left))
                await self._list(doctor)
                return

    async def doctor(self, key: str) -> Doctor | None:
        return (await self._doctor(key))[1]

    async def renew_doctor(self, key: str, expires_at: float) -> None:
        tries = self._tries()
        while True:
            await tries.again()
            raw, held = await self._doctor(key)
            if held is None:
                return
            after = replace(held, expires_at=expires_at)
            if await self._swap_doctor(raw, held, after):
                await self._list(after)
                return

    async def go_off_duty(self, key: str) -> Doctor | None:
        tries = self._tries()
        while True:
            await tries.again()
            raw, held = await self._doctor(key)
            if held is None or await self._drop_doctor(raw, held):
                return held

    async def doctors(self, queue: str) -> Sequence[Doctor]:
        (keys,) = await self._redis.run(("ZRANGE", at("duty", queue), 0, -1))
        found = await self._read_all(Doctor, (at("doctor", key) for key in keys))
        return [doctor for doctor in found if doctor is not None and queue in doctor.queues]

    async def _doctor(self, key: str) -> tuple[str | None, Doctor | None]:
        return await self._read(Doctor, at("doctor", key))

    async def _swap_doctor(self, raw: str | None, before: Doctor | None, after: Doctor) -> bool:
        """Note a doctor, an end that comes sooner by it ahead; `_list` notes it once more."""
        is_sooner = before is None or after.expires_at < before.expires_at
        due = self._due(f"doctor {after.key}", after.expires_at) if is_sooner else ()
        await self._redis.run(*due)
        return await self._swap(at("doctor", after.key), raw, after, after.expires_at)

    async def _drop_doctor(self, raw: str | None, doctor: Doctor) -> bool:
        """Forget a doctor; of several who do this at once, one hears that it is done."""
        if not await self._redis.swap(at("doctor", doctor.key), raw, None, 0):
            return False
        # Dying here leaves the key in the index, until another who serves the queue renews.
        await self._redis.run(
            *(("ZREM", at("duty", queue), doctor.key) for queue in doctor.queues),
            ("ZREM", DUE, f"doctor {doctor.key}"),
        )
        # Another window may have gone on duty since the swap: then its notes went with ours.
        _, back = await self._doctor(doctor.key)
        if back is not None:
            await self._list(back)
        return True

    async def _list(self, doctor: Doctor) -> None:
        """Have a doctor found by each queue, and in time. Each sign of life does so, and sweeps."""
        swept, lasts = self._clock() - MARGIN_S, self._ms(doctor.expires_at, INDEX_S)
        commands: list[Command] = [*self._due(f"doctor {doctor.key}", doctor.expires_at)]
        for queue in sorted(doctor.queues):
            commands += (
                ("ZREMRANGEBYSCORE", at("duty", queue), "-inf", repr(swept)),
                ("ZADD", at("duty", queue), repr(doctor.expires_at), doctor.key),
                ("PEXPIRE", at("duty", queue), lasts),
            )
        await self._redis.run(*commands)
