-- The warehouse, its places, and what can carry goods.

create table warehouse (
    id bigint generated always as identity primary key,
    code text not null unique check (code <> ''),
    name text not null,
    time_zone text not null default 'UTC',
    aisles integer not null check (aisles > 0),
    aisle_length_mm integer not null check (aisle_length_mm > 0),
    aisle_pitch_mm integer not null check (aisle_pitch_mm > 0),
    depot_aisle integer not null default 0 check (depot_aisle >= 0),
    latitude double precision not null default 0,
    longitude double precision not null default 0,
    sscc_prefix text not null default '4012345'
);

-- Serial numbers of SSCCs; numbers may be left out, none comes twice.
create sequence sscc_serial;

create table place (
    id bigint generated always as identity primary key,
    warehouse_id bigint not null references warehouse,
    code text not null check (code <> ''),
    kind text not null check (kind in
        ('bin', 'cart', 'conveyor', 'packing', 'departure', 'supplier', 'customer', 'loss')),
    zone text not null default '',
    aisle integer,
    bay integer,
    level integer,
    x_mm integer,
    y_mm integer,
    walk_seq integer,
    volume_ml bigint,
    lane integer,
    blocked_in boolean not null default false,
    blocked_out boolean not null default false,
    virtual boolean generated always as (kind in ('supplier', 'customer', 'loss')) stored,
    unique (warehouse_id, code),
    check (kind <> 'bin' or (aisle is not null and y_mm is not null))
);
create unique index place_lane on place (warehouse_id, lane) where lane is not null;

create table handling_unit (
    id bigint generated always as identity primary key,
    warehouse_id bigint not null references warehouse,
    code text not null unique check (code <> ''),
    kind text not null check (kind in ('tote', 'parcel')),
    place_id bigint not null references place,
    fulfilment_order_id bigint,
    created_at timestamptz not null default now()
);
create index handling_unit_of_order on handling_unit (fulfilment_order_id)
    where fulfilment_order_id is not null;
