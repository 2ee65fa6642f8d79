"""Dice whose throws are known beforehand."""

import hashlib


class Dice:
    """Gives n bytes, the same ones in every run and never the same twice.

    Unrealistic: whoever knows the seed knows every throw. Throws of fewer than four bytes
    run out and then raise, rather than repeat.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._throws = 0
        self._thrown: set[bytes] = set()

    def __call__(self, size: int) -> bytes:
        for _ in range(1_000):
            self._throws += 1
            text = f"{self._seed} {self._throws}".encode()
            thrown = hashlib.shake_256(text).digest(size)
            if thrown not in self._thrown:
                self._thrown.add(thrown)
                return thrown
        raise RuntimeError(f"no unseen throw of {size} bytes is left")
