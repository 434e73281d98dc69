"""A mail as it goes over the wire."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from wms.journey.buyer.notice import Mail
from wms.language import TAGS, language_of
from wms.notice.notice import clean, mail_address

NAME_MAX = 100


def compose(mail: Mail, sender: str, sender_name: str, message_id: str) -> EmailMessage:
    """A message with a text and an HTML that say the same; the same mail is the same message.

    What strangers have named stands in headers on one line, and begins no other header.

    Raises:
        Refused: `bad_mail_address`.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(mail.sender_name or sender_name, sender)
    message["To"] = _address(mail.to_name, mail_address(mail.to))
    if mail.reply_to:
        message["Reply-To"] = _address("", mail_address(mail.reply_to))
    message["Subject"] = clean(mail.letter.subject)
    message["Date"] = _date(mail.queued_at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = TAGS[language_of(mail.language)]
    message.set_content(mail.letter.text)
    message.add_alternative(mail.letter.html, subtype="html")
    return message


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(clean(name)[:NAME_MAX], local, domain)


def _date(at: datetime) -> str:
    return format_datetime(at)
