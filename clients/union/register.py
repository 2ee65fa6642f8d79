"""The staff's own register: which devices hold which credentials, and which are revoked.

Pure. It joins names with the ids of pseudonymous credentials, since a lost device must
be revocable by its owner's name: it never leaves the union's machine, and forgets each id
with its end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter, ValidationError

from .credentials import Role
from .encoding import decode, encode, thumbprint
from .errors import UnionError, Unreadable
from .requests import Request

PREFIX_MIN_CHARS = 6
"""So much of a device's id is enough to name it."""

AS_WORDS: Mapping[Role, str] = {"doctor": "a doctor", "probe": "a probe", "staff": "staff"}


@dataclass(frozen=True, slots=True)
class Device:
    """A device as it was enrolled last. Credential ids -> when each ends."""

    name: str
    specialty: str
    queues: tuple[str, ...]
    encryption_key: str
    identities: Mapping[str, int]
    access: Mapping[str, int]
    is_revoked: bool = False
    has_links: bool = False
    handle: str = ""
    # Thumbprint of the passkey's public half; empty where there is none.
    passkey: str = ""
    role: Role = "doctor"


@dataclass(frozen=True, slots=True)
class Register:
    """All devices by their id, and the number of the last list."""

    seq: int = 0
    devices: Mapping[str, Device] = field(default_factory=dict)


_FORM: TypeAdapter[Register] = TypeAdapter(Register)


def write(register: Register) -> str:
    """Write the text of `doctors.json`."""
    return _FORM.dump_json(register, indent=1).decode() + "\n"


def read(text: str) -> Register:
    """Read the text of `doctors.json`.

    Raises:
        Unreadable: not such a file.
    """
    try:
        return _FORM.validate_json(text)
    except ValidationError:
        raise Unreadable(
            "The register doctors.json is damaged; take yesterday's copy, "
            "then revoke again whom you revoked since."
        ) from None


def enrol(register: Register, request: Request, device: Device) -> Register:
    """Note a device with its fresh credentials, beside those it holds already.

    Raises:
        UnionError: the device was revoked, has another role or had another passkey, or another
            device has its encryption key, or another doctor's its handle: a link shows its
            public key to whoever holds it.
    """
    held = register.devices.get(request.device)
    if held is not None and held.is_revoked:
        raise UnionError("This device was revoked. Let its owner make new keys and a new request.")
    if held is not None and held.role != device.role:
        # What it was given for the other role holds on until it ends.
        raise UnionError(
            f"This device was enrolled as {AS_WORDS[held.role]} and stays that; "
            "let the other one make keys and a request of its own."
        )
    if any(
        other.encryption_key == device.encryption_key
        for id_, other in register.devices.items()
        if id_ != request.device
    ):
        raise UnionError("Another device has the encryption key of this request.")
    if any(
        other.handle == request.handle and other.name.casefold() != device.name.casefold()
        for id_, other in register.devices.items()
        if id_ != request.device and not other.is_revoked
    ):
        raise UnionError(
            "Another doctor has the links of this request. Is the name written as before, "
            "and the request really this doctor's?"
        )
    passkey = thumbprint(request.passkey.key) if request.passkey else ""
    if held is not None and held.passkey not in ("", passkey):
        # Who has the page's keys and not the doctor's finger must not get rid of the passkey.
        raise UnionError(
            "This device was enrolled with another passkey, or this request names none. "
            "Let its owner make new keys and a new request."
        )
    device = replace(device, handle=request.handle, passkey=passkey)
    if held is not None:
        device = replace(
            device,
            identities={**held.identities, **device.identities},
            access={**held.access, **device.access},
        )
    return replace(register, devices={**register.devices, request.device: device})


def renewed(register: Register, request: Request) -> Device:
    """Return the device that asks for further days, and for nothing else.

    Raises:
        UnionError: it is unknown, revoked, or has any other key than before: then somebody
            must look at who asks.
    """
    held = register.devices.get(request.device)
    if held is None:
        raise UnionError(
            "The register knows no device of this request, or its days are over; "
            "look at whose it is and enrol it: teleconsult union issue"
        )
    if held.is_revoked:
        raise UnionError("This device was revoked. Let its owner make new keys and a new request.")
    passkey = thumbprint(request.passkey.key) if request.passkey else ""
    known = (held.handle, held.encryption_key, held.passkey)
    if known != (request.handle, encode(request.encryption_key), passkey):
        raise UnionError(
            f"This request is of a device of {held.name} and has other keys beside; "
            "look at whose it is and enrol it: teleconsult union issue"
        )
    return held


def find(register: Register, who: str) -> str:
    """Find the one device that is meant by its id, the beginning of it, or a doctor's name.

    Raises:
        UnionError: none, or several.
    """
    living = {id_: device for id_, device in register.devices.items() if not device.is_revoked}
    found = [
        id_
        for id_, device in living.items()
        if device.name.casefold() == who.casefold()
        or (len(who) >= PREFIX_MIN_CHARS and id_.startswith(who))
    ]
    if not found:
        raise UnionError(
            "No device that holds credentials has this name or id; "
            "`teleconsult union show` lists them."
        )
    if len(found) > 1:
        raise UnionError(
            f"This doctor has {len(found)} devices; name one by its id, or all with --all: "
            + ", ".join(sorted(found))
        )
    return found[0]


def devices_of(register: Register, name: str) -> list[str]:
    """List a doctor's devices that hold credentials.

    Raises:
        UnionError: there is none.
    """
    found = [
        id_
        for id_, device in register.devices.items()
        if not device.is_revoked and device.name.casefold() == name.casefold()
    ]
    return found or [find(register, name)]


def revoke(register: Register, id_: str) -> Register:
    """Note that a device may no longer be believed."""
    device = replace(register.devices[id_], is_revoked=True)
    return replace(register, devices={**register.devices, id_: device})


def forget(register: Register, now: float) -> Register:
    """Drop each credential that is over, and each device that has none left."""
    devices = {}
    for id_, device in register.devices.items():
        identities, access = _living(device.identities, now), _living(device.access, now)
        if identities or access:
            devices[id_] = replace(device, identities=identities, access=access)
    return replace(register, devices=devices)


def revoked_identities(register: Register) -> list[str]:
    """List what the next revocation list for patients' pages must name."""
    return sorted(jti for device in _revoked(register) for jti in device.identities)


def revoked_access(register: Register) -> list[str]:
    """List what the next revocation list for servers must name."""
    return sorted(jti for device in _revoked(register) for jti in device.access)


def encryption_keys(register: Register, *, is_revoked: bool) -> list[bytes]:
    """List the keys whose slots stay (or, with `is_revoked`, go)."""
    return [
        decode(device.encryption_key, 32)
        for device in register.devices.values()
        if device.is_revoked == is_revoked
    ]


def _revoked(register: Register) -> list[Device]:
    return [device for device in register.devices.values() if device.is_revoked]


def _living(ids: Mapping[str, int], now: float) -> dict[str, int]:
    return {jti: ends for jti, ends in ids.items() if ends > now}
