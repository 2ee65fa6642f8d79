"""The one base of what the relay's files raise.

Pure. A message holds no address, no tag and nothing of what was received.
"""


class RelayError(Exception):
    """Something that the relay was given is not what it must be."""
