"""What was given up: messages that nobody took, and jobs that failed as often as they may."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import asyncpg

from api.console.words import NOTHING, Scene, empty, join

PATH = "/console/given-up"
# As the first screen names them, and what the outbox calls them.
QUEUES = {"webhooks": "webhook", "carrier": "carrier", "mail": "mail", "jobs": "job"}
NAMES = {"webhook": "Webhook", "carrier": "Carrier", "mail": "Mail", "job": "Planning job"}
ADVICE = {
    "webhook": "Tell the shop why. Once its receiver is mended, send them again; or let them rest: "
    "the shop can read all events, and replay by itself.",
    "carrier": "Ask the carrier why. Once it takes them again, send them again.",
    "mail": "Each of these mails has a ticket of its own: answer that, then let the mails rest.",
    "job": "See to the reason, then have them done again.",
}


def draw(rows: Sequence[asyncpg.Record], queue: str, receiver: str, scene: Scene) -> str:
    """Every receiver and reason with what was given up, one of them chosen."""
    shown = [row for row in rows if queue in ("", row["queue"])]
    chips = join(
        f'<a class="chip" href="?{urlencode({"queue": name})}"'
        f"{' aria-current=true' if of == queue else ''}>{label}</a>"
        for name, of, label in (("", "", "All"), *((n, q, NAMES[q]) for n, q in QUEUES.items()))
    )
    chosen = any(row["receiver"] == receiver for row in shown)
    advice = ADVICE[queue] if chosen and queue else "Choose a receiver to see to it."
    note = f'<p class="lead told">{advice}</p>' if shown else ""
    return f"""<p class="crumb"><a href="/console">Overview</a></p>
      <div class="head"><h1 class="page-title">Given up</h1>
      <p class="lead">After all its tries a message is laid aside, and stays here until somebody
        has seen to it.</p></div>
      <nav class="chips" aria-label="Filter by queue">{chips}</nav>{note}
      <section class="card flush">{_rows(shown, receiver, scene)}</section>"""


def _rows(rows: Sequence[asyncpg.Record], receiver: str, scene: Scene) -> str:
    if not rows:
        return empty("Nothing was given up", "What nobody takes after all its tries stands here.")
    body = join(_row(row, receiver, scene) for row in rows)
    return (
        "<table class=list><thead><tr><th>Queue</th><th>Receiver</th><th>Shop</th><th>Why</th>"
        "<th class=num>How many</th><th class=num>Oldest</th><th class=num>Given up</th>"
        f"</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(row: asyncpg.Record, receiver: str, scene: Scene) -> str:
    queue = next(name for name, of in QUEUES.items() if of == row["queue"])
    link = urlencode({"queue": queue, "receiver": row["receiver"]})
    here = " aria-current=true" if row["receiver"] == receiver else ""
    name = row["name"] or ("The mail server" if row["queue"] == "mail" else row["receiver"])
    return (
        f'<tr data-key="{escape(queue)}/{escape(row["receiver"])}/{escape(row["error"] or "")}"'
        f'{here}><td>{NAMES[row["queue"]]}</td><td class="strong reason">'
        f'<a class="strong" href="?{escape(link)}">{escape(name)}</a></td>'
        f"<td>{escape(row['shop']) or NOTHING}</td>"
        f'<td class="reason">{escape(row["error"] or NOTHING)}</td><td class=num>{row["many"]}</td>'
        f"<td class=num>{scene.since(row['first_at'])} ago</td>"
        f"<td class=num>{scene.time(row['dead_at'])}</td></tr>"
    )
