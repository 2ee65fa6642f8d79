"""A clock that stands still until a test moves it."""


class Clock:
    """Seconds since 1970, as the server counts them. Unrealistic: it never runs by itself.

    Pass `clock.now` where a value is wanted, and the clock itself where a callable is.
    """

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> float:
        """Let time pass, and say what time it is then."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self.now += seconds
        return self.now
