"""Who ordered, and where to: people and streets that nobody has.

The customer's number decides name, street and position; a guest gets those of the invoice. The
country is the invoice's; the city is one of that country. The position lies within 45 km of the
warehouse whatever the country (abroad: the forwarder's hand-over point), so that a van gets there
and back within its day.
"""

import math

from sim.chance import choose, fraction, whole
from sim.scenario.invoice import Invoice
from sim.scenario.place import LATITUDE, LONGITUDE

_RADIUS_KM = 45.0
_KM_PER_DEGREE = 111.2
_FIRST_NAMES = (
    "Ada Alba Anouk Bram Cleo Dora Edda Elio Enid Finn Greta Hugo Ida Ilse Ivo Jonas Juno "
    "Kit Lena Lorcan Mabel Mina Nell Nils Odile Orla Oskar Petra Quin Rosa Rufus Sanne "
    "Signe Tess Tilda Tove Una Vera Wim Zoe"
)
_LAST_NAMES = (
    "Abbot Ashdown Barrow Birch Calloway Carver Dunmore Elling Fairley Fenn Garrick Hale "
    "Hartley Holloway Ingram Jessop Kestrel Lockwood Marlowe Merrick Norwood Oakes Pellow "
    "Quarrie Ramsey Rowntree Saltmarsh Selby Thorne Tranter Underhill Varley Wakefield "
    "Westbrook Yarrow"
)
_STREETS = (
    "Alder Road,Beech Lane,Canal Street,Chapel Row,Dial Close,Foundry Street,Granary Walk,"
    "Hazel Grove,High Street,Kiln Lane,Lantern Court,Mill Road,Orchard Way,Priory Street,"
    "Quarry Hill,Saddlers Yard,Station Road,Tanner Street,Weavers Row,Willow Avenue"
)

COUNTRIES: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "United Kingdom": (
        "GB",
        (
            ("Coventry", "CV1 {d}AB"),
            ("Warwick", "CV34 {d}DE"),
            ("Leamington Spa", "CV32 {d}LN"),
            ("Rugby", "CV21 {d}PQ"),
            ("Nuneaton", "CV11 {d}RT"),
            ("Solihull", "B91 {d}SU"),
            ("Birmingham", "B4 {d}WX"),
            ("Leicester", "LE1 {d}YZ"),
            ("Northampton", "NN1 {d}BD"),
            ("Redditch", "B97 {d}EF"),
        ),
    ),
    "Australia": ("AU", (("Melbourne", "30{d}0"), ("Sydney", "20{d}0"))),
    "Belgium": ("BE", (("Gent", "90{d}0"), ("Leuven", "30{d}0"))),
    "Channel Islands": ("JE", (("Saint Helier", "JE2 {d}AB"),)),
    "Denmark": ("DK", (("Aarhus", "80{d}0"), ("Odense", "50{d}0"))),
    "EIRE": ("IE", (("Dublin", "D0{d} XY45"), ("Cork", "T12 A{d}4K"))),
    "France": ("FR", (("Lyon", "6900{d}"), ("Nantes", "4400{d}"))),
    "Germany": ("DE", (("Köln", "506{d}7"), ("Leipzig", "041{d}9"))),
    "Iceland": ("IS", (("Reykjavík", "10{d}"),)),
    "Italy": ("IT", (("Torino", "101{d}1"), ("Bologna", "401{d}1"))),
    "Japan": ("JP", (("Kyoto", "600-80{d}1"),)),
    "Lithuania": ("LT", (("Kaunas", "LT-442{d}0"),)),
    "Netherlands": ("NL", (("Utrecht", "351{d} AB"), ("Delft", "261{d} CD"))),
    "Norway": ("NO", (("Bergen", "50{d}3"),)),
    "Poland": ("PL", (("Gdańsk", "80-3{d}5"),)),
    "Portugal": ("PT", (("Porto", "400{d}-012"), ("Évora", "700{d}-501"))),
    "Spain": ("ES", (("Valencia", "4600{d}"), ("Bilbao", "4800{d}"))),
    "Switzerland": ("CH", (("Bern", "301{d}"), ("Zürich", "800{d}"))),
}


def make_customer(invoice: Invoice, seed: int) -> dict[str, object] | None:
    """Give the customer of an invoice; None for a guest."""
    if not invoice.customer:
        return None
    return {
        "name": _name(invoice, seed),
        "email": f"customer{invoice.customer}@example.com",
        "reference": invoice.customer,
    }


def make_address(invoice: Invoice, seed: int) -> dict[str, object]:
    """Give the address that an invoice's goods go to."""
    key = _key(invoice)
    code, cities = COUNTRIES[invoice.country]
    city, postal = choose(cities, seed, "city", key)
    street = choose(_STREETS.split(","), seed, "street", key)
    # The root spreads points evenly over the disc instead of crowding them in its middle.
    away_km = 2 + (_RADIUS_KM - 2) * math.sqrt(fraction(seed, "away", key))
    angle = 2 * math.pi * fraction(seed, "angle", key)
    north = away_km * math.cos(angle) / _KM_PER_DEGREE
    east = away_km * math.sin(angle) / (_KM_PER_DEGREE * math.cos(math.radians(LATITUDE)))
    return {
        "name": _name(invoice, seed),
        "lines": [f"{whole(1, 180, seed, 'house', key)} {street}"],
        "postal_code": postal.format(d=whole(1, 9, seed, "postal", key)),
        "city": city,
        "country": code,
        "latitude": round(LATITUDE + north, 6),
        "longitude": round(LONGITUDE + east, 6),
    }


def _key(invoice: Invoice) -> str:
    return invoice.customer or f"guest of {invoice.number}"


def _name(invoice: Invoice, seed: int) -> str:
    key = _key(invoice)
    first = choose(_FIRST_NAMES.split(), seed, "first", key)
    return f"{first} {choose(_LAST_NAMES.split(), seed, 'last', key)}"
