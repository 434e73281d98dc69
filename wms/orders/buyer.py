"""Who buys, as far as it can be told without a name."""

from collections.abc import Mapping

from wms.database.seal import Keyset, blind_index


def buyer_index(keyset: Keyset, shop_id: int, customer: Mapping[str, object]) -> bytes | None:
    """What a buyer's orders are found by: their mail address, else the shop's own number of them.

    None for a guest who left neither.
    """
    mail, reference = customer.get("email"), customer.get("reference")
    if isinstance(mail, str) and mail.strip():
        return mail_index(keyset, mail)
    if isinstance(reference, str) and reference.strip():
        return reference_index(keyset, shop_id, reference)
    return None


def mail_index(keyset: Keyset, mail: str) -> bytes:
    """The index of whoever has this mail address."""
    return blind_index(keyset, f"mail {mail.strip()}")


def reference_index(keyset: Keyset, shop_id: int, reference: str) -> bytes:
    """The index of a buyer by the number that a shop knows them by; other shops have others."""
    return blind_index(keyset, f"reference {shop_id} {reference.strip()}")
