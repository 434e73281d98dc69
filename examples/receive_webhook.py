"""A shop's side of the webhooks: asks for them, checks every signature, takes each event once.

    .venv/bin/python examples/receive_webhook.py --key "$KEY"

The secret is shown by the service only when the endpoint is entered, so a real shop keeps it. A
service that is to call this machine is started with STOWLINE_WEBHOOK_PRIVATE=yes.
"""

import argparse
import json
import sys
import urllib.request
import uuid

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError


def subscribe(api: str, key: str, url: str) -> str:
    """Enters an endpoint for all types of events; answers its signing secret."""
    request = urllib.request.Request(
        f"{api}/v1/webhook-endpoints",
        data=json.dumps({"url": url, "types": ["*"]}).encode(),
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        secret: str = json.load(answer)["secret"]
    return secret


def receiver(secret: str) -> web.Application:
    """The application that takes events at /hooks; anything not signed with the secret gets 401."""
    signer = Webhook(secret)
    taken: set[str] = set()

    async def take(request: web.Request) -> web.Response:
        body = await request.text()
        try:
            # Checks the signature over the body as it came, and that it is not an old one.
            event = signer.verify(
                body, {name.lower(): value for name, value in request.headers.items()}
            )
        except WebhookVerificationError as error:
            return web.Response(status=401, text=str(error))
        # An answer may get lost, so the same event may come again with the same id.
        if request.headers["webhook-id"] not in taken:
            taken.add(request.headers["webhook-id"])
            sys.stdout.write(f"{event['timestamp']} {event['type']} {json.dumps(event['data'])}\n")
            sys.stdout.flush()
        return web.Response(status=204)

    application = web.Application()
    application.router.add_post("/hooks", take)
    return application


def main() -> None:
    options = argparse.ArgumentParser(description="Receive and verify Stowline's webhooks.")
    options.add_argument("--key", required=True, help="the shop's")
    options.add_argument("--api", default="http://127.0.0.1:8080")
    options.add_argument("--port", type=int, default=9000)
    chosen = options.parse_args()
    secret = subscribe(chosen.api, chosen.key, f"http://127.0.0.1:{chosen.port}/hooks")
    web.run_app(receiver(secret), host="127.0.0.1", port=chosen.port)


if __name__ == "__main__":
    main()
