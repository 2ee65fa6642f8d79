"""What two ends add to the seal is missed when it is gone: some attack then succeeds.

As `test_sealed_mutants.py` does it for the seal itself: each mutant is one module with one
thing taken out, run against the attacks of its test files. Conditions in front of a refusal
are found in the source; whatever else holds is a row of the table. `reception.py` is not here:
its tests need a whole server, and cannot be loaded like this.
"""

import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain, product

import pytest

import clients.peer
from tests.clients.test_sealed_mutants import (
    Mutant,
    compiled,
    conditions,
    escapes,
    mutated,
    name_of,
    path_of,
    row,
)
from tests.house.tree import ROOT

# In the order in which they need each other.
SIDES = ("records", "capabilities", "patient_seal", "doctor_seal")
CAST = ("two_seals",)
ATTACKS = {
    "records": ("test_records",),
    "capabilities": ("test_capabilities",),
    "patient_seal": ("test_patient_seal",),
    "doctor_seal": ("test_doctor_seal",),
}

TABLE = (
    row(
        "records",
        "who writes is not held back",
        ("self.may_write = False\n\n    def forget", "pass\n\n    def forget"),
    ),
    row("records", "held records are written", ("or not self.may_write", "")),
    row(
        "records",
        "a session outlives a refused record",
        ("            self.forget()\n            raise\n\n\ndef", "            raise\n\n\ndef"),
    ),
    row(
        "records",
        "a session outlives an unwritten letter",
        (
            "            self.forget()\n            raise\n        return put",
            "            raise\n        return put",
        ),
    ),
    row("records", "any name will do", ("is None or message.name != self._name", "is None")),
    row("records", "of any session", ("is not None and message.name == self._name", "is not None")),
    row("records", "no letter is trouble", ("letters.understood(text)", "letters.read(text)")),
    row("records", "names for all", ("if kind not in _NAMED:", "if False:")),
    row("records", "names for none", ("if kind not in _NAMED:", "if True:")),
    row("capabilities", "of any version", ("head[0] != _VERSION or ", "")),
    row("capabilities", "of any kind", (" or head[1] not in (_PERSONAL, _POOL)", "")),
    row("capabilities", "of any length", ("len(rest) != name_bytes + links.NONCE_BYTES", "False")),
    row(
        "capabilities",
        "for any queue",
        ("else _queue(rest[1 : -links.NONCE_BYTES])", 'else rest[1:-8].decode("latin-1")'),
    ),
    row(
        "capabilities",
        "a pool's names no union",
        ("None if self.is_personal else encode(self.signer)", "None"),
    ),
    row(
        "capabilities",
        "a personal one names a union",
        ("None if self.is_personal else encode", "encode"),
    ),
    row(
        "capabilities",
        "a PSK for all",
        ("    if not capability.is_personal:\n        return None\n", ""),
    ),
    row(
        "patient_seal",
        "any doctor will do inside",
        ("        if not is_same:", "        if False:"),
    ),
    row(
        "patient_seal",
        "whoever asks is known",
        ("        else:\n            return False", "        else:\n            return True"),
    ),
    row("patient_seal", "in a call, too", ("is_known = in_session and ", "is_known = ")),
    row(
        "patient_seal",
        "the mark is not looked at",
        (
            "is_same = hmac.compare_digest(self._mark, mark_of(self.resume, device_key))",
            "is_same = True",
        ),
    ),
    row(
        "patient_seal",
        "the device key is not looked at",
        ("is_same = device_key == self.doctor", "is_same = True"),
    ),
    row(
        "patient_seal",
        "a mark under no secret",
        ("mac(resume, hashed", "mac(NAME_, hashed"),
        ("MARK_BYTES = 16\n", 'MARK_BYTES = 16\nNAME_ = b"sceau/1"\n'),
    ),
    row(
        "patient_seal",
        "the mark stays another's",
        ("self._mark if self.doctor is None else", "self._mark if self._mark else"),
    ),
    row(
        "patient_seal",
        "the secret changes too early",
        ("if not in_session or self.resume is None:", "if True:"),
    ),
    row("patient_seal", "the secret never changes", ("        self.resume = channel.resume\n", "")),
    row(
        "patient_seal",
        "no secret before M3",
        ("            self.resume = acceptance.resume\n", "            pass\n"),
    ),
    row(
        "patient_seal",
        "records are written meanwhile",
        ("            self.records.hold()", "            pass"),
    ),
    row(
        "patient_seal",
        "M1 are not signed",
        ("resume = self.resume if in_session else None", "resume = None"),
    ),
    row(
        "patient_seal",
        "names are not compared",
        ("is not None and name == self.name", "is not None"),
    ),
    row(
        "patient_seal",
        "nobody is remembered",
        (
            "self.doctor, self.digits = proposal.device_key, proposal.digits",
            "self.digits = proposal.digits",
        ),
    ),
    row("patient_seal", "the session is not forgotten", ("        self.records.forget()\n", "")),
    row(
        "patient_seal",
        "the doctor is not forgotten",
        (
            'self.resume, self.doctor, self.digits = None, None, ""',
            'self.resume, self.digits = None, ""',
        ),
    ),
    row(
        "patient_seal",
        "the secret is not forgotten",
        (
            'self.resume, self.doctor, self.digits = None, None, ""',
            'self.doctor, self.digits = None, ""',
        ),
    ),
    row(
        "doctor_seal",
        "the secret is not compared",
        ('if hmac.compare_digest(wanted, m1.resume or b""):', "if True:"),
    ),
    row("doctor_seal", "earlier secrets are many", ("[:EARLIER_MAX]", "")),
    row(
        "doctor_seal",
        "earlier secrets are none",
        ("[self.newest, *self._earlier] if self", "[self.newest] if self"),
    ),
    row(
        "doctor_seal",
        "earlier secrets stay",
        (
            '"""Let go of the earlier ones."""\n        self._earlier.clear()',
            '"""Let go of the earlier ones."""',
        ),
    ),
    row("doctor_seal", "the newest is not forgotten", ("        self.newest = None\n", "")),
    row("doctor_seal", "links are not checked", ("        check(asked.token, holder)\n", "")),
    row("doctor_seal", "keys are not decoded", ("        read_kem_public(asked.public_key)\n", "")),
    row(
        "doctor_seal",
        "answers are not remembered",
        ("        self._answered[name] = None\n", "        self._answered.pop(name, None)\n"),
    ),
    row(
        "doctor_seal", "the holder is not remembered", ("        self._holder = asked.holder\n", "")
    ),
    row(
        "doctor_seal",
        "the count never begins anew",
        ("        self.allow_more()\n        return Message", "        return Message"),
    ),
    row(
        "doctor_seal",
        "the secret is not agreed",
        ("        self.secrets.agree(confirmation.channel.resume)\n", ""),
    ),
    row("doctor_seal", "the session is not forgotten", ("        self.records.forget()\n", "")),
    row("doctor_seal", "the secrets are not forgotten", ("        self.secrets.forget()\n", "")),
)

# Condition -> why it holds without it: something behind it refuses the same.
HELD_ELSEWHERE = {"not is_ours is False": "it is not signed by one's own or a trusted key then"}

FOUND = tuple(chain.from_iterable(chain(conditions(m), escapes(m)) for m in SIDES))
CONDITIONS = tuple(x for x in FOUND if x.name.partition(": ")[2] not in HELD_ELSEWHERE)


def attacks_in(mutant: Mutant | None, module: str) -> dict[str, Callable[[], object]]:
    """Load both ends anew, changed, with the tests of a module; return these by name."""
    tests: dict[str, Callable[[], object]] = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in (*SIDES, *CAST, *ATTACKS[module]):
            is_side = name in SIDES
            path = path_of(name) if is_side else ROOT / "tests" / "clients" / f"{name}.py"
            full = name_of(name) if is_side else f"tests.clients.{name}"
            loaded = types.ModuleType(full)
            loaded.__file__, loaded.__package__ = str(path), full.rpartition(".")[0]
            patch.setitem(sys.modules, full, loaded)
            text = mutated(mutant, name) if is_side else path.read_text(encoding="utf-8")
            if is_side:
                patch.setattr(clients.peer, name, loaded, raising=False)
            exec(compiled(text, str(path)), loaded.__dict__)
            if name in ATTACKS[module]:
                tests.update(attacks_of(loaded.__dict__))
    return tests


def attacks_of(members: Mapping[str, object]) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the tests of a module, one for each of their parameters."""
    for name, test in members.items():
        if not name.startswith("test_") or not inspect.isfunction(test):
            continue
        if hasattr(test, "hypothesis"):
            continue
        marks = [m.args for m in getattr(test, "pytestmark", []) if m.name == "parametrize"]
        for n, values in enumerate(product(*(rows for _, rows in marks))):
            given: dict[str, object] = {}
            for (names, _), value in zip(marks, values, strict=True):
                given |= (
                    {names: value}
                    if isinstance(names, str)
                    else dict(zip(names, value, strict=True))
                )
            yield f"{name}[{n}]", partial(test, **given)


def fallen(tests: Mapping[str, Callable[[], object]]) -> str | None:
    """Run until one falls, and name it."""
    for name, test in tests.items():
        try:
            test()
        # An attack may fall in any way; what was to be refused and was not is no `Exception`.
        except (Exception, pytest.fail.Exception):
            return name
    return None


@pytest.mark.parametrize("module", SIDES)
def test_with_nothing_gone_no_test_falls(module: str) -> None:
    """The control: loaded like a mutant, each end as it is stands."""
    tests = attacks_in(None, module)

    assert len(tests) > 8
    assert fallen(tests) is None


@pytest.mark.parametrize("mutant", (*TABLE, *CONDITIONS), ids=lambda x: f"{x.module}, {x.name}")
def test_what_is_gone_is_missed(mutant: Mutant) -> None:
    """Whole or in part, in front of a refusal or elsewhere."""
    assert fallen(attacks_in(mutant, mutant.module)) is not None


def test_the_exceptions_are_needed() -> None:
    """A reason for a condition that is gone is taken off the list."""
    assert HELD_ELSEWHERE.keys() <= {mutant.name.partition(": ")[2] for mutant in FOUND}
