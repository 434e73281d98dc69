"""Who may say and hear what on the broker: Mosquitto's files, written from the registry."""

from collections.abc import Iterable
from dataclasses import dataclass

from devices.link.topic import PREFIX, Channel, DeviceName

_SAYS = (Channel.META, Channel.STATE, Channel.EVT, Channel.RSP, Channel.TEL)
_HEARS = (Channel.ACK, Channel.CMD)


@dataclass(frozen=True, slots=True)
class Account:
    """A device's account; `whole_site` is that of the house itself, which speaks with all."""

    username: str
    password_hash: str
    name: DeviceName
    whole_site: bool = False


def password_file(accounts: Iterable[Account]) -> str:
    """Write Mosquitto's `password_file`."""
    return "".join(f"{account.username}:{account.password_hash}\n" for account in accounts)


def access_file(accounts: Iterable[Account]) -> str:
    """Write Mosquitto's `acl_file`: a device says and hears what is its own, and nothing else."""
    return "\n".join(_rules(account) for account in accounts)


def _rules(account: Account) -> str:
    lines = [f"user {account.username}"]
    if account.whole_site:
        lines.append(f"topic readwrite {PREFIX}/{account.name.site}/#")
    else:
        lines += [f"topic write {account.name.topic(channel)}" for channel in _SAYS]
        lines += [f"topic read {account.name.topic(channel)}" for channel in _HEARS]
    return "\n".join(lines) + "\n"
