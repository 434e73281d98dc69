"""The data keys of tests: those of the pools that they open, and of the roles that they start."""

from wms.database.seal import Keyset

DATA_KEYS = (
    "k1:c3Rvd2xpbmUgdGVzdHMsIGRhdGEga2V5IG51bWJlciA=,"
    "index:c3Rvd2xpbmUgdGVzdHMsIGtleSBvZiB0aGUgaW5kZXg="
)
KEYSET = Keyset.parse(DATA_KEYS)
