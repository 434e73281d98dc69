"""Keeps webhooks from our own doors: an address is looked at when it is entered and when called.

A name is resolved once for a connection, and the address that was looked at is the one that is
connected to, so a name that changes its mind in between gains nothing.
"""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType

from wms.error import Refused
from wms.outbox.target import checked_host, why_refused

RESOLVE_S_MAX = 2.0
# A name whose server does not answer holds one of these for seconds; others must not wait for it.
RESOLVING_AT_ONCE = 64


class TargetRefused(OSError):
    """An address that nothing is sent to."""

    def __init__(self, why: str) -> None:
        # An error of the system's has its words where clients look for them.
        super().__init__(errno.EACCES, why)


class Resolver(AbstractResolver):
    """Asks the system, in threads that nothing else waits for."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVING_AT_ONCE, thread_name_prefix="resolve")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name."""
        ask = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
        infos = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=found,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for found, _, protocol, _, address in infos
        ]

    async def close(self) -> None:
        """Lets the threads end when they are done."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedResolver(AbstractResolver):
    """Resolves a name, and refuses it whole where one of its addresses is not public."""

    def __init__(self, resolver: AbstractResolver) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name.

        Raises:
            TargetRefused: one of them is not public.
        """
        found = await self._resolver.resolve(host, port, family)
        for one in found:
            if (why := why_refused(one["host"])) is not None:
                raise TargetRefused(f"{host}: {why}")
        return found

    async def close(self) -> None:
        """Lets go of what resolves."""
        await self._resolver.close()


def guarded_socket(found: AddrInfoType) -> socket.socket:
    """The socket of a connection that is about to be made, whatever named its address.

    Raises:
        TargetRefused: the address is not public.
    """
    family, kind, protocol, _, address = found
    if (why := why_refused(str(address[0]))) is not None:
        raise TargetRefused(why)
    return socket.socket(family=family, type=kind, proto=protocol)


@asynccontextmanager
async def open_client(
    *, connections: int, private: bool, resolver: AbstractResolver | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that calls public addresses only, unless private ones are allowed.

    It follows no proxy of the environment, keeps no cookies and unpacks nothing.
    """
    own = resolver or Resolver()
    connector = aiohttp.TCPConnector(
        limit=connections,
        resolver=own if private else GuardedResolver(own),
        socket_factory=None if private else guarded_socket,
        # Whatever an answer was kept for, the address is looked at again when it is connected to.
        ttl_dns_cache=10,
    )
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    ) as client:
        yield client


async def check_target(
    url: str, *, private: bool, resolver: AbstractResolver | None = None
) -> None:
    """Looks at an address that is being entered; a name that is not known yet may become so.

    Raises:
        Refused: `bad_url`.
    """
    host = checked_host(url, private=private)
    if private:
        return
    guarded = GuardedResolver(resolver or Resolver())
    try:
        async with asyncio.timeout(RESOLVE_S_MAX):
            await guarded.resolve(host, 443)
    except TargetRefused as refusal:
        raise Refused("bad_url", f"{refusal.strerror}.", "/url") from refusal
    except (OSError, UnicodeError):
        return
    finally:
        await guarded.close()
