-- Ways to a buyer with their dates, what buyers were told, and orders that wait for their day.

-- Whose holidays a warehouse keeps, beside its country's: a part of it, as BY of DE.
alter table warehouse add column subdivision text not null default '';

-- Sold ahead of its day, or made when it is ordered, in so many days on which the house works.
alter table item
    add column available_from timestamptz,
    add column made_to_order_days integer check (made_to_order_days between 1 and 365);

-- Days are those of ISO 8601, 1 to 7; times of day are by the clocks of the warehouse.
create table delivery_option (
    id bigint generated always as identity primary key,
    warehouse_id bigint not null references warehouse,
    code text not null check (code <> ''),
    name text not null,
    kind text not null check (kind in
        ('standard', 'express', 'night', 'pickup_point', 'locker', 'store')),
    service text not null,
    carrier_id bigint references carrier,
    countries text[] not null default '{}',
    postal_prefixes text[] not null default '{}',
    cut_off time not null,
    pickup_time time not null,
    pickup_days smallint[] not null,
    delivery_days smallint[] not null,
    transit_days_low integer not null,
    transit_days_high integer not null check (transit_days_high >= transit_days_low),
    packing_minutes integer not null,
    packing_minutes_high integer not null check (packing_minutes_high >= packing_minutes),
    works_holidays boolean not null default false,
    fee_minor bigint not null check (fee_minor >= 0),
    currency text not null,
    active boolean not null default true,
    updated_at timestamptz not null default now(),
    unique (warehouse_id, code)
);

-- What a shop was told, whole, and a hash of the lines that it asked for.
create table quote (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    shop_id bigint not null references shop,
    lines_hash bytea not null,
    country text not null,
    postal_code text not null,
    answer jsonb not null,
    made_at timestamptz not null,
    valid_until timestamptz not null
);
create index quote_over on quote (valid_until);

-- What the buyer was promised when the order was placed with a quote.
alter table shop_order
    add column quote_id bigint,
    add column delivery jsonb;

-- The day that a scheduled fulfilment order waits for.
alter table fulfilment_order add column due_at timestamptz;
create index fulfilment_order_due on fulfilment_order (due_at) where state = 'scheduled';

-- When the carrier said that it was delivered: how long it was on its way is what dates are made of.
alter table waybill add column delivered_at timestamptz;
create index waybill_delivered on waybill (service, carrier_accepted_at)
    where delivered_at is not null;

grant select on delivery_option to stowline_shop;
grant select, insert on quote to stowline_shop;
-- What is made to order is announced with the order that asks for it.
grant insert, update, delete on supply to stowline_shop;
