"""Every number has a unit, a reason and a bound."""

import pytest
from pydantic import TypeAdapter, ValidationError

from relay.settings import Settings as RelaySettings
from signaling import messages
from signaling.settings import RELAY_PASSWORD_MAX_S, Settings

NUMBERS = [
    name for name, field in Settings.model_fields.items() if field.annotation in (int, float)
]
DURATIONS = [name for name in NUMBERS if Settings.model_fields[name].annotation is float]
UNITS = ("_s", "_max", "_to_tail")
PORTS = {"port", "metrics_port", "relay_port", "relay_tls_port"}
BARE = PORTS | {"workers", "burst", "network_slots", "network_joins", "network_failures"}
"""A port is a port, and what the others count their reasons say."""


def test_every_setting_says_what_it_is_for() -> None:
    """In a sentence of its own, with no full stop: it is shown in a list."""
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert len(field.description) > 15 and not field.description.endswith("."), name


def test_every_number_is_named_with_its_unit() -> None:
    """Durations in seconds end in `_s`; the rest say what they count."""
    assert [] == [name for name in NUMBERS if not name.endswith(UNITS) and name not in BARE]
    assert [] == [name for name in DURATIONS if not name.endswith("_s")]


def test_every_setting_has_a_default_that_holds() -> None:
    """Defaults pass their own checks."""
    assert Settings() == Settings.model_validate(Settings().model_dump())


@pytest.mark.parametrize("name", [name for name in NUMBERS if name not in PORTS])
@pytest.mark.parametrize("value", [0, -1, "many", float("inf"), float("nan")])
def test_a_number_out_of_bounds_is_refused(name: str, value: object) -> None:
    """No zero, no negative, no infinity."""
    with pytest.raises(ValidationError):
        Settings.model_validate({name: value})


@pytest.mark.parametrize("name", sorted(PORTS))
@pytest.mark.parametrize(
    ("port", "is_good"), [(-1, False), (0, True), (65_535, True), (65_536, False)]
)
def test_a_port_is_a_port(name: str, port: int, is_good: bool) -> None:
    """Zero takes a free one."""
    if is_good:
        assert port == getattr(Settings.model_validate({name: port}), name)
    else:
        with pytest.raises(ValidationError):
            Settings.model_validate({name: port})


def test_the_relay_accepts_the_longest_password() -> None:
    """The server's bound for a relay password is the relay's own."""
    assert RELAY_PASSWORD_MAX_S == RelaySettings().password_max_s


@pytest.mark.parametrize("name", ["origins", "queues"])
@pytest.mark.parametrize(
    ("text", "values"),
    [("a", ("a",)), ("a,b", ("a", "b")), (" a , b ,", ("a", "b")), (("a", "b"), ("a", "b"))],
)
def test_a_list_may_be_one_text_with_commas(
    name: str, text: object, values: tuple[str, ...]
) -> None:
    """As flags and environment give it."""
    assert values == getattr(Settings.model_validate({name: text}), name)


@pytest.mark.parametrize("queue", ["médecine", "a b", "q" * 64, "a.b", ""])
def test_a_queue_has_a_name_that_the_wire_carries(queue: str) -> None:
    """What settings take, messages take; and neither takes the rest."""
    with pytest.raises(ValidationError):
        Settings(queues=(queue,))
    with pytest.raises(ValidationError):
        TypeAdapter(messages.QueueName).validate_python(queue)


@pytest.mark.parametrize("queue", ["probe", "probe-2"])
def test_no_queue_of_people_has_a_name_of_the_probe(queue: str) -> None:
    """Its consultations would be in no figure."""
    with pytest.raises(ValidationError, match="the probe's own"):
        Settings(queues=("garde", queue))


def test_an_unknown_setting_is_refused() -> None:
    """A misspelt name is told rather than ignored."""
    with pytest.raises(ValidationError):
        Settings.model_validate({"wait_pas_s": 1})


def test_secrets_are_not_shown() -> None:
    """Neither in the text of the settings nor in what they print."""
    settings = Settings.model_validate({"installation_secret": "Lenoir"})

    assert "Lenoir" not in f"{settings!r} {settings!s}"


def test_the_numbers_go_together() -> None:
    """The relations that their reasons speak of."""
    settings = Settings()

    assert settings.awake_s >= 2 * settings.heartbeat_s
    assert settings.ping_every_s < 60
    assert settings.wait_pass_s > settings.awake_s
    assert settings.accept_within_s < settings.wait_pass_s
    assert settings.propose_within_s < settings.accept_within_s
    assert settings.requeue_s < settings.member_pass_s
    assert settings.board_every_s < settings.heartbeat_s
    assert settings.network_key_s <= settings.wait_pass_s  # who holds a ticket is counted by it
    assert settings.network_queue_tickets_max < settings.network_tickets_max
    assert settings.network_tickets_max * 20 <= settings.tickets_max


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("192.0.2.1", True),
        ("192.0.2.0/24,2001:db8::/32", True),
        ("", True),
        ("192.0.2.1/24", False),
        ("proxy", False),
    ],
)
def test_proxies_are_addresses_or_networks(text: str, is_good: bool) -> None:
    """A name, or a network with bits left over, is told rather than guessed at."""
    if is_good:
        found = Settings.model_validate({"trusted_proxies": text}).trusted_proxies
        assert len(text.split(",")) - (not text) == len(found)
    else:
        with pytest.raises(ValidationError):
            Settings.model_validate({"trusted_proxies": text})
