"""Real redis-servers for tests: on free ports of 127.0.0.1, in memory only, gone at the end.

`RedisServer` is one; it can be killed, paused and started again, empty, on its port.
`redis_cluster` is three masters that share the slots. The fixture that most tests want,
`redis_server`, is one server for all tests of a process, empty at each one's start.
"""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

HOST = "127.0.0.1"
SLOTS = 16_384
TRIES = 5
WITHIN_S = 20.0
# Nothing is written anywhere; its folder is empty, and stays so.
IN_MEMORY = ("--bind", HOST, "--save", "", "--appendonly", "no", "--protected-mode", "no")


class RedisServer:
    """One redis-server process.

    Args:
        options: further options, as on its command line: `"--requirepass", "x"`.
        program: `redis-server`, or `redis-sentinel` with the path of its file in `options`.
        is_up: what its log says once it answers.
        has_own_file: `options` begin with a file of its own, and nothing is set beside it.
    """

    def __init__(
        self,
        *options: str,
        program: str = "redis-server",
        is_up: str = "Ready to accept connections",
        has_own_file: bool = False,
    ) -> None:
        self._options = options
        self._program = program
        self._is_up = is_up
        self._settled = IN_MEMORY if program == "redis-server" and not has_own_file else ()
        self._folder = tempfile.mkdtemp(prefix="redis-")
        self.port = 0
        self._process = self._started_somewhere()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}"

    def client(self, **options: object) -> "redis.asyncio.Redis":
        """A client as a node has it: answers are text, nothing is repeated. To be closed."""
        options = {"retry": Retry(NoBackoff(), 0), "decode_responses": True, **options}
        return redis.asyncio.Redis(host=HOST, port=self.port, **options)  # type: ignore[arg-type] # passed on

    def says(self, *command: str | int) -> object:
        """Ask it one thing, as an operator would, without an event loop."""
        with redis.Redis(host=HOST, port=self.port, decode_responses=True) as client:
            answer: object = client.execute_command(*command)
            return answer

    def kill(self) -> None:
        """End it at once (SIGKILL), as a power cut would. Its records are gone."""
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """Let it hang: connections stay open and nothing is answered, until `resume`."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """Start it again, empty, where it was."""
        self.kill()
        started = self._started(self.port)
        assert started is not None, f"port {self.port} was taken meanwhile"
        self._process = started

    def close(self) -> None:
        """End it, paused or not, and leave nothing behind."""
        self.kill()
        shutil.rmtree(self._folder)

    def _started_somewhere(self) -> "subprocess.Popen[str]":
        # Between finding a free port and using it, another may take it.
        for _ in range(TRIES):
            self.port = free_port()
            started = self._started(self.port)
            if started is not None:
                return started
        raise RuntimeError(f"{self._program} does not start")

    def _started(self, port: int) -> "subprocess.Popen[str] | None":
        process = subprocess.Popen(
            [self._program, *self._options, "--port", str(port), *self._settled],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        # Redis ignores that nobody reads its log any more.
        with process.stdout:
            if any(self._is_up in line for line in process.stdout):
                return process
        process.kill()
        process.wait()
        return None


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has at this moment."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def redis_servers(count: int, *options: str) -> Iterator[Sequence[RedisServer]]:
    """So many servers that know nothing of each other."""
    with ExitStack() as running:
        servers = []
        for _ in range(count):
            servers.append(RedisServer(*options))
            running.callback(servers[-1].close)
        yield servers


@contextmanager
def redis_cluster(masters: int = 3) -> Iterator[Sequence[RedisServer]]:
    """A Redis Cluster of masters without replicas, ready, its slots dealt in equal runs."""
    with ExitStack() as running:
        servers = []
        for number in range(masters):
            bus = free_port()
            clustered = ("--cluster-enabled", "yes", "--cluster-port", str(bus))
            servers.append(RedisServer(*clustered))
            running.callback(servers[-1].close)
            first, end = (SLOTS * part // masters for part in (number, number + 1))
            servers[-1].says("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            servers[-1].says("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            servers[0].says("CLUSTER", "MEET", HOST, servers[-1].port, bus)
        for server in servers:
            wait_until(lambda server=server: knows_all(server, masters))  # type: ignore[misc] # bound now
        yield servers


def knows_all(server: RedisServer, masters: int) -> bool:
    """Tell whether a node of a cluster sees every slot served, by so many nodes."""
    info = server.says("CLUSTER", "INFO")
    facts = info if isinstance(info, dict) else dict(x.split(":") for x in str(info).split())
    return facts["cluster_state"] == "ok" and int(facts["cluster_size"]) == masters


def wait_until(is_so: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    """Wait for something that a server does by itself and tells nobody."""
    ends = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.02)
