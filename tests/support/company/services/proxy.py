"""A forward proxy that demands a login and tells, on GET /requests, everything that passed through it."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from contextlib import suppress
from urllib.parse import urlsplit

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Pass bytes on until the source ends."""
    with suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    with suppress(OSError):
        target.close()


class Proxy:
    """CONNECT and absolute-form requests (RFC 9110, 7.6 and 9.3.6) for those who know the login."""

    def __init__(self, login: str) -> None:
        """Take `user:password`; an empty one lets everybody through."""
        self.credentials = b"proxy-authorization: basic " + base64.b64encode(login.encode()).lower()
        self.open = not login
        self.requests: list[dict[str, str | int]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Response one connection."""
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            line, *fields = head.split(b"\r\n")
            method, target, _ = line.decode().split(" ")
            if target == "/requests":
                body = json.dumps(self.requests).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
                writer.write(body)
            else:
                known = self.open or any(field.lower() == self.credentials for field in fields)
                self.requests.append({"method": method, "target": target, "status": 200 if known else 407})
                if known:
                    await self.forward(method, target, fields, (reader, writer))
                    return
                challenge = b'Proxy-Authenticate: Basic realm="test"\r\nContent-Length: 0\r\nConnection: close'
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n" + challenge + b"\r\n\r\n")
            await writer.drain()
            writer.close()

    async def forward(self, method: str, target: str, fields: list[bytes], client: Streams) -> None:
        """Connect to where the request wants to go and copy both ways."""
        url = urlsplit(f"//{target}" if method == "CONNECT" else target)
        try:
            reader, writer = await asyncio.open_connection(url.hostname, url.port or 80)
        except OSError:
            client[1].write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            client[1].close()
            return
        if method == "CONNECT":
            client[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            path = url._replace(scheme="", netloc="").geturl() or "/"
            kept = [f for f in fields if not f.lower().startswith((b"proxy-", b"connection:"))]
            head = [f"{method} {path} HTTP/1.1".encode(), b"Connection: close", *kept]
            writer.write(b"\r\n".join(head))
        await asyncio.gather(copy(client[0], writer), copy(reader, client[1]))


async def main(port: int, login: str) -> None:
    """Listen for ever."""
    server = await asyncio.start_server(Proxy(login).serve, "0.0.0.0", port)  # noqa: S104 (in a container)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
