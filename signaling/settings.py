"""Every number of the signaling server, with its unit and its reason.

Pure: a value. `deploy/sources.py` fills it from flags, environment and file. Documents
and pages quote these numbers from here; a test compares them.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, field_validator

from .messages import QUEUES_MAX, RELAY_URLS_MAX, RelayUrl
from .probing import is_probe

Duration = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
QueueName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,63}$")]

# Our relay refuses passwords that end later than this from now (`relay/settings.py`).
RELAY_PASSWORD_MAX_S = 43_200

PAGES = Path(__file__).parents[1] / "clients" / "web" / "dist"


class Settings(BaseModel):
    """What one signaling server needs to know. Durations are seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("localhost", description="name or address to listen on; loopback by default")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    origins: tuple[str, ...] = Field(
        (),
        description="origins from which pages may open a socket, such as https://visio.example.fr",
    )
    pages: Path = Field(PAGES, description="folder of the built pages")
    queues: tuple[QueueName, ...] = Field(
        ("medecine-generale",),
        min_length=1,
        max_length=QUEUES_MAX,
        description="names of the queues where there is no directory; letters, digits, - and _",
    )
    directory: Path | None = Field(
        None,
        description="file that says organisations, territories and queues, and which union may "
        "serve which; check it with `teleconsult directory check`",
    )
    brand: Path | None = Field(
        None,
        description="file that says whose service this is: name, logo, colours, legal notices; "
        "check it with `teleconsult brand check`",
    )
    trust: Path | None = Field(
        None, description="folder of the trusted unions, as `teleconsult union trust` fills it"
    )
    installation_secret: SecretStr = Field(
        SecretStr(""),
        description="at least 32 random bytes in base64url, the same on all nodes; signs passes",
    )
    previous_installation_secret: SecretStr = Field(
        SecretStr(""), description="still accepted while passes signed under it live"
    )

    # The store
    store: SecretStr = Field(
        SecretStr("memory"),
        description="where queues and sessions are kept: memory, of one process; or the address "
        "of a Redis that keeps nothing, such as redis://user:password@host:6379, unix://…, "
        "redis+sentinel://…/service or redis+cluster://…, for several nodes",
    )
    store_ca: Path | None = Field(
        None, description="who vouches for the store's servers, PEM, where its address is rediss"
    )
    store_answer_s: Duration = Field(
        3.0, description="an answer of the store that takes longer is none; it takes milliseconds"
    )
    store_gone_s: Duration = Field(
        15.0,
        description="a store away for longer sends everybody to other nodes; a failover is shorter",
    )
    store_check_s: Duration = Field(
        60.0, description="how often the store is asked again whether it can keep anything"
    )

    workers: Count = Field(
        1,
        description="processes that serve the port of the pages together; more than one need a "
        "store in Redis, and each is a node of it",
    )

    # Who watches the service
    metrics_host: str = Field(
        "127.0.0.1",
        description="name or address on which this node says how it is, as Prometheus reads it; "
        "loopback by default",
    )
    metrics_port: int = Field(
        9464,
        ge=0,
        le=65535,
        description="port for that; 0 takes a free one, and of several workers each takes its own, "
        "upwards from here",
    )

    # The relay
    relay: Literal["own", "coturn", "elsewhere", "none"] = Field(
        "own",
        description="what carries picture and sound: our own relay or coturn, started here; one "
        "that runs elsewhere (relay_urls); or none: direct paths only",
    )
    relay_only: bool = Field(
        True,
        description="the two ends meet at the relay alone and never learn each other's address; "
        "false allows direct paths too",
    )
    relay_ip: tuple[str, ...] = Field(
        (),
        max_length=2,
        description="the relay's addresses of this machine, one of IPv4 and one of IPv6 or either; "
        "the one in host if it is one",
    )
    relay_public_ip: tuple[str, ...] = Field(
        (),
        max_length=2,
        description="how people reach these, in the same order, where a router is in between",
    )
    relay_port: int = Field(
        3478, ge=0, le=65535, description="of the relay, UDP and TCP; 0 takes a free one"
    )
    relay_transports: tuple[Literal["udp", "tcp", "tls"], ...] = Field(
        ("udp", "tcp", "tls"),
        min_length=1,
        max_length=3,
        description="by which our own relay is reached, and no other port is opened: tls alone "
        "needs nothing but the port of the pages",
    )
    relay_tls_port: int = Field(
        5349,
        ge=0,
        le=65535,
        description="coturn's, for TLS; our own relay shares the port of the pages",
    )
    relay_urls: tuple[RelayUrl, ...] = Field(
        (),
        max_length=RELAY_URLS_MAX,
        description="of a relay elsewhere, in the order in which pages try them, such as "
        "turn:relay.example.fr:3478?transport=udp",
    )
    relay_control: Path | None = Field(
        None, description="of our own relay elsewhere: the UNIX socket on which it takes orders"
    )
    relay_password_s: Duration = Field(
        3600.0,
        le=RELAY_PASSWORD_MAX_S,
        description="a relay password lives so long; pages get newer ones in time. At most 600 "
        "where the relay cannot be told of a session's end",
    )
    certificate: Path | None = Field(
        None, description="chain of the pages' certificate, PEM: serve them and the relay by TLS"
    )
    certificate_key: Path | None = Field(None, description="the key of that certificate, PEM")

    # Networks: `limits.py` does the arithmetic
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        (),
        description="addresses or networks of the proxies in front of this server, whose "
        "X-Forwarded-For is believed; nobody's by default",
    )
    network_key_s: Duration = Field(
        600.0,
        le=600.0,
        description="counts by network stand under a random key that lives this long",
    )
    network_slots: Count = Field(
        16_384, description="places that networks share by a hash, at a few bytes each"
    )
    network_joins: Count = Field(
        120, description="new tickets that one network may take at once; two hours of a carrier's"
    )
    network_joins_per_s: Duration = Field(
        0.5, description="new tickets that one network may take in the long run; 30 a minute"
    )
    network_tickets_max: Count = Field(
        1_000, description="tickets of one network on this node; a twentieth of tickets_max"
    )
    network_queue_tickets_max: Count = Field(
        400, description="tickets of one network in one queue; a carrier's whole evening"
    )
    network_failures: Count = Field(
        300, description="entries of one network that may fail at once, as after a lost store"
    )
    network_failures_per_s: Duration = Field(
        1.0, description="entries of one network that may fail in the long run"
    )
    network_strangers_max: Count = Field(
        500,
        description="sockets of one network that have not joined yet; a carrier's whole evening "
        "comes back in five times the two seconds that joining takes",
    )

    # Waiting
    wait_pass_s: Duration = Field(
        600.0, description="a patient may be away this long and keep the place"
    )
    awake_s: Duration = Field(
        40.0,
        description="silent longer than this is asleep and passed over; "
        "two heartbeats and a lost one fit in it",
    )
    heartbeat_s: Duration = Field(
        15.0, description="a board goes out at least this often; pages answer it by renewing"
    )
    board_every_s: Duration = Field(
        0.25, description="boards of a queue that changed go out at most this often"
    )
    cooldown_s: Duration = Field(
        20.0, description="a patient who declined or was late is passed over for this long"
    )
    faults_to_tail: Count = Field(
        3, description="after so many declined or missed calls a patient goes to the tail"
    )
    tickets_max: Count = Field(
        20_000, description="patients waiting at once; twice the load we test with"
    )

    rebuild_s: Duration = Field(
        45.0,
        description="a store that was lost lets nobody be called for so long, while those who "
        "waited come back; longer than the clients' longest pause between two attempts",
    )

    # Unions
    reload_s: Duration = Field(
        60.0,
        description="how often trusted unions, their revocation lists and the directory are read "
        "again",
    )
    downloads_max: Count = Field(
        32, description="files of bundles handed out at once; each holds a descriptor"
    )
    download_within_s: Duration = Field(
        120.0, description="a file of bundles is read by then; ten megabytes on a slow phone"
    )
    download_stall_s: Duration = Field(
        10.0,
        description="each 300 kB of such a file are read within this, or it is cut off; "
        "30 kB/s is an old phone at the edge of its network",
    )
    link_window_s: Duration = Field(
        86_400.0,
        description="a counted link may be open this long; that it was used is held no longer",
    )

    # Calling
    propose_within_s: Duration = Field(
        15.0, description="the doctor's page proposes by itself; a slow phone needs seconds"
    )
    accept_within_s: Duration = Field(
        60.0, description="a patient reads the card, finds his glasses, and accepts"
    )

    # In a session
    member_pass_s: Duration = Field(
        600.0, description="a member may be away this long and keep the seat"
    )
    invite_s: Duration = Field(300.0, description="an invitation is to be used within this time")
    requeue_s: Duration = Field(
        120.0, description="a patient sent back to the queue takes the old place within this time"
    )

    # Sockets
    greet_within_s: Duration = Field(
        10.0, description="a connection that has not sent an HTTP head by then is closed"
    )
    keep_alive_s: Duration = Field(
        15.0, description="a browser may keep a connection open for its next request so long"
    )
    connections_max: Count = Field(
        17_000, description="all open connections, pages and sockets; below the descriptors"
    )
    doorstep_max: Count = Field(
        2_000, description="connections that may be about to send their HTTP head at once"
    )
    join_within_s: Duration = Field(
        10.0, description="a socket that has not joined by then is closed; a slow phone signs once"
    )
    tick_s: Duration = Field(
        1.0, description="how often what is over is looked for; deadlines are this exact"
    )
    ping_every_s: Duration = Field(
        25.0, description="below the 60 s after which common proxies cut an idle socket"
    )
    sockets_max: Count = Field(
        15_000, description="open sockets; below the 20,000 descriptors a process commonly gets"
    )
    burst: Count = Field(
        60, description="messages a socket may send at once; a call's opening needs about 20"
    )
    messages_per_s: Duration = Field(10.0, description="messages a socket may send in the long run")
    outbox_max: Count = Field(
        256, description="messages kept for a slow reader before its socket is closed"
    )

    @property
    def secrets(self) -> tuple[str, str]:
        """The installation secrets as text, the current one first; empty where not set."""
        return (
            self.installation_secret.get_secret_value(),
            self.previous_installation_secret.get_secret_value(),
        )

    @field_validator(
        "origins",
        "queues",
        "relay_ip",
        "relay_public_ip",
        "relay_transports",
        "relay_urls",
        "trusted_proxies",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        """Let flags and environment give a list as one text with commas."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("queues")
    @classmethod
    def _of_people(cls, queues: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse the probe's names: what happens there is in no figure and on no page."""
        if any(map(is_probe, queues)):
            raise ValueError("probe, and names that begin with probe-, are the probe's own")
        return queues
