"""A server passes when every fact speaks for it; what is not known speaks against it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from signaling.memory_only import CONFIG, ENDS, FORBIDDEN, Facts, judge, replicas_of

INFO: Mapping[str, object] = {
    "role": "master",
    "loading": 0,
    "aof_enabled": 0,
    "aof_rewrite_in_progress": 0,
    "rdb_saves": 0,
    "rdb_bgsave_in_progress": 0,
    "rdb_last_save_time": 1_000,
    "rdb_last_load_keys_loaded": 0,
    "server_time_usec": 1_060_900_000,
    "uptime_in_seconds": 60,
    "connected_slaves": 0,
    "master_replid2": "0" * 40,
}
SETTINGS = {name: allowed[0] for name, (allowed, _) in CONFIG.items()}
GOOD = Facts(
    "master h:1",
    "master",
    info=INFO,
    config=SETTINGS | dict.fromkeys(ENDS, "default"),
    may={" ".join(command): False for command in FORBIDDEN},
    is_open=False,
)
REPLICA = {"ip": "10.0.0.2", "port": 6379, "state": "online"}
FILLED = {"connected_slaves": 1, "slave0": REPLICA}
BEING_FILLED = {"connected_slaves": 1, "slave0": {**REPLICA, "state": "send_bulk"}}


def info(**changed: object) -> Facts:
    return replace(GOOD, info={**INFO, **changed})


def config(**changed: str) -> Facts:
    named = {name.replace("_", "-"): value for name, value in changed.items()}
    return replace(GOOD, config={**GOOD.config, **named})


def test_a_server_that_keeps_nothing_passes() -> None:
    """And so does one that fills replicas, and a replica."""
    assert [] == judge(GOOD)
    assert [] == judge(info(**FILLED))
    assert [] == judge(replace(info(role="slave", rdb_last_load_keys_loaded=9), role="slave"))


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (info(role="slave"), "no master"),
        (replace(GOOD, role="slave"), "no replica"),
        (info(loading=1), "reading a file"),
        (info(aof_enabled=1), "every change"),
        (info(aof_rewrite_in_progress=1), "every change"),
        (info(rdb_saves=1), "has saved everything"),
        (info(rdb_last_save_time=1_010), "since it started"),
        (info(rdb_bgsave_in_progress=1), "is saving everything"),
        (info(rdb_bgsave_in_progress=1, **FILLED), "is saving everything"),
        (info(rdb_last_load_keys_loaded=1), "records of an earlier time"),
        (info(connected_slaves=1), "does not name its replicas"),
        (info(modules=[{"name": "m"}]), "has modules"),
        (config(save="3600 1"), "now and then"),
        (config(appendonly="yes"), "every change"),
        (config(repl_diskless_sync="no"), "fills replicas by way of a disk"),
        (config(repl_diskless_load="disabled"), "filled by way of a disk"),
        (config(repl_diskless_load="on-empty-db"), "filled by way of a disk"),
        (config(slowlog_max_len="128"), "slow commands"),
        (config(shutdown_on_sigterm="save"), "when it is stopped"),
        (config(shutdown_on_sigint="now force"), "when it is stopped"),
        (config(loglevel="verbose"), "addresses to its log"),
        (config(maxmemory_policy="allkeys-lru"), "drops records"),
        (replace(GOOD, config={}), "does not say its configuration"),
        (replace(GOOD, may={}), "does not say what our account may do"),
        (
            replace(GOOD, may={**GOOD.may, "CONFIG SET save 1": True}),
            "our account may run CONFIG SET",
        ),
        (replace(GOOD, is_open=True), "without a password"),
        (Facts("master h:1", "master", trouble="it does not answer"), "does not answer"),
    ],
)
def test_each_thing_that_could_keep_something_is_a_reason(facts: Facts, reason: str) -> None:
    """One sentence for it, which names the server."""
    (found,) = judge(facts)

    assert found.startswith("master h:1: ")
    assert reason in found


@pytest.mark.parametrize("name", sorted(INFO.keys() - {"role", "master_replid2"}))
def test_a_fact_that_is_not_told_is_a_reason(name: str) -> None:
    """It is named, so that somebody can look why."""
    untold = {key: value for key, value in INFO.items() if key != name}

    assert any(name in reason for reason in judge(replace(GOOD, info=untold)))


@pytest.mark.parametrize("name", [*CONFIG, *ENDS])
def test_a_setting_that_is_not_told_is_a_reason(name: str) -> None:
    """As above."""
    untold = {key: value for key, value in GOOD.config.items() if key != name}

    assert any(name in reason for reason in judge(replace(GOOD, config=untold)))


def test_filling_a_replica_is_no_saving() -> None:
    """Redis counts it as such, though it goes into a socket."""
    assert [] == judge(info(rdb_bgsave_in_progress=1, **BEING_FILLED))


def test_what_a_former_replica_was_given_is_not_from_a_disk() -> None:
    """It counts what its master sent as loaded."""
    assert [] == judge(info(rdb_last_load_keys_loaded=9, master_replid2="a" * 40))


def test_many_rights_are_one_sentence() -> None:
    """Whoever may do everything is not told a hundred times."""
    (reason,) = judge(replace(GOOD, may=dict.fromkeys(GOOD.may, True)))

    assert "SAVE, BGSAVE" in reason and " more" in reason and len(reason) < 200


def test_replicas_are_found_where_a_master_names_them() -> None:
    """And nothing else is taken for one."""
    said = {**INFO, **FILLED, "slave_priority": 100, "slave_repl_offset": 1, "slaves": {}}

    assert [("10.0.0.2", 6379)] == replicas_of(said)
