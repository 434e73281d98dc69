"""Mails that come back: what other mail servers report of mails to buyers."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from fastapi import Request as HttpRequest

from api.auth import CarrierOf, HouseOf
from api.dispatch.report import REPORT_BYTES_MAX, take_in
from api.notices.messages import MailReportView
from api.orders.routes import REFUSALS, TOO_LARGE
from api.problems import BorderError

router = APIRouter(prefix="/v1/mail-reports", tags=["notices"])
EXAMPLE = """From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain

This is the mail system at host mx.example.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ada@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 <ada@example.com> is unknown here

--part
Content-Type: text/rfc822-headers

Message-ID: <mail_4711.0f1e2d3c4b5a6978@house.example>
Subject: Your codes

--part--
"""
SHOWN: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The report (RFC 3464) as it came by mail, byte for byte; at most "
        f"{REPORT_BYTES_MAX} bytes.",
        "content": {"message/rfc822": {"schema": {"type": "string"}, "example": EXAMPLE}},
    }
}


@router.post("", response_model=MailReportView, responses=REFUSALS | TOO_LARGE, openapi_extra=SHOWN)
async def post_mail_report(
    request: HttpRequest, house: HouseOf, _carrier: CarrierOf
) -> MailReportView:
    """Takes in a mail server's report of a mail to a buyer; one that came back is told to its shop.

    Who carries mails has a key with the scope `carrier`. The same report again changes nothing.
    What is no report is refused; `pointer` names what it lacks: `/delivery-status`, its `/action`,
    or the `/message-id` of a mail of ours. Reports in a provider's own JSON are not read.
    """
    content = await request.body()
    if len(content) > REPORT_BYTES_MAX:
        raise BorderError(413, "too_large", f"A report has at most {REPORT_BYTES_MAX} bytes.")
    return MailReportView(**asdict(await take_in(house, content)))
