"""What a node says of itself, written as nodes write it."""

from collections.abc import Mapping, Sequence

from signaling.figures import DUTY_BANDS, FIGURES

NOW = 1_800_000_000
"""A full hour of a day: 08:00 UTC."""

HEALTH = {
    'teleconsult_build_info{version="0.1.0"}': 1,
    "teleconsult_started_timestamp_seconds": NOW - 5_000,
    "teleconsult_store_open": 1,
    "teleconsult_store_memory_only": 1,
    'teleconsult_store_info{kind="redis"}': 1,
    'teleconsult_relay_info{kind="own",only="no"}': 1,
    "teleconsult_relay_up": 1,
    "teleconsult_unions_trusted": 2,
    "teleconsult_union_lists_fresh": 2,
    "teleconsult_usage_since_timestamp_seconds": NOW - 86_400,
}

EPOCHS = {figure.name: figure.start_of(NOW) - figure.epoch_s for figure in FIGURES}
"""Of each figure the newest epoch that is over."""


def duty(band: str) -> dict[str, float]:
    """Say about how many doctors are on duty."""
    return {
        f'teleconsult_doctors_on_duty{{band="{name}"}}': float(name == band)
        for name, _ in DUTY_BANDS
    }


def usage(
    figure: str, start: float, values: Mapping[str, float], partial: int = 0
) -> dict[str, float]:
    """Say what one figure was in an epoch."""
    said = {
        f'teleconsult_usage{{bin="{name}",figure="{figure}"}}': value
        for name, value in values.items()
    }
    label = f'{{figure="{figure}"}}'
    return {
        **said,
        f"teleconsult_usage_epoch_start_timestamp_seconds{label}": start,
        f"teleconsult_usage_partial{label}": partial,
    }


def exposition(*said: Mapping[str, float], without: Sequence[str] = ()) -> str:
    """Write samples as Prometheus's text; later ones of a name replace earlier ones."""
    all_ = {name: value for one in said for name, value in one.items()}
    return "".join(
        f"{name} {value}\n" for name, value in all_.items() if not name.startswith(tuple(without))
    )


WHOLE = exposition(HEALTH, duty("few"), usage("consultations", EPOCHS["consultations"], {"": 23.0}))
