-- The registry of devices: any class, what is known of each, who may speak for it, what we ask of
-- it, and what it sent that the house could not take.

alter table device drop constraint device_class_check;
alter table device add constraint device_class_check check (class ~ '^[a-z][a-z0-9_.-]{0,31}$');
alter table device
    add column in_service boolean not null default true,
    -- Our commands are numbered within an epoch; a restored backup begins another one.
    add column command_epoch bigint not null default 1,
    add column command_seq bigint not null default 0;

-- A new fence is a new key: who checks a lease keeps others from taking it, and its holder from
-- nothing. A share lock would let a crowd of checks starve the renewal.
create unique index device_lease_fence on device_lease (device_id, fence);

-- Written when something changes, not with every message.
create table device_state (
    device_id bigint primary key references device,
    online boolean,
    boot bigint,
    birth jsonb,
    link text,
    detail jsonb not null default '{}',
    changed_at timestamptz not null
);

-- The password itself is shown once and kept nowhere.
create table device_credential (
    device_id bigint primary key references device,
    password_hash text not null,
    issued_by text not null,
    issued_at timestamptz not null
);

-- A telegram whose effect the house refused is dead until somebody replays it.
alter table device_inbox
    add column id bigint generated always as identity,
    add column dead_reason text,
    add column dead_at timestamptz,
    add column replayed_at timestamptz,
    add column replayed_by text;
create unique index device_inbox_dead on device_inbox (id) where dead_at is not null;

-- One row a kind and device, however often it happens; the payload is that of the last time.
create table bad_message (
    id bigint generated always as identity primary key,
    site text not null,
    device text not null,
    kind text not null,
    topic text not null,
    reason text not null,
    payload bytea not null,
    payload_bytes bigint not null,
    count bigint not null check (count > 0),
    first_at timestamptz not null,
    last_at timestamptz not null,
    unique (site, device, kind)
);

create table device_command (
    id bigint generated always as identity primary key,
    device_id bigint not null references device,
    op text not null,
    args jsonb not null,
    state text not null default 'queued'
        check (state in ('queued', 'sent', 'done', 'refused', 'expired')),
    epoch bigint,
    seq bigint,
    asked_by text not null,
    asked_at timestamptz not null,
    expires_at timestamptz not null,
    sent_at timestamptz,
    sends integer not null default 0,
    answered_at timestamptz,
    answer jsonb,
    reason text,
    unique (device_id, epoch, seq),
    check ((state = 'queued') <= (seq is null))
);
create index device_command_open on device_command (device_id, id)
    where state in ('queued', 'sent');
create index device_command_of on device_command (device_id, id);

create trigger device_command_told after insert on device_command
    for each statement execute function tell();
