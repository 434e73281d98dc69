"""What can go wrong between us and a machine."""


class DeviceError(Exception):
    """A machine could not be reached, or did not do as its protocol promises."""


class DecodeError(DeviceError):
    """What a machine sent is not what its wire format allows."""
