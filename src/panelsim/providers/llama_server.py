"""The child process that serves one GGUF file on loopback. Run as a script; imports nothing of panelsim.

It reads its settings as one line of JSON from standard input, answers with one line on standard output
(`{"address": ...}` or `{"error": ...}`) and serves until standard input closes. So it ends with its parent
however that ends, the native library prints to a log instead of the user's terminal, and a crash in it is not
a crash of the parent.
"""

import json
import os
import signal
import sys
from typing import NoReturn, Protocol, TypedDict


class Settings(TypedDict):
    """What the parent asks for."""

    model: str
    slots: int
    context: int
    threads: int
    key: str
    verbosity: int
    log: str


class Server(Protocol):
    """What is used of xllamacpp's server."""

    listening_address: str


def main() -> NoReturn:
    """Serves until standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings: Settings = json.loads(sys.stdin.readline())
    answer = os.dup(1)
    log = os.open(settings["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        server = _serve(settings)
    except Exception as error:  # noqa: BLE001 - the outermost edge of this process: the parent is told all
        os.write(answer, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode() + b"\n")
        os._exit(1)
    os.write(answer, json.dumps({"address": server.listening_address}).encode() + b"\n")
    os.close(answer)
    sys.stdin.read()
    os._exit(0)  # the server's own shutdown can hang, and there is nothing to save


def _serve(settings: Settings) -> Server:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings["model"]
    params.n_parallel = settings["slots"]
    params.n_ctx = settings["slots"] * settings["context"]
    params.cpuparams.n_threads = settings["threads"]
    params.api_keys = [settings["key"]]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.ui = False
    params.verbosity = settings["verbosity"]
    params.cache_prompt = True
    params.cache_ram_mib = 0
    server: Server = xllamacpp.Server(params)
    return server


if __name__ == "__main__":
    main()
