-- Cartons, parcels, waybills, labels, departures and their vans.

create table carton (
    warehouse_id bigint not null references warehouse,
    code text not null,
    inner_width_mm integer not null check (inner_width_mm > 0),
    inner_depth_mm integer not null check (inner_depth_mm > 0),
    inner_height_mm integer not null check (inner_height_mm > 0),
    tare_g integer not null,
    mass_g_max integer not null,
    primary key (warehouse_id, code)
);

create table parcel (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    fulfilment_order_id bigint not null references fulfilment_order,
    number integer not null,
    carton_code text not null,
    planned_carton_code text not null,
    state text not null check (state in
        ('planned', 'open', 'closed', 'labelled', 'staged', 'handed_over', 'void')),
    handling_unit_id bigint references handling_unit,
    mass_g bigint not null,
    closed_at timestamptz,
    unique (fulfilment_order_id, number)
);

create table parcel_line (
    parcel_id bigint not null references parcel,
    fulfilment_line_id bigint not null references fulfilment_line,
    tenant_id bigint not null references tenant,
    quantity bigint not null check (quantity > 0),
    packed bigint not null default 0 check (packed between 0 and quantity),
    primary key (parcel_id, fulfilment_line_id)
);

create table carrier (
    id bigint generated always as identity primary key,
    code text not null unique,
    name text not null,
    url text not null,
    secret text not null
);

create table waybill (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    parcel_id bigint not null references parcel,
    carrier_id bigint not null references carrier,
    sscc text not null unique,
    tracking_number text not null unique,
    routing_code text not null,
    service text not null,
    state text not null default 'made' check (state in ('made', 'void')),
    made_at timestamptz not null,
    told_at timestamptz,
    label_printed_at timestamptz,
    carrier_accepted_at timestamptz,
    void_reason text
);
create unique index waybill_standing on waybill (parcel_id) where state = 'made';

create table label_job (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    waybill_id bigint not null references waybill,
    printer text not null,
    state text not null default 'queued'
        check (state in ('queued', 'sent', 'printed', 'unsure', 'void')),
    counter_before bigint,
    asked_by text not null,
    asked_at timestamptz not null default now(),
    sent_at timestamptz,
    printed_at timestamptz
);
create index label_job_waiting on label_job (printer, id) where state in ('queued', 'sent');
create unique index label_job_once on label_job (waybill_id) where state <> 'void';

create table departure (
    id bigint generated always as identity primary key,
    warehouse_id bigint not null references warehouse,
    carrier_id bigint not null references carrier,
    place_id bigint not null references place,
    state text not null default 'open' check (state in ('open', 'closed')),
    opened_at timestamptz not null,
    closed_at timestamptz,
    route_plan jsonb
);
create unique index departure_open on departure (place_id) where state = 'open';

create table departure_parcel (
    parcel_id bigint primary key references parcel,
    departure_id bigint not null references departure,
    tenant_id bigint not null references tenant,
    staged_at timestamptz not null,
    loaded_at timestamptz
);
create index departure_parcel_of on departure_parcel (departure_id);

-- Which installation this is; the demo may only empty a database that a demo made.
create table installation (
    one boolean primary key default true check (one),
    purpose text not null check (purpose in ('demo', 'warehouse')),
    made_at timestamptz not null default now()
);
