"""Where a webhook may go: no address of a network of our own, however it is written or comes about."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address

import pytest

from panelsim.errors import InputError
from panelsim.service.webhooks.addresses import check_url, refusal_of
from panelsim.service.webhooks.resolving import Refused, check_receiver, open_socket
from panelsim.service.webhooks.sending import Sender

NAME = "hooks.example.com"


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "3fff::1",
        "4000::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_refused(text: str) -> None:
    assert refusal_of(ip_address(text))


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8"]
)
def test_a_public_address_is_let_through(text: str) -> None:
    assert refusal_of(ip_address(text)) == ""


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example.com/", "https"),
        ("ftp://hooks.example.com/", "https"),
        ("hooks.example.com/x", "https"),
        ("https:hooks.example.com", "https"),
        ("https:///x", "https"),
        ("https://user@hooks.example.com/", "user or a password"),
        ("https://user:word@hooks.example.com/", "user or a password"),
        ("https://hooks.example.com:22/", "port 22"),
        ("https://hooks.example.com:80/", "port 80"),
        ("https://hooks.example.com:0/", "port 0"),
        ("https://hooks.example.com:65536/", "not an address"),
        ("https://hooks.example.com\\@evil.example/", "not an address"),
        ("https://hooks.example.com/a b", "blanks"),
        ("https://hooks.example.com/\r\nHost: x", "control"),
        ("https://localhost/", "local network"),
        ("https://db.internal/", "local network"),
        ("https://printer.local/", "local network"),
        ("https://intranet/", "local network"),
        ("https://hooks.example.com./", "name of a host"),
        ("https://localhost./", "name of a host"),
        ("https://127.0.0.1./", "name of a host"),
        ("https://hooks..example.com/", "name of a host"),
        ("https://hooks_x.example.com/", "name of a host"),
        ("https://%31%32%37.0.0.1/", "not an IP address|name of a host"),
        ("https://2130706433/", "not an IP address"),
        ("https://0x7f000001/", "not an IP address"),
        ("https://0x7f.0.0.1/", "not an IP address"),
        ("https://0177.0.0.1/", "not an IP address"),
        ("https://127.1/", "not an IP address"),
        ("https://8.8.8.010/", "not an IP address"),
        ("https://127.0.0.1/", "loopback"),
        ("https://１２７.0.0.1/", "loopback"),
        ("https://①②⑦.0.0.1/", "loopback"),
        ("https://169.254.169.254/latest/meta-data", "link-local"),
        ("https://[::1]/", "loopback"),
        ("https://[::ffff:127.0.0.1]/", "IPv4"),
        ("https://[fe80::1%25eth0]/", "zone|link-local|IP address"),
        ("https://[2606:4700::1111%25eth0]/", "zone|IP address"),
        (f"https://hooks.example.com/{'x' * 2000}", "characters"),
    ],
)
def test_a_url_that_may_not_be_called_is_refused_with_the_reason(url: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        check_url(url)


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com/x?y=1", "https://hooks.example.com:8443/", "https://8.8.8.8/"]
)
def test_an_ordinary_https_address_is_let_through_as_it_is(url: str) -> None:
    assert str(check_url(url)) == url


def test_loopback_is_let_through_for_development_and_other_private_addresses_are_not() -> None:
    for url in ("http://127.0.0.1:9000/", "http://localhost:9000/", "http://[::1]:9000/"):
        check_url(url, allows_loopback=True)
    for url in ("http://10.0.0.1:9000/", "http://169.254.169.254/", "http://192.168.0.1:9000/"):
        with pytest.raises(InputError, match="public"):
            check_url(url, allows_loopback=True)


def test_a_name_that_resolves_to_this_machine_is_refused_when_it_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 443))])
    with pytest.raises(InputError, match=r"hooks\.example\.com.*loopback"):
        check_receiver(f"https://{NAME}/", allows_loopback=False)


def test_a_name_that_cannot_be_resolved_now_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    assert check_receiver(f"https://{NAME}/", allows_loopback=False).host == NAME


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "2130706433", "localhost"])
def test_no_socket_is_opened_for_an_address_that_may_not_be_called(address: str) -> None:
    with pytest.raises(Refused):
        open_socket(address, allows_loopback=False)


# --- names whose address changes


@dataclass
class ChangingName:
    """A name server that answers otherwise each time."""

    answers: list[list[str]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@dataclass
class Machine:
    """Something on this machine that listens."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def machine(answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") -> AsyncIterator[Machine]:
    found = Machine(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        found.requests.append(await reader.read(65536))
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found


async def test_a_name_that_turns_to_this_machine_after_it_was_checked_is_refused_at_the_attempt() -> None:
    names = ChangingName([["8.8.8.8"], ["127.0.0.1"]])
    async with machine() as listening, Sender(allows_loopback=False, look_up=names) as sender:
        url = f"https://{NAME}:{listening.port}/"
        check_url(url)
        await names(NAME, listening.port)  # the answer at creation, which was public
        answer = await sender.send(url, "{}", {})
        assert answer.status is None
        assert answer.told == "refused: 127.0.0.1 is loopback, expected a public address"
        assert listening.connections == 0


async def test_an_attempt_resolves_once_and_connects_to_the_very_address_that_was_checked() -> None:
    names = ChangingName([["127.0.0.1"], ["10.0.0.1"]])
    async with machine() as listening, Sender(allows_loopback=True, look_up=names) as sender:
        answer = await sender.send(f"http://{NAME}:{listening.port}/x", "{}", {"webhook-id": "msg_1"})
        assert answer.status == 200
        assert names.asked == [NAME]
        (request,) = listening.requests
        assert f"Host: {NAME}".encode() in request
        # the next attempt asks anew, and what it is told is refused
        again = await sender.send(f"http://{NAME}:{listening.port}/x", "{}", {})
        assert again.told == "refused: 10.0.0.1 is private, expected a public address"
        assert listening.connections == 1


async def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    names = ChangingName([["8.8.8.8", "127.0.0.1"]])
    async with Sender(allows_loopback=False, look_up=names) as sender:
        answer = await sender.send(f"https://{NAME}/", "{}", {})
    assert answer.told.startswith("refused: 127.0.0.1 is loopback")


async def test_a_redirect_is_not_followed() -> None:
    moved = b"HTTP/1.1 307 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
    async with machine(moved) as listening, Sender(allows_loopback=True) as sender:
        answer = await sender.send(f"http://127.0.0.1:{listening.port}/x", "{}", {})
        assert answer.status == 307
        assert listening.connections == 1


async def test_of_an_answer_only_a_short_plain_excerpt_is_kept() -> None:
    body = b"\x1b[31m<b>no</b>\r\n\0" + b"x" * 5000
    said = b"HTTP/1.1 500 No\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    async with machine(said) as listening, Sender(allows_loopback=True) as sender:
        answer = await sender.send(f"http://127.0.0.1:{listening.port}/x", "{}", {})
    assert len(answer.told) == 200
    assert answer.told.startswith("[31m<b>no</b> xxx")
    assert answer.told.isprintable()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads and answers nothing."""
    await reader.read()
    writer.close()
    await writer.wait_closed()


async def test_a_receiver_that_keeps_silent_is_given_up_in_time() -> None:
    async with Sender(allows_loopback=True, timeout_s=0.2) as sender:
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            answer = await sender.send(f"http://127.0.0.1:{port}/", "{}", {})
            await asyncio.sleep(0.05)  # its end of the connection is closed too
    assert answer == (None, "no answer within 0.2 s", 0.0)
