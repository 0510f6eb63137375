"""Where a webhook may go: rules of addresses and hosts, so that a caller cannot reach our own network.

A receiver is named by a caller and called by this server, which may stand beside machines that trust it.
Whatever is not an ordinary public address is refused, whichever way it is written.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from yarl import URL

from panelsim.errors import InputError

Address: TypeAlias = IPv4Address | IPv6Address

LONGEST = 2000
"""Characters of an address."""
HTTPS_PORT, HTTP_PORT, FIRST_FREE_PORT = 443, 80, 1024
"""Ports below 1024 belong to services of other kinds (mail, shells, name servers), save 443."""
LABEL = re.compile(r"^(?!-)[a-z0-9-]{1,63}(?<!-)$")
NUMERIC = re.compile(r"^(?:[0-9]+|0x[0-9a-f]*)$")
"""A last label that is a number makes a host an IPv4 address: whole, octal and hexadecimal forms too."""

REFUSED_V4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.31.196.0/24", "for name servers"),
        ("192.52.193.0/24", "for tunnels"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "for name servers"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
"""The special purposes of RFC 6890 and its registry."""
GLOBAL_V6 = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
REFUSED_V6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), what)
    for network, what in (
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "an IPv4 address within IPv6"),
        ("64:ff9b:1::/48", "translated for a network of its own"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "for protocols"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "for name servers"),
        ("3fff::/20", "for documentation"),
    )
)


def refusal_of(address: Address, *, allows_loopback: bool = False) -> str:
    """Why an address may not be called, in a word or two; empty if it may be."""
    if allows_loopback and address.is_loopback:
        return ""
    if isinstance(address, IPv4Address):
        return next((what for network, what in REFUSED_V4 if address in network), "")
    if address.scope_id is not None:
        return "bound to a zone"
    if address in NAT64:
        # networks without IPv4 reach it so, and their name servers answer so
        return refusal_of(IPv4Address(int(address) & 0xFFFFFFFF))
    found = next((what for network, what in REFUSED_V6 if address in network), "")
    return found or ("" if address in GLOBAL_V6 else "reserved")


def address_of(text: str, *, allows_loopback: bool = False) -> Address:
    """The address in `text`, as it is about to be called. Raises `InputError` if it may not be."""
    try:
        address = ip_address(text)
    except ValueError as error:
        raise InputError(f"{text[:80]!r} is not an IP address") from error
    why = refusal_of(address, allows_loopback=allows_loopback)
    if why:
        raise InputError(f"{address} is {why}, expected a public address")
    return address


def check_url(text: str, *, allows_loopback: bool = False) -> URL:
    """The address of a receiver, as it will be called. Raises `InputError` saying what is wrong with it.

    `allows_loopback`: http and this machine are let through, for whoever develops a receiver. Names are not
    resolved here.
    """
    if len(text) > LONGEST:
        raise InputError(f"the address has {len(text)} characters, expected at most {LONGEST}")
    if any(not one.isprintable() or one.isspace() for one in text):
        raise InputError("the address holds blanks or control characters, expected none")
    try:
        url = URL(text)
    except ValueError as error:
        raise InputError(f"{text[:80]!r} is not an address, expected https://HOST/PATH") from error
    schemes = ("https", "http") if allows_loopback else ("https",)
    if url.scheme not in schemes or not url.raw_host:
        raise InputError(f"{text[:80]!r} is not an address of https, expected https://HOST/PATH")
    if url.raw_user is not None or url.raw_password is not None:
        # aiohttp would send them, and they would stand in lists of deliveries
        raise InputError(
            "the address holds a user or a password, expected none: verify the signature instead"
        )
    _check_port(url)
    _check_host(url.raw_host, allows_loopback=allows_loopback)
    return url.with_fragment(None)


def _check_port(url: URL) -> None:
    port = url.port
    usual = HTTP_PORT if url.scheme == "http" else HTTPS_PORT
    if port != usual and (port is None or port < FIRST_FREE_PORT):
        raise InputError(f"port {port} is refused, expected {usual} or one from {FIRST_FREE_PORT} up")


def _check_host(host: str, *, allows_loopback: bool) -> None:
    if ":" in host:
        address_of(host, allows_loopback=allows_loopback)
        return
    labels = host.split(".")
    if NUMERIC.match(labels[-1]):
        # `ip_address` takes dotted decimals without leading zeros only: 127.1, 0177.0.0.1, 0x7f000001 and
        # 2130706433 are no addresses to it, whatever a resolver would make of them
        address_of(host, allows_loopback=allows_loopback)
        return
    if not all(LABEL.match(label) for label in labels) or len(host) > 253:
        raise InputError(f"{host[:80]!r} is not the name of a host, expected one such as hooks.example.com")
    if allows_loopback and host == "localhost":
        return
    if len(labels) < 2 or labels[-1] in ("localhost", "local", "internal", "lan", "home", "corp", "onion"):
        raise InputError(f"{host[:80]!r} is a name of a local network, expected a public one")
