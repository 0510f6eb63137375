"""The server process of one model: started, greeted, and ended with this process."""

import json
import os
import secrets
import subprocess
import sys
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from panelsim.errors import ProviderError
from panelsim.providers.model_files import LocalModel

START_TIMEOUT = 120.0
"""Seconds a server may take to load its model."""
STOP_TIMEOUT = 3.0
SPINS = "2000"
"""How often a thread of the library looks at a barrier before it sleeps; beside other work its own default of
300,000 makes generation 3 to 10 times slower (docs/embedded.md)."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How a model is served."""

    slots: int = 9
    """Prompts that are kept in memory, one cache each: three lanes times three kinds of question."""
    at_once: int = 3
    """Calls under way at the same time; more of them read prompts no faster (docs/embedded.md)."""
    context: int = 3072
    """Tokens of prompt and answer that fit in one slot."""
    threads: int = 0
    """Processor threads; 0 for all that this process may use."""
    verbosity: int = 2
    """What goes to the log: 1 errors, 2 warnings, 3 everything."""


class LlamaServer:
    """A child process that serves one model on loopback, and how to reach it."""

    def __init__(self, model: LocalModel, serving: Serving, log_dir: Path) -> None:
        """Starts the child and waits until it answers, which takes seconds.

        Raises `ProviderError` if it cannot start.
        """
        log_dir.mkdir(parents=True, exist_ok=True)
        self.key = secrets.token_hex(16)
        self.log = log_dir / f"{model.name}.log"
        self._child = _start_child()
        self.stop = weakref.finalize(self, _stop_child, self._child)
        settings: dict[str, JsonValue] = {
            "model": str(model.path),
            "slots": serving.slots,
            "context": serving.context,
            "threads": serving.threads or _usable_processors(),
            "key": self.key,
            "verbosity": serving.verbosity,
            "log": str(self.log),
        }
        self.address = self._greet(settings, model)

    @property
    def is_alive(self) -> bool:
        """Whether the child still runs."""
        return self._child.poll() is None

    def ends_within(self, seconds: float) -> bool:
        """Whether the child ends in that time: one that was killed needs a moment to be seen dead."""
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _greet(self, settings: dict[str, JsonValue], model: LocalModel) -> str:
        stdin, stdout = self._child.stdin, self._child.stdout
        if stdin is None or stdout is None:
            raise ProviderError("the model's process was started without pipes")
        giving_up = threading.Timer(START_TIMEOUT, self._child.kill)
        giving_up.start()
        try:
            stdin.write(json.dumps(settings).encode() + b"\n")
            stdin.flush()
            line = stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            giving_up.cancel()
        said = (
            json.loads(line) if line else {"error": f"it ended within {START_TIMEOUT:.0f} s without a word"}
        )
        if "address" not in said:
            self.stop()
            reason = f"{said['error']}; see {self.log}"
            if "No module named 'xllamacpp'" in reason:
                reason = 'its runtime is not installed; run: pip install "panelsim[embedded]"'
            raise ProviderError(f"model {model.name!r} cannot be served from {model.path}: {reason}")
        return str(said["address"])


def _start_child() -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("llama_server.py")
    # -P keeps this folder off the child's path: a neighbour is called openai.py.
    # A session of its own keeps Ctrl-C with us: the answers under way still come in.
    return subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-P", str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={"GOMP_SPINCOUNT": SPINS, **os.environ},
    )


def _stop_child(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    try:
        child.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _usable_processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows do not say
        return os.cpu_count() or 1
