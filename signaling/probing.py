"""Queues of the probe: names that no person's queue has.

Pure. A probe holds consultations with itself, to see that they can be held. What it does is
left out of every figure and of the directory, by the name of its queue alone. Only
credentials of role probe name one (`credentials.py`), and they name nothing else.
"""

RESERVED = "probe"


def is_probe(queue: str) -> bool:
    """Tell whether a queue is a probe's: `probe`, or a name that begins with `probe-`."""
    return queue == RESERVED or queue.startswith(f"{RESERVED}-")
