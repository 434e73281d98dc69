-- What was asked (commands), what happened (events), what must leave (outbox), what came in
-- from devices (inbox), and the work that waits (jobs).

create table command (
    tenant_id bigint not null,
    scope text not null,
    id text not null check (length(id) between 1 and 200),
    kind text not null,
    body_hash bytea not null,
    status integer not null,
    response jsonb not null,
    actor text not null,
    at timestamptz not null default now(),
    primary key (tenant_id, scope, id)
);

create table event (
    seq bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    xid xid8 not null default pg_current_xact_id(),
    type text not null,
    subject text not null,
    order_id bigint,
    data jsonb not null default '{}',
    actor text not null,
    occurred_at timestamptz not null default now()
);
create index event_of_order on event (order_id, seq);
create index event_of_tenant on event (tenant_id, xid, seq);

create table webhook_endpoint (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    shop_id bigint not null references shop,
    url text not null,
    secret text not null,
    types text[] not null default '{*}',
    active boolean not null default true,
    created_at timestamptz not null default now()
);

create table outbox (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    topic text not null check (topic in ('webhook', 'carrier')),
    target bigint not null,
    subject text not null,
    message_id text not null unique,
    payload jsonb not null,
    created_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    attempts integer not null default 0,
    leased_until timestamptz,
    done_at timestamptz,
    dead_at timestamptz,
    last_error text
);
create index outbox_waiting on outbox (topic, due_at) where done_at is null and dead_at is null;
create index outbox_order on outbox (topic, target, subject, id)
    where done_at is null and dead_at is null;

create table device (
    id bigint generated always as identity primary key,
    site text not null,
    area text not null,
    class text not null check (class in ('scanner', 'sorter', 'printer')),
    name text not null,
    address text,
    config jsonb not null default '{}',
    unique (site, name)
);

create table device_lease (
    device_id bigint primary key references device,
    holder text not null,
    fence bigint not null,
    until timestamptz not null
);

create table device_inbox (
    device text not null,
    boot bigint not null,
    seq bigint not null,
    kind text not null,
    payload jsonb not null,
    received_at timestamptz not null default now(),
    primary key (device, boot, seq)
);

create table job (
    id bigint generated always as identity primary key,
    kind text not null,
    subject text not null,
    payload jsonb not null default '{}',
    created_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    attempts integer not null default 0,
    leased_until timestamptz,
    done_at timestamptz,
    dead_at timestamptz,
    last_error text
);
create unique index job_once on job (kind, subject) where done_at is null and dead_at is null;
create index job_waiting on job (due_at) where done_at is null and dead_at is null;
