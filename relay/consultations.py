"""Which tags are together: the only way to anybody through the relay.

Pure. The server says who is bound to whom; the relay knows tags, never people, and keeps
this in memory while it lasts, bounded in time and in number: a server may die untold.
"""

from collections import OrderedDict
from collections.abc import Iterable
from itertools import takewhile
from math import inf

from .credentials import is_tag


class Consultations:
    """The tags that are bound together, and those that ended.

    Args:
        tags_max: how many may be in one consultation.
        ended_max: how many ended tags are remembered.
        ended_for_s: for how long, and for how long a consultation is in which nobody has an
            allocation; no password lives longer.
        consultations_max: how many consultations there are at most.
    """

    def __init__(
        self,
        tags_max: int,
        ended_max: int,
        ended_for_s: float,
        consultations_max: float = inf,
    ) -> None:
        self._tags_max = tags_max
        self._ended_max = ended_max
        self._ended_for_s = ended_for_s
        self._consultations_max = consultations_max
        self._together: dict[str, frozenset[str]] = {}
        # Consultation -> when somebody was last there or it was last said, in that order; None
        # for since the last tick.
        self._idle_since: OrderedDict[frozenset[str], float | None] = OrderedDict()
        self._here: set[str] = set()
        self._ended: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        """Count the consultations that last."""
        return len(self.groups())

    def groups(self) -> set[frozenset[str]]:
        """List the consultations that last."""
        return set(self._together.values())

    def are_together(self, tag: str, other: str) -> bool:
        """Tell whether two tags are of one consultation. A tag is not so with itself."""
        return tag != other and other in self._together.get(tag, ())

    def is_bound(self, tag: str) -> bool:
        """Tell whether a tag is in a consultation."""
        return tag in self._together

    def with_(self, tag: str) -> frozenset[str]:
        """List the tags of a tag's consultation, itself included."""
        return self._together.get(tag, frozenset()) | {tag}

    def has_ended(self, tag: str) -> bool:
        """Tell whether a tag is to be refused."""
        return tag in self._ended

    def bind(self, tags: Iterable[str]) -> frozenset[str]:
        """Make of these tags one consultation; each leaves the one it was in.

        Returns:
            The tags whose reach changed.

        Raises:
            ValueError: too many, or one that is no tag. Nothing has changed then.
        """
        group = frozenset(tags)
        if len(group) > self._tags_max:
            raise ValueError("more tags than a consultation may have")
        if not all(map(is_tag, group)):
            raise ValueError("a tag is 1 to 64 letters, digits, - and _")
        if group in self._idle_since:
            self._keep(group)
            return frozenset()
        changed = self.unbind(group) | group
        if len(group) > 1:
            self._together.update(dict.fromkeys(group, group))
            self._keep(group)
        for tag in group:
            self._ended.pop(tag, None)
        if len(self._idle_since) > self._consultations_max:
            changed |= self._drop(self._oldest())
        return changed

    def unbind(self, tags: Iterable[str]) -> frozenset[str]:
        """Take tags out of their consultations; those who remain stay together.

        Returns:
            The tags whose reach changed.
        """
        changed: set[str] = set()
        for tag in tags:
            group = self._together.get(tag, frozenset())
            if not group:
                continue
            changed |= self._drop(group)
            left = group - {tag}
            if len(left) > 1:
                self._together.update(dict.fromkeys(left, left))
                self._keep(left)
        return frozenset(changed)

    def rebind(self, groups: Iterable[Iterable[str]]) -> frozenset[str]:
        """Make exactly these consultations of all tags.

        Returns:
            The tags whose reach may have changed.

        Raises:
            ValueError: as `bind` does; also if a tag is in two. Nothing has changed then.
        """
        wanted = [frozenset(group) for group in groups]
        trial = Consultations(self._tags_max, 0, 0)
        for group in wanted:
            trial.bind(group)
        if len({tag for group in wanted for tag in group}) < sum(map(len, wanted)):
            raise ValueError("a tag is in two consultations")
        changed = self.unbind(list(self._together))
        for group in wanted:
            changed |= self.bind(group)
        return changed

    def end(self, tags: Iterable[str], now: float) -> None:
        """Refuse tags from now on, for as long as one of their passwords could live."""
        for tag in tags:
            self._ended.pop(tag, None)
            self._ended[tag] = now + self._ended_for_s
        while len(self._ended) > self._ended_max:
            self._ended.popitem(last=False)

    def came(self, tag: str) -> None:
        """Hear that a tag has an allocation now: its consultation stays."""
        self._here.add(tag)

    def went(self, tag: str) -> None:
        """Hear that a tag has none any more: its consultation is idle from now on, or was."""
        self._here.discard(tag)
        if group := self._together.get(tag):
            self._keep(group)

    def forget(self, now: float) -> None:
        """Forget the ended tags whose last password has expired, and consultations as idle."""
        while self._ended and next(iter(self._ended.values())) <= now:
            self._ended.popitem(last=False)
        for group, since in reversed(self._idle_since.items()):
            if since is not None:
                break
            self._idle_since[group] = now
        due = takewhile(
            lambda each: (each[1] or 0) + self._ended_for_s <= now, self._idle_since.items()
        )
        for group, _ in list(due):
            if group & self._here:
                self._keep(group)
            else:
                self._drop(group)

    def _keep(self, group: frozenset[str]) -> None:
        self._idle_since[group] = None
        self._idle_since.move_to_end(group)

    def _drop(self, group: frozenset[str]) -> frozenset[str]:
        del self._idle_since[group]
        for tag in group:
            del self._together[tag]
        return group

    def _oldest(self) -> frozenset[str]:
        """Find what has been idle longest; if somebody is in each, what was said longest ago."""
        idle = (group for group in self._idle_since if not group & self._here)
        return next(idle, next(iter(self._idle_since)))
