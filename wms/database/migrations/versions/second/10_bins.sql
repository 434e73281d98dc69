-- Places with capacities and rules, handling units that nest, and pauses of the floor.

alter table warehouse
    add column pickers integer not null default 0 check (pickers >= 0),
    add column lines_per_picker_hour integer not null default 100
        check (lines_per_picker_hour > 0),
    add column count_review_minor bigint not null default 5000 check (count_review_minor >= 0);

alter table place drop constraint place_kind_check;
alter table place add constraint place_kind_check check (kind in
    ('bin', 'receiving', 'cart', 'conveyor', 'packing', 'departure',
     'supplier', 'customer', 'loss', 'transit', 'production'));
alter table place drop column virtual;
alter table place
    add column virtual boolean generated always as
        (kind in ('supplier', 'customer', 'loss', 'transit', 'production')) stored,
    add column purpose text not null default 'forward'
        check (purpose in ('forward', 'reserve', 'cross_dock')),
    add column mass_g_max bigint check (mass_g_max > 0),
    add column units_max bigint check (units_max > 0),
    add column mixing text not null default 'any'
        check (mixing in ('any', 'owner', 'item', 'lot')),
    add column storage_classes text[] not null default '{}',
    add column counted_at timestamptz;
insert into place (warehouse_id, code, kind)
select w.id, upper(k.kind), k.kind from warehouse w
cross join (values ('transit'), ('production')) k(kind)
on conflict do nothing;

alter table handling_unit drop constraint handling_unit_kind_check;
alter table handling_unit
    add constraint handling_unit_kind_check check (kind in ('tote', 'parcel', 'case', 'pallet')),
    add column parent_id bigint references handling_unit,
    add constraint handling_unit_no_ring check (parent_id <> id);
create index handling_unit_in on handling_unit (parent_id) where parent_id is not null;

-- A zone, or with zone '' the whole warehouse, in which nothing is picked or moved for a while.
create table floor_pause (
    id bigint generated always as identity primary key,
    warehouse_id bigint not null references warehouse,
    zone text not null default '',
    reason text not null check (reason <> ''),
    started_by text not null,
    started_at timestamptz not null,
    ended_by text,
    ended_at timestamptz
);
create unique index floor_pause_standing on floor_pause (warehouse_id, zone)
    where ended_at is null;
