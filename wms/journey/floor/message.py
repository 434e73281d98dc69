"""Every sentence that an operator reads, in one place."""

from wms.journey.floor.screen import Action, Verdict
from wms.labelling.label import State as LabelState


def right(text: str = "") -> Verdict:
    return Verdict(True, "ok", text)


def _wrong(code: str, text: str) -> Verdict:
    return Verdict(False, code, text)


def unreadable(why: str) -> Verdict:
    return _wrong("unreadable", f"This code cannot be used: {why}.")


def not_expected(what: str) -> Verdict:
    return _wrong("not_expected", f"Scan {what}.")


def unknown_action(action: str) -> Verdict:
    return _wrong("unknown_action", f"{action} is not possible here.")


def wrong_bin(scanned: str, wanted: str) -> Verdict:
    return _wrong("wrong_bin", f"This is {scanned}. Go to {wanted}.")


def wrong_item(wanted: str) -> Verdict:
    return _wrong("wrong_item", f"Wrong item. Take {wanted}.")


def wrong_tote(scanned: str, wanted: str) -> Verdict:
    return _wrong("wrong_tote", f"This is {scanned}. Put it into {wanted}.")


def unknown_cart(code: str) -> Verdict:
    return _wrong("unknown_cart", f"{code} is not a cart of this house.")


def cart_taken(code: str) -> Verdict:
    return _wrong("cart_taken", f"{code} is with another picker.")


def no_tote_label(code: str) -> Verdict:
    return _wrong("no_tote", f"{code} is not a tote.")


def tote_in_use(code: str) -> Verdict:
    return _wrong("tote_in_use", f"{code} still belongs to an order. Take an empty tote.")


def tote_elsewhere(code: str, warehouse: str) -> Verdict:
    why = f"{code} is in use in {warehouse}: no two totes have one label. Take another."
    return _wrong("tote_in_use", why)


def wrong_quantity(most: str) -> Verdict:
    return _wrong("wrong_quantity", f"Between 0 and {most}.")


def count_missing() -> Verdict:
    return _wrong("count_missing", "Type how many are left in the bin.")


def recounted(counted: str) -> Verdict:
    return right(f"Noted: {counted} left here.")


def enough_here() -> Verdict:
    return _wrong("enough_here", "Then there is enough here. Take the rest from this bin.")


def pick_settled() -> Verdict:
    return _wrong("pick_settled", "This pick has been settled meanwhile. Go on.")


def short_unsolved() -> Verdict:
    return _wrong("short_unsolved", "None elsewhere. A supervisor has been told. Go on.")


def unknown_place(code: str, what: str) -> Verdict:
    return _wrong("wrong_place", f"{code} is not {what}.")


def not_for_this_station(code: str) -> Verdict:
    return _wrong("wrong_station", f"{code} does not belong here. Put it back on the conveyor.")


def not_complete(code: str) -> Verdict:
    return _wrong("not_complete", f"The order of {code} is not complete here yet.")


def packed_elsewhere() -> Verdict:
    return _wrong("packed_elsewhere", "Someone else is packing this order.")


def unknown_carton(code: str) -> Verdict:
    return _wrong("unknown_carton", f"{code} is not a carton of this house.")


def carton_too_small(code: str) -> Verdict:
    return _wrong("carton_too_small", f"{code} is too small for this. Take a larger one.")


def new_waybill(code: str) -> Verdict:
    return right(f"{code} it is: a new label is being made.")


def not_in_parcel() -> Verdict:
    return _wrong("not_in_parcel", "This does not belong into this parcel.")


def label_not_printed() -> Verdict:
    return _wrong("label_not_printed", "The label is still being printed.")


def label_anew() -> Verdict:
    return right("The old label is void. A new one is being printed.")


def printer_waits(printer: str, why: str | None) -> str:
    return f"{printer} waits for you: {why}." if why else f"{printer} waits for you."


def printer_gone(printer: str) -> str:
    said = f"Printer {printer} is not in service." if printer else "No printer stands here."
    return f"{said} Ask a planner to have the label printed elsewhere."


def printed_elsewhere(printer: str, instead_of: str) -> str:
    return f"It is printed at {printer}, not at {instead_of}."


def wrong_label() -> Verdict:
    return _wrong("wrong_label", "This label belongs to another parcel.")


def void_label() -> Verdict:
    return _wrong("void_label", "This label is void. Do not ship this parcel.")


def held_parcel(kind: str) -> Verdict:
    why = kind.replace("_", " ")
    return _wrong("held_parcel", f"Put this parcel aside: its order is held, {why}.")


def unknown_label() -> Verdict:
    return _wrong("unknown_label", "No parcel has this label.")


def not_at_this_dock() -> Verdict:
    return _wrong("wrong_dock", "This parcel leaves from another place.")


def loaded_before() -> Verdict:
    return right("This parcel is loaded already.")


def into_van(van: str, turn: int, stops: int) -> Verdict:
    return right(f"Into {van}, as stop {turn} of {stops} to load.")


def next_into(van: str, tracking_number: str) -> str:
    return f"Next into {van}: {tracking_number}"


def take_out(tracking_number: str) -> Verdict:
    return _wrong("take_out", f"Take {tracking_number} out of the van first, and scan it.")


def taken_out() -> Verdict:
    return right("It is out. Put it aside: it does not ship.")


def order_stopped() -> Verdict:
    return _wrong("order_stopped", "This order was cancelled. Leave its goods here: they go back.")


def nothing_loaded() -> Verdict:
    return _wrong("nothing_loaded", "No parcel has been loaded yet.")


def unknown_goods(code: str) -> Verdict:
    return _wrong("unknown_goods", f"{code} is no item of this house. Lay it aside and tell.")


def how_many_missing() -> Verdict:
    return _wrong("count_missing", "Type how many are here.")


def not_a_date(text: str) -> Verdict:
    return _wrong("not_a_date", f"{text} cannot be used. Type a day as 2027-01-31.")


def noted(sku: str) -> Verdict:
    return right(f"Noted: {sku}.")


def count_done() -> Verdict:
    return right("The count is done.")


def no_room(code: str, why: str) -> Verdict:
    return _wrong("no_room", f"{code}: {why} Scan another bin.")


def unknown_bin(code: str, wanted: str) -> Verdict:
    return _wrong("wrong_place", f"{code} is no place of this house. Go to {wanted}.")


def wrong_source(scanned: str, wanted: str) -> Verdict:
    return _wrong("wrong_source", f"This is {scanned}. Take it from {wanted}.")


def wrong_part(most: str) -> Verdict:
    return _wrong("wrong_quantity", f"At most {most}, and not nothing.")


def zone_paused(why: str) -> Verdict:
    return _wrong("paused", f"Paused: {why}. Wait, your work stays as it is.")


def laid_down() -> Verdict:
    return right("Left for later.")


def put_back_there(code: str) -> Verdict:
    return right(f"Back in {code}. Left for later.")


def reason_missing() -> Verdict:
    return _wrong("reason_missing", "Say what is wrong.")


def skipped() -> Verdict:
    return right("Later, at the end of the walk.")


def last_one() -> Verdict:
    return _wrong("last_one", "This is the last one of the walk. It cannot be skipped.")


def expired(on: str) -> Verdict:
    return _wrong("expired", f"What lies there expired after {on}. Leave it. Go on with this.")


def unknown_shipment(code: str) -> Verdict:
    return _wrong("unknown_shipment", f"No shipment that is awaited is called {code}.")


def shipment_elsewhere(code: str, warehouse: str) -> Verdict:
    return _wrong("shipment_elsewhere", f"{code} is for {warehouse}. It is not unloaded here.")


def several_shipments(code: str, labels: list[str]) -> Verdict:
    return _wrong("several_shipments", f"{code} is {', '.join(labels)}. Scan one of these.")


def stands_at(place: str) -> Verdict:
    return right(f"The next goods stand at {place}.")


def stands_on(unit_code: str) -> Verdict:
    return right(f"The next goods stand on {unit_code}.")


def condition_missing() -> Verdict:
    return _wrong("condition_missing", "Say how many there are, good or damaged.")


def nothing_taken() -> Verdict:
    return right("Nothing was taken in.")


def taken_in(sku: str, became: list[str]) -> Verdict:
    beside = {
        "damaged": "Lay it aside: damaged.",
        "hold": "Lay it aside: expired.",
        "quarantine": "Some of it waits for its inspection.",
    }
    return right(" ".join([f"Taken in: {sku}.", *(beside[status] for status in became)]))


def shipment_closed(label: str, moves: int) -> Verdict:
    return right(f"{label} is closed. {moves} moves into storage wait.")


def refused(code: str, why: str) -> Verdict:
    return _wrong(code, why)


def unknown_warehouse(code: str) -> Verdict:
    return _wrong("unknown_warehouse", f"{code} is in no warehouse.")


def several_warehouses(code: str, warehouses: list[str]) -> Verdict:
    return _wrong("several_warehouses", f"{code} is in {' and in '.join(warehouses)}. Choose one.")


def of_warehouse(warehouse_id: int, name: str) -> Action:
    return Action(f"warehouse_{warehouse_id}", name)


def of_owner(owner_id: int, name: str) -> Action:
    return Action(f"owner_{owner_id}", name)


SHORT = Action("short", "Not enough here")
COUNT = Action("count", "So many are left")
NOT_FOUND = Action("not_found", "Not found")
DAMAGED = Action("damaged", "Damaged")
WRONG_ITEM = Action("wrong_item", "Another item lies here")
IS_EMPTY = Action("empty", "Yes, it is empty")
CLOSE = Action("close", "Close the departure")
LEAVE = Action("menu", "Back to the menu")
OTHER_WAREHOUSE = Action("warehouse", "Another warehouse")
REFRESH = Action("refresh", "Look again")
FINISH = Action("finish", "That is all")
EMPTY = Action("empty", "Nothing is here")
COUNTED = Action("counted", "In all")
MORE = Action("more", "More of it")
NOT_THIS = Action("not_this", "Not this one")
NEXT_ITEM = Action("next_item", "The next item")
NOT_THERE = Action("not_there", "No label is there")
SPOILT = Action("spoilt", "The label cannot be used")
PRINT = Action("print", "Print the label")
SKIP = Action("skip", "Later")
BLIND = Action("blind", "Nothing was announced")
OTHER_SHIPMENT = Action("other_shipment", "Another shipment")
GOOD = Action("good", "Good")
CLOSE_SHORT = Action("close_short", "No more of it comes")
MORE_COMES = Action("more_comes", "More will come")
MENU = (
    Action("receive", "Receive"),
    Action("move", "Move"),
    Action("pick", "Pick"),
    Action("pack", "Pack"),
    Action("load", "Load"),
    Action("count", "Count"),
)
LABEL_TITLE = "Put the label on and scan it"
LABEL_TITLES: dict[LabelState | None, str] = {
    LabelState.UNSURE: "Is there a label?",
    LabelState.FAILED: "The label was not printed",
    None: "The label was voided",
}
LABEL_LINES: dict[LabelState | None, tuple[str, ...]] = {
    LabelState.UNSURE: ("Look at the printer.", "If it is there, put it on and scan it."),
    LabelState.FAILED: ("The printer could not print it.",),
}
LABEL_ACTIONS: dict[LabelState | None, tuple[Action, ...]] = {
    LabelState.PRINTED: (NOT_THERE, SPOILT),
    LabelState.UNSURE: (NOT_THERE,),
    LabelState.FAILED: (PRINT,),
    None: (PRINT,),
}
