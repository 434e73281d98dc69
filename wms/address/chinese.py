"""A Chinese address is often one line: province, city and district stand before the street."""

import re
from dataclasses import dataclass

from wms.address.country import Country

_CITY = re.compile(r"^[\s,，]*([^\s,，0-9]{1,12}?(?:自治州|地区|盟|市))")
_DISTRICT = re.compile(r"^[\s,，]*([^\s,，0-9]{1,12}?(?:自治县|自治旗|新区|林区|特区|区|县|旗|市))")


@dataclass(frozen=True, slots=True)
class Parted:
    """What stands before the street; empty where it does not stand there."""

    region: str = ""
    city: str = ""
    district: str = ""


def part_line(country: Country, line: str, region: str, city: str) -> Parted:
    """Takes a line apart from its front; what is told already is looked for there and skipped."""
    rest = line.strip()
    top = country.area()
    found_region = region
    for name, key in sorted((top.parts if top else {}).items(), key=lambda row: -len(row[0])):
        if len(name) > 1 and rest.casefold().startswith(name):
            found_region = found_region or key
            # The name may stand there without its suffix, which is skipped as well.
            rest = rest[len(name) :].removeprefix("省").removeprefix("自治区")
            if key.endswith("市"):
                rest = rest.removeprefix("市")
            break
    municipality = found_region.endswith("市")
    found_city = found_region if municipality else ""
    if municipality:
        rest = rest.removeprefix(found_region)
    elif matched := _CITY.match(rest):
        found_city, rest = matched[1], rest[matched.end() :]
    elif city and rest.startswith(city):
        rest = rest[len(city) :]
    matched = _DISTRICT.match(rest)
    return Parted(found_region, city or found_city, matched[1] if matched else "")
