"""Cuts the project's copy of the invoices: `python -m sim.scenario.cut SOURCE.csv.gz`.

The source holds the rows of UCI Online Retail in order of time, with the columns of the copy.
The copy is the same bytes on every machine: the rows before the last moment, no time stamp.
"""

import gzip
import sys
from pathlib import Path

LAST_DAY = "2010-12-13"
COPY = Path(__file__).parent.parent / "data" / "online_retail_2010-12.csv.gz"


def cut_copy(source: Path, copy: Path) -> int:
    """Write the header and the rows up to the last day; give the number of rows."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as rows:
        header = next(rows)
        day = header.strip().split(",").index("InvoiceDate")
        columns_after = len(header.split(",")) - day
        # Only the description may hold a comma, and it stands before the date.
        kept = [row for row in rows if row.rsplit(",", columns_after)[1][:10] <= LAST_DAY]
    with copy.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write("".join([header, *kept]).encode())
    return len(kept)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m sim.scenario.cut SOURCE.csv.gz")
    sys.stdout.write(f"{cut_copy(Path(sys.argv[1]), COPY)} rows in {COPY}\n")
