"""Where settings come from: flags, then environment, then a file, then the defaults.

A door: it reads the environment and at most one file. Names are those of
`signaling.settings.Settings`: `--wait-pass-s 900`, `TELECONSULT_WAIT_PASS_S=900`, or
`wait_pass_s = 900` in a TOML file named by `--settings` or `TELECONSULT_SETTINGS`.
"""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from signaling import store_address
from signaling.passes import read_secret
from signaling.settings import Settings
from signaling.trust import holds_demonstration

PREFIX = "TELECONSULT_"
DEMO_MARK = "demo"
SECRETS = ("installation_secret", "previous_installation_secret")
_PORTS = {"http": 80, "https": 443}


class SettingsError(Exception):
    """A setting is missing or wrong. The sentence names it and does not quote secrets."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Give a command one flag for each setting, with its reason and default."""
    parser.add_argument("--settings", metavar="FILE", help="read settings from this TOML file")
    group = parser.add_argument_group(
        "settings",
        "Each also as TELECONSULT_NAME in the environment, or as name in the file; there, and "
        f"not on a command line, which others can read: {', '.join(_secret_names())}.",
    )
    for name, field in Settings.model_fields.items():
        shown = field.get_default()
        if isinstance(shown, SecretStr):
            continue  # a command line is for every user of the machine to read
        is_number = isinstance(shown, int | float) and not isinstance(shown, bool)
        default = f" (default {shown:g})" if is_number else ""
        group.add_argument(
            "--" + name.replace("_", "-"),
            metavar="N" if is_number else "TEXT",
            help=f"{field.description}{default}".replace("%", "%%"),
        )


def _secret_names() -> list[str]:
    fields = Settings.model_fields.items()
    return [name for name, field in fields if isinstance(field.get_default(), SecretStr)]


def read(flags: Mapping[str, object], **fixed: object) -> Settings:
    """Read the settings; `fixed` ones are the command's own and win over everything.

    Raises:
        SettingsError: with one sentence for each setting that is wrong.
    """
    _refuse_unknown_variables()
    given = {
        name: value
        for name, value in flags.items()
        if name in Settings.model_fields and value is not None
    }
    file = flags.get("settings") or os.environ.get(PREFIX + "SETTINGS")

    class Sources(BaseSettings, Settings):
        model_config = SettingsConfigDict(
            env_prefix=PREFIX, enable_decoding=False, extra="forbid", frozen=True
        )

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            if file is None:
                return init_settings, env_settings
            return (
                init_settings,
                env_settings,
                TomlConfigSettingsSource(settings_cls, Path(str(file))),
            )

    if file is not None and not Path(str(file)).is_file():
        raise SettingsError(f"There is no settings file {file}.")
    try:
        settings = Sources(**{**given, **fixed})  # type: ignore[arg-type] # text until parsed
    except ValidationError as errors:
        raise SettingsError(
            "\n".join(
                f"Setting {'.'.join(map(str, error['loc']))}: {error['msg']}."
                for error in errors.errors(include_input=False, include_url=False)
            )
        ) from None
    except ValueError:
        raise SettingsError(f"The settings file {file} is not TOML.") from None
    _refuse_unusable(settings)
    return settings


def refuse_demo(settings: Settings) -> None:
    """Make sure that nothing of a demonstration reaches a real installation.

    Raises:
        SettingsError: a secret made for a demonstration, or a setting of one.
    """
    for name in os.environ:
        if name.startswith(PREFIX + DEMO_MARK.upper()):
            raise SettingsError(
                f"{name} is set: this environment belongs to a demonstration. "
                "`teleconsult serve` refuses it; unset it first."
            )
    if settings.trust is not None and holds_demonstration(settings.trust):
        raise SettingsError(
            f"{settings.trust} trusts the union of a demonstration, whose keys anybody may have. "
            "`teleconsult serve` refuses it; take it out with: teleconsult union trust --remove"
        )
    secrets = [getattr(settings, name).get_secret_value() for name in SECRETS]
    if any(secret.startswith(DEMO_MARK) for secret in secrets):
        raise SettingsError(
            "This installation secret was made for a demonstration. "
            "`teleconsult serve` refuses it; make one with: teleconsult secret"
        )


def _refuse_unknown_variables() -> None:
    """Make sure that no variable of ours is misspelt; a demonstration's are `refuse_demo`'s."""
    # The last is the union's tool's: staff may try both in one shell.
    known = {name.upper() for name in Settings.model_fields} | {"SETTINGS", "UNION_PASSPHRASE_FILE"}
    for name in sorted(os.environ):
        own = name.upper().removeprefix(PREFIX)
        if own != name.upper() and own not in known and not own.startswith(DEMO_MARK.upper()):
            raise SettingsError(
                f"{name} is set, but is no setting. `teleconsult serve --help` lists them all."
            )


def _refuse_unusable(settings: Settings) -> None:
    """Make sure that secrets, store and origins are what the server can use. None is quoted."""
    wrong = []
    for name in SECRETS:
        text = getattr(settings, name).get_secret_value()
        if text and not _is_secret(text):
            wrong.append(
                f"Setting {name}: not 32 random bytes in base64url or more. "
                "Make one with: teleconsult secret"
            )
    try:
        store_address.read(settings.store.get_secret_value())
    except store_address.NoAddress as error:
        wrong.append(f"Setting store: {error}")
    if not all(map(_is_origin, settings.origins)):
        wrong.append(
            "Setting origins: each is a scheme, a name and a port where it is not the usual one, "
            "as browsers say it: https://visio.example.fr, without a path or a slash at the end."
        )
    if wrong:
        raise SettingsError("\n".join(wrong)) from None


def _is_secret(text: str) -> bool:
    try:
        read_secret(text)
    except ValueError:
        return False
    return True


def _is_origin(text: str) -> bool:
    """Tell whether a browser could say this in its Origin header (RFC 6454 §6.2)."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in _PORTS or not parts.hostname or port == _PORTS[parts.scheme]:
        return False
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    # Lower case and ASCII, as a browser writes a host; nobody's name and password before it.
    written = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    return text == written and text.isascii() and not any(map(str.isspace, text))
