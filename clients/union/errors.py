"""What can go wrong for union staff: one plain sentence each.

Pure. A sentence says what to do next and quotes no key, no passphrase and no token.
"""


class UnionError(Exception):
    """The union's tool could not do what it was asked."""


class Unreadable(UnionError):
    """A token, request, link or file is not what it should be, or was changed."""
