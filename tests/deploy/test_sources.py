"""Where settings come from, which source wins, and how a wrong one is told."""

import argparse
import os
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.sources import DEMO_MARK, PREFIX, SettingsError, add_flags, read, refuse_demo
from signaling.settings import Settings
from tests.unions import AUnion

CANARY = "Lenoir"
SECRET = "c" * 43


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests."""
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file."""
    path = tmp_path / "teleconsult.toml"
    path.write_text('port = 1003\nburst = 3\nqueues = ["a", "b"]\nhost = "file"\n')
    return path


def typed(*words: str) -> dict[str, object]:
    """What a command makes of its flags."""
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return vars(parser.parse_args(words))


def test_without_any_source_the_defaults_hold() -> None:
    """A fresh machine needs no file."""
    assert Settings().model_dump() == read({}).model_dump()


def test_flags_win_over_environment_over_file_over_defaults(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    """Each source says what the ones above it leave open."""
    monkeypatch.setenv("TELECONSULT_PORT", "1002")
    monkeypatch.setenv("TELECONSULT_BURST", "2")
    flags = typed("--port", "1001", "--settings", str(file))

    settings = read(flags)

    assert (1001, 2, ("a", "b")) == (settings.port, settings.burst, settings.queues)
    assert Settings().wait_pass_s == settings.wait_pass_s


def test_what_a_command_fixes_wins_over_everything(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    """A demonstration listens where it says, whatever is set."""
    monkeypatch.setenv("TELECONSULT_HOST", "environment")

    settings = read(typed("--host", "flag", "--settings", str(file)), host="fixed")

    assert "fixed" == settings.host


def test_the_file_may_be_named_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    """As a service manager does."""
    monkeypatch.setenv("TELECONSULT_SETTINGS", str(file))

    assert 1003 == read({}).port


@pytest.mark.parametrize("source", ["flag", "environment"])
def test_lists_are_texts_with_commas(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """From the command line and the environment alike."""
    text = "https://a.example, https://b.example"
    flags = typed("--origins", text) if source == "flag" else {}
    if source == "environment":
        monkeypatch.setenv("TELECONSULT_ORIGINS", text)

    assert ("https://a.example", "https://b.example") == read(flags).origins


def test_every_setting_has_a_flag_with_its_reason_but_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A command line is for every user of the machine to read."""
    parser = argparse.ArgumentParser()
    add_flags(parser)
    shown = "".join(parser.format_help().split())

    for name, field in Settings.model_fields.items():
        flag = "--" + name.replace("_", "-")
        is_secret = isinstance(field.get_default(), SecretStr)
        has_flag = f"[{flag}TEXT]" in shown or f"[{flag}N]" in shown
        assert is_secret != has_flag, flag
        assert is_secret or "".join((field.description or "?").split()) in shown, flag


def test_other_flags_of_a_command_are_no_settings() -> None:
    """`--lan` and the like pass by."""
    flags = {"lan": True, "run": print, "settings": None, "port": None}

    assert Settings().model_dump() == read(flags).model_dump()


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"port": "http"}, "Setting port: "),
        ({"port": "65536"}, "Setting port: "),
        ({"wait_pass_s": "0"}, "Setting wait_pass_s: "),
        ({"queues": "a b"}, "Setting queues.0: "),
        ({"installation_secret": 7}, "Setting installation_secret: "),
        ({"store": "redis://u@h"}, "Setting store: Before the @ stand a user and a password"),
        ({"store": "redis://a,b"}, "Setting store: redis:// names one host"),
    ],
)
def test_a_wrong_setting_is_named(flags: dict[str, object], sentence: str) -> None:
    """In one sentence, with what is wrong about it."""
    with pytest.raises(SettingsError) as raised:
        read(flags)

    assert str(raised.value).startswith(sentence)
    assert raised.value.__suppress_context__


def test_every_wrong_setting_is_named_at_once() -> None:
    """Nobody likes to be told one by one."""
    with pytest.raises(SettingsError) as raised:
        read({"port": "x", "burst": "y"})

    assert 2 == len(str(raised.value).splitlines())


def test_a_wrong_secret_is_not_quoted(file: Path) -> None:
    """Whatever is wrong about it."""
    file.write_text(f'installation_secret = ["{CANARY}"]\n')

    with pytest.raises(SettingsError) as raised:
        read({"settings": str(file)})

    assert CANARY not in str(raised.value)


def test_a_misspelt_setting_in_a_file_is_told(file: Path) -> None:
    """By its name."""
    file.write_text("wait_pas_s = 900\n")

    with pytest.raises(SettingsError, match="Setting wait_pas_s: "):
        read({"settings": str(file)})


@pytest.mark.parametrize("content", [b"port = = 1", b"port", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_not_toml_is_a_sentence(file: Path, content: bytes) -> None:
    """Without a word of its content."""
    file.write_bytes(content)

    with pytest.raises(SettingsError) as raised:
        read({"settings": str(file)})

    assert f"The settings file {file} is not TOML." == str(raised.value)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    """A folder is no file either."""
    for path in (tmp_path / "nowhere.toml", tmp_path):
        with pytest.raises(SettingsError) as raised:
            read({"settings": str(path)})
        assert f"There is no settings file {path}." == str(raised.value)


def test_a_misspelt_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, and without what it says."""
    monkeypatch.setenv("TELECONSULT_INSTALATION_SECRET", CANARY)

    with pytest.raises(SettingsError, match="TELECONSULT_INSTALATION_SECRET is set") as raised:
        read({})

    assert CANARY not in str(raised.value)


@pytest.mark.parametrize("name", ["installation_secret", "previous_installation_secret"])
@pytest.mark.parametrize("secret", [CANARY, CANARY + "é" * 40, f"{CANARY}={'c' * 43}"])
def test_a_secret_that_is_none_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, secret: str
) -> None:
    """Too short, or not base64url: before anything is started, and without a word of it."""
    monkeypatch.setenv(PREFIX + name.upper(), secret)

    with pytest.raises(SettingsError, match=f"^Setting {name}: not 32 random bytes") as raised:
        read({})

    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.example/",
        "https://a.example/visio",
        f"https://a.example/#{CANARY}",
        "https://a.example?",
        "https://a.example:443",
        "http://a.example:80",
        "https://a.example:port",
        "https://A.example",
        "https://é.example",
        f"https://{CANARY}@a.example",
        "https://",
        "wss://a.example",
        "a.example",
        "*",
        "null",
    ],
)
def test_an_origin_that_no_browser_says_is_told(origin: str) -> None:
    """Else every page would be turned away, and nobody would know why."""
    with pytest.raises(SettingsError, match=r"^Setting origins: each is a scheme") as raised:
        read({"origins": f"https://b.example,{origin}"})

    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.example",
        "http://localhost:8080",
        "https://192.0.2.7:8443",
        "https://[2001:db8::7]",
    ],
)
def test_an_origin_as_browsers_say_it_passes(origin: str) -> None:
    """Name or address, with the port where it is not the usual one."""
    assert (origin,) == read({"origins": origin}).origins


def test_a_real_installation_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a demonstration in it; what the union's tool reads is no misspelt setting."""
    monkeypatch.setenv("TELECONSULT_INSTALLATION_SECRET", SECRET)
    monkeypatch.setenv("TELECONSULT_UNION_PASSPHRASE_FILE", "passphrase")

    refuse_demo(read({}))


@pytest.mark.parametrize("name", ["installation_secret", "previous_installation_secret"])
def test_a_demonstrations_secret_is_refused(name: str) -> None:
    """As the current one and as the previous one; it is not quoted."""
    settings = Settings.model_validate({name: DEMO_MARK + CANARY + SECRET})

    with pytest.raises(SettingsError, match="made for a demonstration") as raised:
        refuse_demo(settings)

    assert CANARY not in str(raised.value)


def test_a_demonstrations_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name of the variable, whatever it says."""
    monkeypatch.setenv("TELECONSULT_DEMO_SECRET", CANARY)

    with pytest.raises(SettingsError, match="TELECONSULT_DEMO_SECRET is set") as raised:
        refuse_demo(Settings())

    assert CANARY not in str(raised.value)


def test_a_demonstrations_union_is_refused(tmp_path: Path) -> None:
    """Beside a real one too; a real one alone passes."""
    real, demo = AUnion(), AUnion(1)
    demo.public = replace(demo.public, is_demo=True)
    real.publish(tmp_path)
    settings = Settings(trust=tmp_path)
    refuse_demo(settings)

    demo.publish(tmp_path)

    with pytest.raises(SettingsError, match="the union of a demonstration"):
        refuse_demo(settings)
