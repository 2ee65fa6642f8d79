"""Where settings come from: flags, then environment, then a file, then the defaults.

A door: it reads the environment and at most one file. Names are those of
`signaling.settings.Settings`: `--wait-pass-s 900`, `TELECONSULT_WAIT_PASS_S=900`, or
`wait_pass_s = 900` in a TOML file named by `--settings` or `TELECONSULT_SETTINGS`.
"""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from signaling.settings import Settings

PREFIX = "TELECONSULT_"
DEMO_MARK = "demo"


class SettingsError(Exception):
    """A setting is missing or wrong. The sentence names it and does not quote secrets."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Give a command one flag for each setting, with its reason and default."""
    parser.add_argument("--settings", metavar="FILE", help="read settings from this TOML file")
    group = parser.add_argument_group(
        "settings",
        "Each also as TELECONSULT_NAME in the environment, or as name in the file; there also "
        "installation_secret and previous_installation_secret.",
    )
    for name, field in Settings.model_fields.items():
        shown = field.get_default()
        if isinstance(shown, SecretStr):
            continue  # a command line is for every user of the machine to read
        is_number = isinstance(shown, int | float)
        default = f" (default {shown:g})" if is_number else ""
        group.add_argument(
            "--" + name.replace("_", "-"),
            metavar="N" if is_number else "TEXT",
            help=f"{field.description}{default}".replace("%", "%%"),
        )


def read(flags: Mapping[str, object], **fixed: object) -> Settings:
    """Read the settings; `fixed` ones are the command's own and win over everything.

    Raises:
        SettingsError: with one sentence for each setting that is wrong.
    """
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
        return Sources(**{**given, **fixed})  # type: ignore[arg-type] # values are text until parsed
    except ValidationError as errors:
        raise SettingsError(
            "\n".join(
                f"Setting {'.'.join(map(str, error['loc']))}: {error['msg']}."
                for error in errors.errors(include_input=False, include_url=False)
            )
        ) from None
    except ValueError:
        raise SettingsError(f"The settings file {file} is not TOML.") from None


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
    secrets = (settings.installation_secret, settings.previous_installation_secret)
    if any(secret.get_secret_value().startswith(DEMO_MARK) for secret in secrets):
        raise SettingsError(
            "This installation secret was made for a demonstration. "
            "`teleconsult serve` refuses it; make one with: teleconsult secret"
        )
