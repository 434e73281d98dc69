-- Suppliers and purchase orders, inbound shipments with their receipts, and quality inspections.

create table supplier (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    code text not null check (code = upper(code) and code <> ''),
    name text not null check (name <> ''),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    lead_time_days integer not null check (lead_time_days between 0 and 730),
    tolerance_percent smallint not null default 0 check (tolerance_percent between 0 and 100),
    updated_at timestamptz not null default now(),
    unique (owner_id, code)
);

-- What a supplier sells of an item: never less than the minimum, and only in multiples.
create table supplier_item (
    supplier_id bigint not null references supplier,
    item_id bigint not null references item,
    tenant_id bigint not null references tenant,
    supplier_sku text not null default '',
    lead_time_days integer check (lead_time_days between 0 and 730),
    minimum bigint not null default 1 check (minimum > 0),
    multiple bigint not null default 1 check (multiple > 0),
    updated_at timestamptz not null default now(),
    primary key (supplier_id, item_id)
);

-- The price of one whole unit from a quantity on, in minor units of the supplier's currency.
create table supplier_price (
    supplier_id bigint not null,
    item_id bigint not null,
    tenant_id bigint not null references tenant,
    from_quantity bigint not null check (from_quantity > 0),
    price_minor bigint not null check (price_minor >= 0),
    primary key (supplier_id, item_id, from_quantity),
    foreign key (supplier_id, item_id) references supplier_item on delete cascade
);

create table purchase_order (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    shop_id bigint not null references shop,
    supplier_id bigint not null references supplier,
    warehouse_id bigint not null references warehouse,
    reference text not null default '',
    state text not null default 'draft'
        check (state in ('draft', 'sent', 'received', 'closed', 'cancelled')),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    total_minor bigint not null check (total_minor >= 0),
    made_by text not null,
    made_at timestamptz not null,
    sent_at timestamptz,
    expected_at timestamptz,
    check (state in ('draft', 'cancelled') or sent_at is not null)
);
create index purchase_order_of_owner on purchase_order (owner_id, id);

create table purchase_line (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    purchase_order_id bigint not null references purchase_order,
    line integer not null check (line > 0),
    item_id bigint not null references item,
    quantity bigint not null check (quantity > 0),
    price_minor bigint not null check (price_minor >= 0),
    amount_minor bigint not null check (amount_minor >= 0),
    unique (purchase_order_id, line),
    unique (purchase_order_id, item_id)
);

-- Goods on their way in: announced by an ASN, come without a word, or sent back by a customer.
-- supply_at is the date that orders are promised from: expected_at, or later once that is past.
create table inbound_shipment (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    warehouse_id bigint not null references warehouse,
    kind text not null check (kind in ('asn', 'blind', 'return')),
    state text not null default 'announced'
        check (state in ('announced', 'receiving', 'closed', 'cancelled')),
    reference text not null default '',
    supplier_id bigint references supplier,
    purchase_order_id bigint references purchase_order,
    order_id bigint references shop_order,
    tolerance_percent smallint not null default 0 check (tolerance_percent between 0 and 100),
    expected_at timestamptz,
    supply_at timestamptz,
    made_by text not null,
    made_at timestamptz not null,
    begun_at timestamptz,
    closed_at timestamptz,
    constraint inbound_return_has_order check ((kind = 'return') = (order_id is not null)),
    constraint inbound_asn_is_dated check (kind <> 'asn'
        or expected_at is not null and supply_at is not null)
);
create index inbound_of_owner on inbound_shipment (owner_id, id);
create index inbound_waiting on inbound_shipment (warehouse_id, id)
    where state in ('announced', 'receiving');
create index inbound_of_order on inbound_shipment (order_id) where order_id is not null;
create unique index inbound_of_purchase on inbound_shipment (purchase_order_id)
    where state <> 'cancelled';
create unique index inbound_reference_once on inbound_shipment (owner_id, reference)
    where reference <> '' and state in ('announced', 'receiving');

-- received counts all that came; of it damaged and held are not for sale, and sampled waits or
-- waited for its inspection. Without received_max anything may come.
create table inbound_line (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    inbound_id bigint not null references inbound_shipment,
    line integer not null check (line > 0),
    item_id bigint not null references item,
    expected bigint not null default 0 check (expected >= 0),
    received_max bigint,
    received bigint not null default 0,
    damaged bigint not null default 0 check (damaged >= 0),
    held bigint not null default 0 check (held >= 0),
    sampled bigint not null default 0 check (sampled >= 0),
    unique (inbound_id, line),
    unique (inbound_id, item_id),
    constraint inbound_parts_within_received check (damaged + held + sampled <= received),
    constraint inbound_within_tolerance check (received <= received_max)
);

create table receipt (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    inbound_id bigint not null references inbound_shipment,
    movement_id bigint not null,
    actor text not null,
    device text not null default '',
    received_at timestamptz not null
);
create index receipt_of_inbound on receipt (inbound_id);
create unique index receipt_of_movement on receipt (movement_id);

create table receipt_line (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    receipt_id bigint not null references receipt,
    inbound_line_id bigint not null references inbound_line,
    item_id bigint not null references item,
    lot text not null default '',
    serial text not null default '',
    expires_on date,
    status text not null check (status in ('available', 'quarantine', 'damaged', 'hold')),
    place_id bigint not null references place,
    handling_unit_id bigint not null default 0,
    quantity bigint not null check (quantity > 0)
);
create index receipt_line_of_receipt on receipt_line (receipt_id);

-- A sample of a receipt that waits in quarantine until somebody has looked at it.
create table inspection (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    warehouse_id bigint not null references warehouse,
    inbound_id bigint not null references inbound_shipment,
    receipt_line_id bigint not null unique references receipt_line,
    item_id bigint not null references item,
    quantity bigint not null check (quantity > 0),
    state text not null default 'open' check (state in ('open', 'passed', 'failed', 'void')),
    reason text not null default '',
    made_at timestamptz not null,
    due_at timestamptz not null,
    decided_at timestamptz,
    decided_by text,
    movement_id bigint,
    constraint inspection_is_decided check ((state = 'open') = (decided_at is null))
);
create index inspection_open on inspection (warehouse_id, due_at) where state = 'open';

-- The legal moves, the same as MOVES in wms/receiving and wms/replenishment; triggers refuse others.
create table inbound_move (
    from_state text not null,
    event text not null,
    to_state text not null,
    primary key (from_state, event)
);
insert into inbound_move (from_state, event, to_state) values
    ('announced', 'receive', 'receiving'),
    ('announced', 'close', 'closed'),
    ('announced', 'cancel', 'cancelled'),
    ('receiving', 'receive', 'receiving'),
    ('receiving', 'close', 'closed');

create table purchase_move (
    from_state text not null,
    event text not null,
    to_state text not null,
    primary key (from_state, event)
);
insert into purchase_move (from_state, event, to_state) values
    ('draft', 'send', 'sent'),
    ('draft', 'cancel', 'cancelled'),
    ('sent', 'cancel', 'cancelled'),
    ('sent', 'receive', 'received'),
    ('sent', 'close', 'closed');

create function refuse_unlisted_inbound_move() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from inbound_move
                   where from_state = old.state and to_state = new.state) then
        raise exception 'an inbound shipment does not go from % to %', old.state, new.state
            using errcode = 'check_violation', constraint = 'inbound_shipment_moves';
    end if;
    return new;
end $$;
create trigger inbound_shipment_moves before update of state on inbound_shipment
    for each row when (old.state is distinct from new.state)
    execute function refuse_unlisted_inbound_move();

create function refuse_unlisted_purchase_move() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from purchase_move
                   where from_state = old.state and to_state = new.state) then
        raise exception 'a purchase order does not go from % to %', old.state, new.state
            using errcode = 'check_violation', constraint = 'purchase_order_moves';
    end if;
    return new;
end $$;
create trigger purchase_order_moves before update of state on purchase_order
    for each row when (old.state is distinct from new.state)
    execute function refuse_unlisted_purchase_move();

grant select, insert, update on supplier, supplier_item, purchase_order, inbound_shipment
    to stowline_shop;
grant select, insert, delete on supplier_price to stowline_shop;
grant select, insert on purchase_line, inbound_line to stowline_shop;
grant select on receipt, receipt_line, inspection, inbound_move, purchase_move to stowline_shop;
-- What a shop announces may be promised from, also of an item that the house never had.
grant insert on availability to stowline_shop;
grant insert, update, delete on supply to stowline_shop;
