"""The rules that we ship: what wakes somebody, and what does not, as Debian's promtool sees it."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.prometheus_server import RULES, SHIPPED

STEP_S = 30
ROUND = '{path="tls",node="1"}'
SUCCESS = f"teleconsult_probe_success{ROUND}"
AT = f"teleconsult_probe_round_timestamp_seconds{ROUND}"
AT_UDP = AT.replace("tls", "udp")
FULL = f"teleconsult_probe_relay_full{ROUND}"
ENDS = 'teleconsult_probe_certificate_expires_timestamp_seconds{node="1"}'
NODE = '{job="teleconsult",node="1"}'
MEMORY_ONLY, OPEN = f"teleconsult_store_memory_only{NODE}", f"teleconsult_store_open{NODE}"
TRUSTED, FRESH = f"teleconsult_unions_trusted{NODE}", f"teleconsult_union_lists_fresh{NODE}"
NOBODY = 'teleconsult_doctors_on_duty{band="none",node="1"}'
NOBODY_THERE = 'teleconsult_doctors_on_duty{band="none",node="2"}'
DAY_S = 86_400

# A round each minute, seen twice: series begin at 0, the clock of promtool.
ROUNDS = "0 0 60 60 120 120 180 180 240 240 300 300 360 360 420 420 480 480 540 540 600 600"

# A round each three minutes: the first is well, the next two are not, the last is.
SLOWLY, SLOWLY_RED = "0x5 180x5 360x5 540x5", "1x5 0x11 1x5"


@dataclass(frozen=True)
class Case:
    """What is seen, every half minute from 0 on, and whether somebody is woken at a time."""

    alert: str
    what: str
    seen: Mapping[str, str]
    at_s: int
    is_firing: bool
    labels: Mapping[str, str] = field(default_factory=lambda: {"node": "1"})

    @property
    def name(self) -> str:
        return f"{self.alert}: {self.what}"


ON_A_PATH = {"node": "1", "path": "tls"}
FAILING, FULL_UP = "TeleconsultPathFailing", "TeleconsultRelayFull"
SILENT, PROBE_UP = "TeleconsultProbeSilent", 'up{job="teleconsult-probe"}'
AWAY, REFUSED = "TeleconsultStoreAway", "TeleconsultStoreRefused"
ENDING, AT_ITS_END = "TeleconsultCertificateEnding", "TeleconsultCertificateAtItsEnd"
LIST_OLD, NODE_SILENT = "TeleconsultUnionListOld", "TeleconsultNodeSilent"
DOWN, RELAY_UP = "TeleconsultRelayDown", f"teleconsult_relay_up{NODE}"
ON_DUTY = "TeleconsultNobodyOnDuty"
OF_THE_PROBE = {"job": "teleconsult-probe"}
OF_A_NODE = {"job": "teleconsult", "node": "1"}

CASES = [
    Case(FAILING, "two rounds", {SUCCESS: "1x3 0x9", AT: ROUNDS}, 240, True, ON_A_PATH),
    Case(FAILING, "one round", {SUCCESS: "1x3 0 0 1x9", AT: ROUNDS}, 240, False),
    Case(FAILING, "the last of two", {SUCCESS: "1x3 0 0 1x9", AT: ROUNDS}, 150, False),
    Case(FAILING, "slow rounds", {SUCCESS: SLOWLY_RED, AT: SLOWLY}, 390, True, ON_A_PATH),
    Case(FAILING, "between slow rounds", {SUCCESS: SLOWLY_RED, AT: SLOWLY}, 510, True, ON_A_PATH),
    Case(FAILING, "slow, and whole again", {SUCCESS: SLOWLY_RED, AT: SLOWLY}, 570, False),
    Case(FAILING, "a probe that stands", {SUCCESS: "1x3 0x9", AT: "0x20"}, 240, False),
    Case(SILENT, "no round", {AT: "0x40", PROBE_UP: "1x40"}, 600, True),
    Case(
        SILENT,
        "a node left out",
        {AT: "0x3 _x40", PROBE_UP: "1x40", f"up{NODE}": "1x40"},
        600,
        True,
    ),
    Case(
        SILENT,
        "a path or a node that is no more",
        {AT: "0x3 _x40", AT_UDP: ROUNDS, PROBE_UP: "1x40", f"up{NODE}": "1x40"},
        600,
        False,
    ),
    Case(SILENT, "rounds", {AT: ROUNDS, PROBE_UP: "1x40"}, 600, False),
    Case(SILENT, "a clock ahead", {AT: "9000x40", PROBE_UP: "1x40"}, 600, True),
    Case(SILENT, "no probe", {PROBE_UP: "0x40"}, 300, True, OF_THE_PROBE),
    Case(SILENT, "a moment", {PROBE_UP: "1 1 0 1x40"}, 300, False),
    Case(SILENT, "never asked", {OPEN: "1x40"}, 300, True, OF_THE_PROBE),
    Case(FULL_UP, "two rounds", {FULL: "0x3 1x9", AT: ROUNDS}, 240, True, ON_A_PATH),
    Case(FULL_UP, "one round", {FULL: "0x3 1 1 0x9", AT: ROUNDS}, 240, False),
    Case(ENDING, "in 13 days", {ENDS: f"{13 * DAY_S}x9"}, 60, True),
    Case(ENDING, "in 15 days", {ENDS: f"{15 * DAY_S}x9"}, 60, False),
    Case(ENDING, "too late for it", {ENDS: f"{2 * DAY_S}x9"}, 60, False),
    Case(AT_ITS_END, "in 2 days", {ENDS: f"{2 * DAY_S}x9"}, 60, True),
    Case(AT_ITS_END, "over", {ENDS: "1x9"}, 60, True),
    Case(AT_ITS_END, "in 13 days", {ENDS: f"{13 * DAY_S}x9"}, 60, False),
    Case(NODE_SILENT, "gone", {f"up{NODE}": "1x2 0x9"}, 240, True, OF_A_NODE),
    Case(NODE_SILENT, "a restart", {f"up{NODE}": "1 1 0 1x9"}, 240, False),
    Case(DOWN, "a minute", {RELAY_UP: "1x2 0x9"}, 180, True, OF_A_NODE),
    Case(DOWN, "a moment", {RELAY_UP: "1 1 0 1x9"}, 180, False),
    Case(REFUSED, "at once", {MEMORY_ONLY: "1 1 0", OPEN: "1 1 0"}, 60, True, OF_A_NODE),
    Case(REFUSED, "away is not refused", {MEMORY_ONLY: "1x9", OPEN: "0x9"}, 240, False),
    Case(AWAY, "a minute", {MEMORY_ONLY: "1x9", OPEN: "1 0x9"}, 180, True, OF_A_NODE),
    Case(AWAY, "a failover", {MEMORY_ONLY: "1x9", OPEN: "1 0 1x9"}, 180, False),
    Case(AWAY, "refused is not away", {MEMORY_ONLY: "0x9", OPEN: "0x9"}, 180, False),
    Case(LIST_OLD, "one of two", {TRUSTED: "2x30", FRESH: "1x30"}, 660, True, OF_A_NODE),
    Case(LIST_OLD, "all hold", {TRUSTED: "2x30", FRESH: "2x30"}, 660, False),
    Case(LIST_OLD, "renewed in time", {TRUSTED: "2x30", FRESH: "1x9 2x21"}, 660, False),
]


def run(
    folder: Path, groups: Sequence[object], every_s: int = STEP_S, rules: Sequence[str] = RULES
) -> str:
    """Have promtool try the rules that we ship; what it says if it is not content."""
    for name in rules:
        (folder / name).write_bytes((SHIPPED / name).read_bytes())
    return tried(folder, groups, every_s, rules)


def tried(folder: Path, groups: Sequence[object], every_s: int, rules: Sequence[str]) -> str:
    """As `run`, with rules that are in the folder already."""
    tests = {"rule_files": list(rules), "evaluation_interval": f"{every_s}s", "tests": groups}
    file = folder / "rules.test.json"
    file.write_text(json.dumps(tests))  # JSON is YAML
    done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


def group_of(case: Case) -> object:
    """Write a case as promtool reads it."""
    asked = f'ALERTS{{alertname="{case.alert}",alertstate="firing"}}'
    fired = ",".join(f'{name}="{value}"' for name, value in case.labels.items())
    severity = "warning" if case.alert in (SILENT, ENDING, ON_DUTY) else "critical"
    labels = f'{asked[:-1]},severity="{severity}",{fired}}}'
    return {
        "name": case.name,
        "interval": f"{STEP_S}s",
        "input_series": [{"series": one, "values": values} for one, values in case.seen.items()],
        "promql_expr_test": [
            {
                "expr": asked,
                "eval_time": f"{case.at_s}s",
                "exp_samples": [{"labels": labels, "value": 1}] if case.is_firing else [],
            }
        ],
    }


def test_debians_prometheus_takes_the_files() -> None:
    """The configuration and every rule that it names."""
    done = subprocess.run(
        ["promtool", "check", "config", SHIPPED / "prometheus.yml"], capture_output=True, text=True
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert f"{len(RULES)} rule files found" in done.stdout


def test_each_alert_fires_when_it_should_and_not_before(tmp_path: Path) -> None:
    """A table of what is seen and whom it wakes, tried by promtool."""
    assert "" == run(tmp_path, [group_of(case) for case in CASES])


def test_a_node_that_says_an_older_epoch_is_passed_over(tmp_path: Path) -> None:
    """One that lost its store goes on saying its last hour; the newest is written down."""
    start = "teleconsult_usage_epoch_start_timestamp_seconds"
    figure = 'figure="consultations"'
    old, new = f'{figure},instance="old"', f'{figure},instance="new"'
    expected = f'teleconsult:usage{{{figure},bin=""}}'
    group = {
        "interval": f"{STEP_S}s",
        "input_series": [
            {"series": f"{start}{{{old}}}", "values": "0x9"},
            {"series": f"{start}{{{new}}}", "values": "3600x9"},
            {"series": f'teleconsult_usage{{{old},bin=""}}', "values": "40x9"},
            {"series": f'teleconsult_usage{{{new},bin=""}}', "values": "12x9"},
        ],
        "promql_expr_test": [
            {
                "expr": "teleconsult:usage",
                "eval_time": "120s",
                "exp_samples": [{"labels": expected, "value": 12}],
            }
        ],
    }

    assert "" == run(tmp_path, [group])


def test_the_table_can_be_wrong(tmp_path: Path) -> None:
    """Each case turned round is found: none passes by chance."""
    for case in CASES[:2]:
        turned = Case(case.alert, case.what, case.seen, case.at_s, not case.is_firing, ON_A_PATH)

        assert "FAILED" in run(tmp_path, [group_of(turned)])


def test_every_alert_has_a_case_of_each_kind() -> None:
    """One that nobody tried would be trusted for nothing."""
    names = alerts()

    assert names - {ON_DUTY} == {case.alert for case in CASES if case.is_firing}
    assert names - {ON_DUTY} == {case.alert for case in CASES if not case.is_firing}


def test_an_operator_reads_of_every_alert() -> None:
    """The table beside the rules names them all, and nothing else."""
    table = (SHIPPED / "README.md").read_text(encoding="utf-8")

    assert alerts() == set(re.findall(r"`(Teleconsult\w+)`", table))


def alerts() -> set[str]:
    """Name the alerts that there are."""
    text = (SHIPPED / "alerts.yml").read_text(encoding="utf-8")
    return {line.split()[-1] for line in text.splitlines() if "- alert:" in line}


# Opening hours. 1970 began on a Thursday: promtool's clock knows no other year.

HOUR_S = 3_600
LOOK_S = 240


def at(days: int, hour: int, minute: int = 0) -> int:
    return days * DAY_S + hour * HOUR_S + minute * 60


# Every quarter of an hour, on the first of January.
BY_THE_HOUR = {at(0, 6, 45): 0, at(0, 7): 1, at(0, 18, 45): 1, at(0, 19): 0}
# Every six hours of a year.
BY_THE_DAY = {
    at(86, 6): 0,  # Saturday, 28 March, the last day of winter time
    at(86, 18): 1,
    at(87, 6): 1,  # Sunday, 29 March
    at(87, 18): 0,
    at(180, 6): 1,  # 30 June
    at(296, 18): 0,  # Saturday, 24 October
    at(297, 6): 0,  # Sunday, 25 October
    at(297, 18): 1,
    at(334, 18): 1,  # 1 December
}


# As above, on weekdays alone: Friday, Saturday, Sunday and Monday at noon.
ON_WEEKDAYS = {at(1, 12): 1, at(2, 12): 0, at(3, 12): 0, at(4, 12): 1, at(4, 6): 0}


@pytest.mark.parametrize(
    ("every_s", "hours"), [(HOUR_S // 4, BY_THE_HOUR), (6 * HOUR_S, BY_THE_DAY)]
)
def test_opening_hours_are_those_of_paris(
    tmp_path: Path, every_s: int, hours: Mapping[int, int]
) -> None:
    """From eight to eight, in summer and in winter, and on the days between."""
    assert "" == run(tmp_path, [open_at(hours, every_s)], every_s, ["hours.yml"])


def test_opening_hours_can_be_of_weekdays_alone(tmp_path: Path) -> None:
    """The three lines that the file offers are added where it says."""
    text = (SHIPPED / "hours.yml").read_text(encoding="utf-8").rstrip()
    offered = re.findall(r"^ +#   (.*)$", text, re.M)
    assert 3 == len(offered)

    (tmp_path / "edited.yml").write_text("\n          ".join([text, *offered]) + "\n")

    assert "" == tried(tmp_path, [open_at(ON_WEEKDAYS, HOUR_S)], HOUR_S, ["edited.yml"])


def open_at(hours: Mapping[int, int], every_s: int) -> object:
    """Ask whether it is open at these times, as promtool reads it."""
    return {
        "interval": f"{every_s}s",
        "input_series": [{"series": "a", "values": "1"}],
        "promql_expr_test": [
            {
                "expr": "teleconsult:open",
                "eval_time": f"{when_s}s",
                "exp_samples": [{"labels": "teleconsult:open", "value": is_open}],
            }
            for when_s, is_open in hours.items()
        ],
    }


def test_nobody_on_duty_wakes_somebody_within_opening_hours_only(tmp_path: Path) -> None:
    """And not where one node still sees a doctor, nor for a quarter of an hour."""
    fired = {
        "labels": f'ALERTS{{alertname="{ON_DUTY}",alertstate="firing",severity="warning"}}',
        "value": 1,
    }
    groups = [
        {
            "interval": f"{LOOK_S}s",
            "input_series": [
                {"series": NOBODY, "values": here},
                {"series": NOBODY_THERE, "values": there},
            ],
            "promql_expr_test": [
                {
                    "expr": f'ALERTS{{alertname="{ON_DUTY}",alertstate="firing"}}',
                    "eval_time": f"{when_s}s",
                    "exp_samples": [fired] if is_firing else [],
                }
            ],
        }
        for here, there, when_s, is_firing in (
            ("1x200", "1x200", at(0, 9), True),
            ("1x200", "1x200", at(0, 6), False),  # 7:00 in Paris
            ("1x200", "0x200", at(0, 9), False),
            ("0x132 1x20", "0x132 1x20", at(0, 9), False),  # since the moment before
        )
    ]

    assert "" == run(tmp_path, groups, LOOK_S)
