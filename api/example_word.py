"""Words for fields, as examples show them: `name`, or `Model.name` where one name means several."""

from typing import Any

MOMENT = "2010-12-01T08:27:00+00:00"
DATE = "2010-12-03"

# What may be null and shows as such: it went well, it is not over, there is no more.
ABSENT = frozenset({
    "next", "error", "last_error", "refusal", "fault", "trouble", "void_reason", "voided_by",
    "dead_reason", "disabled_reason", "closed_why", "closed_by", "lifted_by", "ended_by", "reason",
    "code", "detail", "pointer", "column", "problem", "why_none", "why_not", "reverses",
    "reversed_by", "recount_of", "reprint_of", "moved_from", "replayed_by", "revoke_reason",
    "plc_reason", "generator_url", "neutral_sender", "inserted_by", "insert_kind", "way_back",
    "bound", "gap", "ask", "verified_by", "ScreenView.order_id",
})  # fmt: skip
# What may be null, but has happened in the examples.
HAPPENED = frozenset({
    "paid_at", "firm_at", "waybill_ready_at", "pickup_requested_at", "expected_at", "made_at",
    "asked_at", "created_at", "placed_at", "received_at", "last_used_at", "planned_at", "due_at",
    "sent_at", "told_at", "arrives_at", "latest", "since", "starts_at", "pickup_at",
})  # fmt: skip
YES = frozenset({
    "active", "available", "current", "ok", "online", "in_service", "sure", "own_vans", "replans",
})  # fmt: skip

NUMBERS: dict[str, int | float] = {
    "amount_minor": 1999, "quantity": 6, "on_hand": 80, "sellable": 74, "reserved": 6,
    "promised": 6, "available": 68, "latitude": 51.8787, "longitude": -0.42, "last_status": 200,
    "share": 0.95, "service_percent": 95.0, "saving": 0.21, "seq": 812, "admission": 40211,
    "age_min": 0, "cancelled": 0, "refused": 0, "lost": 0, "held": 0, "variance": 0, "damaged": 0,
    "human_touches": 0, "attempts": 1, "batch": 31, "priority": 0, "mean": 12.5, "burst": 1000,
    "requests_per_s": 200.0, "days_left": 9.5, "expired": 0, "dead_letters": 0, "bad_messages": 0,
    "unserved": 0, "scale": 0, "lines": 1, "packed": 0, "picked": 0, "baseline_cost": 61200.0,
    "cost": 48350.0, "tenant": 3, "left_out": 0, "minutes_p10": 8, "minutes_p50": 15,
    "minutes_p90": 31, "days_p10": 1, "days_p50": 2, "days_p90": 3, "kept_days": 30,
}  # fmt: skip
# By the last part of a name.
UNITS: dict[str, int | float] = {
    "id": 4711, "mm": 300, "g": 250, "ml": 1500, "s": 60, "m": 1200, "minor": 255, "percent": 10,
    "days": 3, "low": 1, "high": 2, "minutes": 20, "bytes": 512,
}  # fmt: skip

WORDS: dict[str, Any] = {
    # People and addresses
    "AddressView.name": "Ada Merton", "Address.name": "Ada Merton",
    "AddressView.lines": "12 Mill Lane",
    "Address.lines": "12 Mill Lane",
    "ScreenView.lines": "Parcel 1 of 1", "city": "Luton", "country": "GB", "countries": "GB",
    "postal_code": "LU1 2AB", "postal_prefixes": "LU", "region": "Bedfordshire",
    "phone": "+441582123456", "email": "ada@example.com", "formatted": "12 Mill Lane",
    "NoticeView.to": "ada@example.com", "language": "en", "time_zone": "Europe/London",
    # Who
    "actor": "shop:North", "made_by": "shop:North", "asked_by": "staff:Pat",
    "decided_by": "staff:Pat", "changed_by": "staff:Pat", "counted_by": "staff:Ann",
    "reviewed_by": "staff:Pat", "started_by": "staff:Pat", "said_by": "staff:Pat",
    "verified_by": "staff:Ann", "holder": "Pat", "reader": "staff:Ann", "picker": "Ann",
    "owned_by": "planner", "shop": "North", "owner": "North", "channel": "", "site": "main",
    "StaffView.name": "Ann", "StaffView.role": "operator", "role": "planner", "buyer_class": "gold",
    "lifted_by": "staff:Pat", "ended_by": "staff:Pat", "closed_by": "staff:Pat",
    "voided_by": "staff:Pat", "replayed_by": "staff:Pat",
    # Goods
    "sku": "85123A", "skus": "85123A", "item": "85123A", "substitutes": "85123B",
    "name": "Cream hanging heart", "barcode": "5012345678900", "barcodes": "5012345678900",
    "lot": "L24-11", "serial": "SN-000123", "unit": "pcs", "from_unit": "pallet", "to_unit": "case",
    "level": "case", "storage_class": "ambient", "storage_classes": "ambient",
    "dangerous_class": "", "approval_kind": "", "digital": "", "status": "good",
    "to_status": "damaged", "supplier": "STOKE", "supplier_sku": "ST-85123A",
    "CarrierView.name": "Simex", "DeviceView.name": "ZD-01", "DeviceDetail.name": "ZD-01",
    "ConnectorView.name": "North at Shopify", "NewConnectorView.name": "North at Shopify",
    "OfferedOption.name": "Standard", "QuotedOption.name": "Standard",
    "DeliveryView.name": "Standard", "PromotionView.name": "Christmas", "ShopView.name": "North",
    "SupplierSummary.name": "Stoke Potteries", "SupplierView.name": "Stoke Potteries",
    "SorterRowView.name": "SORT-1",
    # Orders
    "external_order_id": "536365", "currency": "GBP", "service": "standard", "option": "standard",
    "reference": "PO-2010-118", "OrderSummary.state": "accepted", "payment_state": "paid",
    "TicketOrderView.state": "accepted", "PaymentView.state": "paid",
    "FulfilmentOrderView.state": "open", "FulfilmentOrderView.source": "nearest that is complete",
    "fulfilment_state": "open", "ParcelView.state": "labelled", "BlockedView.state": "sorted",
    "waybill_state": "made", "HoldView.kind": "shop", "carrier": "SIMEX", "method": "milp",
    "tracking_number": "SX0000000017", "sscc": "340123450000000017",
    "carton": "C-M", "left_out": "", "sale": "DROP", "remedies": "go by another van",
    # Places and work
    "warehouse": "MAIN", "warehouses": "MAIN", "from_warehouse": "MAIN", "place": "A-03-07-2",
    "from": "A-03-07-2", "to": "A-01-01-1", "from_place": "A-03-07-2", "to_place": "A-01-01-1",
    "TransferSummary.from": "MAIN", "TransferView.from": "MAIN", "TransferSummary.to": "NORTH",
    "TransferView.to": "NORTH", "inside": "P-000017", "handling_unit": "P-000017",
    "handling_units": "P-000017", "from_handling_unit": "P-000017", "zone": "A", "area": "pick",
    "purpose": "pick", "mixing": "one_item", "PlaceView.kind": "bin", "PlaceView.code": "A-03-07-2",
    "UnitView.code": "P-000017", "device": "HH-01", "printer": "ZD-01", "source": "event",
    "MovementView.kind": "receipt", "command_id": "receipt/4711",
    "scenario": "pick", "step": "bin", "title": "Go to", "target": "A-03-07-2", "expect": "place",
    "ActionView.code": "refresh", "ActionView.label": "Refresh", "FactView.label": "Pieces",
    "value": "6", "VerdictView.code": "right", "VerdictView.text": "Right.", "text": "For Ada",
    "LabelView.code": "340123450000000017",
    "InboundSummary.label": "RETURN-17", "InboundView.label": "RETURN-17",
    "ReceivedView.label": "RETURN-17",
    # Vans
    "van": "VAN-1", "VanView.code": "VAN-1", "skills": "lift", "forbidden": "VAN-2",
    "shift_from": "06:00", "shift_to": "20:00", "begins_from": "11:00", "begins_until": "13:00",
    "cut_off": "16:00", "pickup_time": "17:00", "engine": "sisr", "travel": "roads",
    "constraint": "time window", "why": "", "path": "/v1/returns", "VisitedView.city": "Luton",
    # Quotes
    "OfferedOption.code": "standard",
    "QuotedOption.code": "standard", "why_none": "", "why_not": "", "minimum": "", "multiple": "",
    # Stock
    "model": "croston", "demand_class": "lumpy", "flags": "promotion",
    "ProposalView.note": "", "note": "", "mode": "automatic",
    # Devices
    "class": "printer", "link": "https://shop.example/buyer/eyJvIjo0NzEx",
    "DeviceView.link": "up", "DeviceDetail.link": "up", "SorterRowView.link": "up",
    "address": "192.0.2.17:502", "circuit": "closed", "served_by": "gateway-1", "op": "open",
    "LaneOrderView.state": "done", "LaneView.state": "open", "result": "done",
    "ItemView.state": "diverted", "said": "Lane 4 is full.", "username": "zd-01",
    "password": "c2hvd24gb25jZQ", "AlarmView.kind": "lane_full", "EventView.kind": "diverted",
    "BadMessageView.kind": "scan", "DeadLetterView.kind": "scan", "topic": "orders/create",
    "fault": "lane 4", "plc_reason": "none",
    # Events, tickets, keys, privacy
    "type": "order.paid", "types": "order.*", "topics": "orders/create", "cursor": "ODEy",
    "object": "order/4711", "subject": "order/4711", "action": "order.paid", "how": "api",
    "where": "shop_order.ship_to", "request_id": "req_0f6c5f2f1a7b4f0d9a4b7c3e2d1f0a9b",
    "message_id": "msg_812_3", "their_id": "5512345", "their_delivery": "b54557e4-bdd9",
    "TrackingView.type": "accepted", "did": "placed", "url": "https://shop.example/hook",
    "generator_url": "https://shop.example/make", "secret": "whsec_c2hvd24gb25jZSwgYXQgb25jZQ==",
    "token": "c2hvd24gb25jZSwgYXQgb25jZQ", "prefix": "5f1c0ab2e9d4", "scopes": "orders:write",
    "HandoffSummary.kind": "damage", "HandoffView.kind": "damage", "LimitView.kind": "urgent",
    "OverdueView.kind": "", "about": "A label waits to be printed.", "OverdueView.step": "pack",
    "words": "A cup is broken.", "NoticeView.kind": "shipped", "VaultView.kind": "code",
    "next": None, "last_error": "HTTP 503", "error": None, "detail": "Its address is doubtful.",
    "code": "DROP", "pointer": "/ship_to/postal_code", "FindingView.code": "postal_code_missing",
    "FindingView.detail": "Addresses there have a postal code.",
    "reason": "The buyer asked for it.",
    "refusal": "It has left the house.", "kind": "goods", "state": "open",
    "CarrierView.code": "SIMEX", "SupplierView.code": "STOKE", "SupplierSummary.code": "STOKE",
    "PromotionView.code": "XMAS", "InsertRuleView.code": "LEAFLET",
    "void_reason": "The box was crushed.", "revoke_reason": "The buyer gave it back.",
    "dead_reason": "unknown device", "disabled_reason": "410", "closed_why": "jam",
    "trouble": "out of paper", "moved_from": "ZD-02", "column": "quantity",
    "neutral_sender": "Gift sender", "inserted_by": "LEAFLET",
    "EventList.next": "ODEy", "payload": '{"at": 1}', "district": "Wigmore",
    # What has parts, and shows better as a whole
    "watch_health": {"status": "ok"}, "watch_metrics": "stowline_orders_total 4711\n",
    "watch_ready": {"status": "ready"}, "OrderView.holds": [], "holidays": "GB-ENG",
    "OrderView.refunded": {"amount_minor": 0, "currency": "GBP"},
    "OrderView.state": "accepted", "CartView.path": [[0, 0], [3000, 0]],
    "RouteView.way": [[51.87, -0.42], [51.89, -0.4]], "promise": "firm",
    "data": {"order_id": 4711, "external_order_id": "536365"}, "quantiles": {"0.95": 18.0},
    "EntryView.detail": {"order_id": 4711}, "KeptView.data": {"name": "Ada Merton"},
    "BulkAnswer.answers": [
        {"status": 201, "order": {"id": 4711, "external_order_id": "536365"}},
        {
            "status": 422,
            "problem": {"code": "unknown_item", "pointer": "/orders/1/lines/0/sku"},
        },
    ],
    "ExportView.orders": [{"id": 4711, "external_order_id": "536365"}],
}  # fmt: skip
