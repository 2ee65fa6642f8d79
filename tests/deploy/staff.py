"""Somebody of a union's staff without a browser: does what the status page does."""

import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from clients.peer.practice import Practice
from clients.peer.proof import prove
from clients.peer.published import Published
from clients.peer.reach import Reach
from clients.union import keyring


@dataclass
class Somebody:
    """One of the staff, by the address that a demonstration prints."""

    address: str
    http: aiohttp.ClientSession
    trust: ssl.SSLContext | None = None
    pass_: str = ""

    @property
    def origin(self) -> str:
        place = urlsplit(self.address)
        return f"{place.scheme}://{place.netloc}"

    async def enters(self, now: float) -> int:
        """Find the credential, prove its key, and enter; says how that was answered."""
        keys = keyring.Keyring(keyring.read(urlsplit(self.address).fragment))
        published = Published(self.origin, Reach(self.trust))
        unions = await published.unions()
        bundle = await published.bundle(unions[0].kid, keys.encryption)
        assert bundle is not None
        entry = Practice(keys, bundle, unions, unions[0], published).entry(now)
        async with self.http.get(f"{self.origin}/status/challenge") as answer:
            challenge = (await answer.json())["challenge"]
        proof = prove(entry.seed, challenge, self.origin, entry.token)
        said = {"challenge": challenge, "token": entry.token, "proof": proof}
        headers = {"Origin": self.origin}
        async with self.http.post(
            f"{self.origin}/status/enter", json=said, headers=headers
        ) as answer:
            if answer.status == 200:
                self.pass_ = (await answer.json())["pass"]
            return answer.status

    async def reads(self) -> Any:
        """Read the state; None where the pass is not good."""
        headers = {"Authorization": f"Bearer {self.pass_}"}
        async with self.http.get(f"{self.origin}/status/state", headers=headers) as answer:
            return await answer.json() if answer.status == 200 else None
