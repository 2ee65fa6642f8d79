"""Whether a Redis can keep what it is given: what its servers say, judged.

Pure. A server passes only if every fact is established *and* our account is unable to change
it: what cannot be read is a reason against. The files in `deploy/redis/` pass.

What is judged here is what the server says of itself. Somebody with more rights on it, or on
its machine, can watch and change it; `redis_watch.py` asks again on a timer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

INFO_SECTIONS = ("persistence", "replication", "server", "modules")

# A key of ours, so that a right is not missing for the key's sake only.
KEY = "{s.0}"

# Setting -> (what it may be, why not otherwise).
CONFIG: dict[str, tuple[tuple[str, ...], str]] = {
    "save": (("",), "it saves everything to a disk now and then"),
    "appendonly": (("no",), "it writes every change to a disk"),
    "repl-diskless-sync": (("yes",), "it fills replicas by way of a disk"),
    "repl-diskless-load": (("swapdb",), "it is filled by way of a disk when it becomes a replica"),
    "slowlog-max-len": (("0",), "it keeps slow commands with what they carried"),
    "acllog-max-len": (("0",), "it keeps refused commands with their addresses"),
    "latency-tracking": (("no",), "it keeps how long which command took"),
    "latency-monitor-threshold": (("0",), "it keeps when which command was slow"),
    "crash-log-enabled": (("no",), "in a crash it writes what it holds to its log"),
    "loglevel": (("notice", "warning"), "it writes addresses to its log"),
    "maxmemory-policy": (("noeviction",), "it drops records when memory is short"),
}
# Each may name several words, and must not say `save`.
ENDS = ("shutdown-on-sigterm", "shutdown-on-sigint")

# What our account must not be able to do, each as it would be typed.
FORBIDDEN: tuple[tuple[str, ...], ...] = tuple(
    tuple(KEY if word == "k" else word for word in line.split())
    for line in """
    SAVE | BGSAVE | BGREWRITEAOF | LASTSAVE | SHUTDOWN | CONFIG SET save 1 | CONFIG REWRITE
    | CONFIG RESETSTAT | DEBUG SLEEP 0 | MONITOR | MODULE LIST | MODULE LOAD m | MODULE LOADEX m
    | MODULE UNLOAD m | REPLICAOF h 1 | SLAVEOF h 1 | SYNC | PSYNC r 1 | REPLCONF ack 1 | FAILOVER
    | MIGRATE h 1 k 0 1 | DUMP k | RESTORE k 0 v | RESTORE-ASKING k 0 v | KEYS * | SCAN 0
    | RANDOMKEY | FLUSHALL | FLUSHDB | SWAPDB 0 1 | MOVE k 1 | SELECT 1 | SORT k | SORT_RO k
    | SLOWLOG GET | SLOWLOG LEN | SLOWLOG RESET | LATENCY LATEST | LATENCY GRAPH e
    | LATENCY HISTOGRAM | LATENCY HISTORY e | LATENCY DOCTOR | LATENCY RESET
    | CLIENT LIST | CLIENT KILL ID 1 | CLIENT PAUSE 1 | CLIENT UNPAUSE | CLIENT UNBLOCK 1
    | CLIENT NO-EVICT on | CLIENT TRACKING on
    | ACL SETUSER u | ACL DELUSER u | ACL GETUSER u | ACL LIST | ACL USERS | ACL LOAD | ACL SAVE
    | ACL LOG | FUNCTION LOAD f | FUNCTION DUMP | FUNCTION RESTORE f | FUNCTION FLUSH
    | SCRIPT FLUSH | SCRIPT KILL | PSUBSCRIBE * | PUBSUB CHANNELS | PFDEBUG ENCODING k
    | PFSELFTEST | CLUSTER RESET | CLUSTER FAILOVER | CLUSTER FORGET n | CLUSTER MEET h 1
    | CLUSTER REPLICATE n | CLUSTER REPLICAS n | CLUSTER SLAVES n | CLUSTER ADDSLOTS 0
    | CLUSTER ADDSLOTSRANGE 0 1 | CLUSTER DELSLOTS 0 | CLUSTER DELSLOTSRANGE 0 1
    | CLUSTER FLUSHSLOTS | CLUSTER SETSLOT 0 STABLE | CLUSTER BUMPEPOCH
    | CLUSTER SET-CONFIG-EPOCH 1 | CLUSTER SAVECONFIG | CLUSTER COUNT-FAILURE-REPORTS n
    """.split("|")
)

NAMED_MAX = 8
"""Commands that a sentence names. Who may run that many may run most."""

WHAT_TO_DO = (
    "Start it with redis.conf and users.acl of deploy/redis; its README says how, in ten lines."
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What one server said when it was asked. What it would not say is missing.

    Attributes:
        name: where it is, for people.
        role: what it should be: of a replica, its master has told us.
        trouble: why it could not be asked at all.
        info: by name, the sections of INFO together.
        config: by name.
        may: a command of `FORBIDDEN`, its words joined -> may our account run it?
        is_open: somebody without a password gets in.
    """

    name: str
    role: str
    trouble: str = ""
    info: Mapping[str, object] = field(default_factory=dict)
    config: Mapping[str, str] = field(default_factory=dict)
    may: Mapping[str, bool] = field(default_factory=dict)
    is_open: bool = True


def replicas_of(info: Mapping[str, object]) -> list[tuple[str, int]]:
    """List the replicas that a server fills, from its INFO: host and port of each."""
    found = []
    for name, value in info.items():
        if name.startswith("slave") and name[5:].isdigit() and isinstance(value, dict):
            found.append((str(value.get("ip", "")), int(value.get("port", 0))))
    return found


def judge(facts: Facts) -> list[str]:
    """Say, a sentence each, what speaks against a server. Nothing is the best answer."""
    if facts.trouble:
        return [f"{facts.name}: {facts.trouble}"]
    reasons = [*_by_info(facts), *_by_config(facts), *_by_rights(facts)]
    if facts.is_open:
        reasons.append("anybody gets in without a password")
    return [f"{facts.name}: {reason}" for reason in reasons]


def _by_info(facts: Facts) -> list[str]:
    info, reasons = facts.info, []

    def number(name: str) -> int:
        value = info.get(name)
        if isinstance(value, int):
            return value
        reasons.append(f"it does not say {name} (INFO)")
        return 0

    if info.get("role") != facts.role:
        reasons.append(
            f"it is no {'master' if facts.role == 'master' else 'replica'} at the moment"
        )
    if number("loading"):
        reasons.append("it is reading a file")
    if number("aof_enabled") or number("aof_rewrite_in_progress"):
        reasons.append("it writes every change to a disk (aof_enabled)")
    if number("rdb_saves"):
        reasons.append("it has saved everything to a disk (rdb_saves)")
    # Statistics can be reset, this time cannot. It is the start's where nothing was saved.
    started_at = number("server_time_usec") // 1_000_000 - number("uptime_in_seconds")
    if number("rdb_last_save_time") > started_at + 2:
        reasons.append("it has saved everything to a disk since it started (rdb_last_save_time)")
    if number("rdb_bgsave_in_progress") and not _fills_a_replica(info):
        reasons.append("it is saving everything to a disk (rdb_bgsave_in_progress)")
    was_replica = info.get("role") != "master" or set(str(info.get("master_replid2"))) != {"0"}
    if number("rdb_last_load_keys_loaded") and not was_replica:
        reasons.append("it found records of an earlier time on a disk (rdb_last_load_keys_loaded)")
    if number("connected_slaves") != len(replicas_of(info)):
        reasons.append("it does not name its replicas (INFO replication)")
    if info.get("modules"):
        reasons.append("it has modules, of which nobody knows what they keep")
    return list(dict.fromkeys(reasons))


def _fills_a_replica(info: Mapping[str, object]) -> bool:
    """Tell whether a replica is being filled: that too counts as saving, but into a socket."""
    return any(
        isinstance(value, dict) and name.startswith("slave") and value.get("state") != "online"
        for name, value in info.items()
    )


def _by_config(facts: Facts) -> list[str]:
    unread = [name for name in (*CONFIG, *ENDS) if name not in facts.config]
    if unread:
        return [f"it does not say its configuration (CONFIG GET {' '.join(unread)})"]
    wrong = [
        f"{why} ({name} is {facts.config[name] or 'empty'}, not {allowed[0] or 'empty'})"
        for name, (allowed, why) in CONFIG.items()
        if facts.config[name] not in allowed
    ]
    return wrong + [
        f"it saves everything to a disk when it is stopped ({name} is {facts.config[name]})"
        for name in ENDS
        if {"save", "force"} & set(facts.config[name].split())
    ]


def _by_rights(facts: Facts) -> list[str]:
    commands = [" ".join(command) for command in FORBIDDEN]
    if any(command not in facts.may for command in commands):
        return ["it does not say what our account may do (ACL DRYRUN, ACL WHOAMI)"]
    allowed = [short(command) for command in FORBIDDEN if facts.may[" ".join(command)]]
    names = list(dict.fromkeys(allowed))
    more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    return [f"our account may run {', '.join(names[:NAMED_MAX])}{more}"] if names else []


def short(command: tuple[str, ...]) -> str:
    """Name a command without what it is given: `CONFIG SET`."""
    groups = {"CONFIG", "MODULE", "SLOWLOG", "LATENCY", "CLIENT", "ACL", "FUNCTION", "SCRIPT"}
    words = 2 if command[0] in groups | {"PUBSUB", "CLUSTER"} else 1
    return " ".join(command[:words])
