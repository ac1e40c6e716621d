"""Which addresses on the network may be asked for a file."""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL


class HostNotAllowed(OSError):
    """The host, or the network it is in, is none that files are read from."""


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hosts by name, or `*.example.com` for all below a domain. No names: no host.

    `plain_http` allows addresses without TLS, `private` hosts within private networks.
    """

    names: tuple[str, ...] = ()
    plain_http: bool = False
    private: bool = False

    def allow(self, url: URL) -> bool:
        """Whether a file may be read there, as far as the address itself tells."""
        host = (url.host or "").lower().rstrip(".")
        schemes = ("https", "http") if self.plain_http else ("https",)
        if url.scheme not in schemes or url.user or not any(_matches(n, host) for n in self.names):
            return False
        try:
            return self.allow_network(str(ipaddress.ip_address(host)))
        except ValueError:
            return True

    def allow_network(self, address: str) -> bool:
        """Whether an IP address is one of the public network, or private ones are allowed."""
        ip = ipaddress.ip_address(address.partition("%")[0])
        mapped = getattr(ip, "ipv4_mapped", None) or ip
        return (mapped.is_global and not mapped.is_multicast) or self.private


class CheckedResolver(AbstractResolver):
    """Resolves names to allowed networks only; the connection goes to the very address checked,
    so that a name cannot mean one host when it is checked and another when it is asked."""

    def __init__(self, hosts: AllowedHosts, resolver: AbstractResolver | None = None) -> None:
        self._hosts = hosts
        self._resolver = resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The allowed addresses. Raises HostNotAllowed when there are others only."""
        found = await self._resolver.resolve(host, port, family)
        allowed = [result for result in found if self._hosts.allow_network(result["host"])]
        if found and not allowed:
            raise HostNotAllowed(f"{host} is in a network that files are not read from")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


def hosts_of(names: Iterable[str], *, plain_http: bool, private: bool) -> AllowedHosts:
    """The hosts of a setting."""
    return AllowedHosts(tuple(name.lower() for name in names), plain_http, private)


def _matches(name: str, host: str) -> bool:
    return host.endswith(name[1:]) if name.startswith("*.") else host == name
