"""A shop's webhook receiver in a process of its own: plain HTTP, every signature checked.

Writes its port to standard output, and at the end, when standard input closes, one JSON object of
what it heard.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSAL = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"


@dataclass(slots=True)
class Heard:
    """What came in: message ids with how often, and latencies in s since the event.

    late: events that came before an older one of their object. unsigned: those refused.
    """

    messages: Counter[str] = field(default_factory=Counter)
    latencies_s: list[tuple[str, float]] = field(default_factory=list)
    late: int = 0
    unsigned: int = 0
    sequences: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> bool:
        """Notes a request; False where nobody we know has signed it."""
        try:
            event: Any = Webhook(self.secrets[path]).verify(body, headers)
        except WebhookVerificationError:
            self.unsigned += 1
            return False
        message = headers["webhook-id"]
        self.messages[message] += 1
        if self.messages[message] == 1:
            happened_s = datetime.fromisoformat(event["timestamp"]).timestamp()
            self.latencies_s.append((event["type"], time.time() - happened_s))
            line = f"{path} {event['subject']}"
            if event["sequence"] != self.sequences.get(line, 0) + 1:
                self.late += 1
            self.sequences[line] = event["sequence"]
        return True


async def answer(
    heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, slow_s: float
) -> None:
    """Answers the requests of one connection."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.partition(":") for line in head[1:] if line)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            body = await reader.readexactly(int(headers["content-length"]))
            if slow_s:
                await asyncio.sleep(slow_s)
            taken = heard.take(head[0].split()[1], headers, body)
            writer.write(ANSWER if taken else REFUSAL)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    """Serves until standard input closes; its lines tell secrets: a path and its secret."""
    heard = Heard()
    slow_s = float(sys.argv[1])
    server = await asyncio.start_server(
        lambda reader, writer: answer(heard, reader, writer, slow_s), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        path, secret = line.split()
        heard.secrets[path] = secret
    server.close()
    names = ("messages", "latencies_s", "late", "unsigned")
    json.dump({name: getattr(heard, name) for name in names}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
