-- Counts of a place, or of an item in it: asked for, counted blind, and posted as of a moment.

-- What stood there as a count is now the one line of a count that was posted.
alter table count_task rename to count_line;
alter index count_task_pkey rename to count_line_pkey;
alter sequence count_task_id_seq rename to count_line_id_seq;
drop index count_task_of_balance;

create table count_task (
    id bigint generated always as identity primary key,
    -- Null where the goods of all tenants in a place are counted.
    tenant_id bigint references tenant,
    warehouse_id bigint not null references warehouse,
    place_id bigint not null references place,
    item_id bigint references item,
    reason text not null check (reason <> ''),
    state text not null default 'open'
        check (state in ('open', 'claimed', 'counted', 'review', 'posted', 'void')),
    asked_by text not null default '',
    asked_at timestamptz not null,
    -- The people who may not count it, since their own count is in question.
    not_by bigint[] not null default '{}',
    holder_id bigint references staff,
    claimed_until timestamptz,
    begun_at timestamptz,
    -- As the mark of a line, for the moment at which the counter stood before the place.
    begun_mark bigint not null default 0,
    counted_at timestamptz,
    counted_by text,
    value_minor bigint check (value_minor >= 0),
    reviewed_by text,
    closed_at timestamptz,
    recount_of bigint references count_task
);
create unique index count_task_standing on count_task (place_id, coalesce(item_id, 0))
    where state in ('open', 'claimed');
create index count_task_waiting on count_task (warehouse_id, id) where state in ('open', 'claimed');
create index count_task_of_place on count_task (place_id);
create index count_task_closed on count_task (closed_at);

insert into count_task (id, tenant_id, warehouse_id, place_id, item_id, reason, state, asked_at,
    begun_at, counted_at, counted_by, closed_at)
overriding system value
select c.id, c.tenant_id, p.warehouse_id, b.place_id, b.item_id, c.reason,
    case when c.counted is null then 'void' else 'posted' end, c.asked_at, c.counted_at,
    c.counted_at, c.counted_by, coalesce(c.counted_at, c.asked_at)
from count_line c join balance b on b.id = c.balance_id join place p on p.id = b.place_id;
select setval(pg_get_serial_sequence('count_task', 'id'),
    greatest((select coalesce(max(id), 0) from count_line), 1),
    exists (select 1 from count_line));

-- Lines that were never counted say nothing, and their tasks are void above.
delete from count_line where counted is null;
alter table count_line
    add column task_id bigint references count_task,
    add column owner_id bigint references owner,
    add column item_id bigint references item,
    add column lot text not null default '',
    add column serial text not null default '',
    add column status text not null default 'available'
        check (status in ('available', 'quarantine', 'damaged', 'hold')),
    add column unit_id bigint not null default 0,
    add column expires_on date,
    -- Since when goods that were not found had been looked for; null for what was counted.
    add column since_at timestamptz,
    -- A number of the ledger's own sequence, drawn at the count: of movements with one and the
    -- same moment, those with a higher number came after it.
    add column mark bigint not null default 0,
    add column recorded_at timestamptz not null default now(),
    add column applied bigint not null default 0,
    add column unapplied bigint not null default 0,
    add column value_minor bigint check (value_minor >= 0),
    add column note text not null default '',
    add column movement_id bigint;
update count_line c set task_id = c.id, owner_id = b.owner_id, item_id = b.item_id, lot = b.lot,
    serial = b.serial, status = b.status, unit_id = b.handling_unit_id,
    expires_on = b.expires_on, applied = c.counted - c.expected
from balance b where b.id = c.balance_id;
alter table count_line
    alter column task_id set not null,
    alter column owner_id set not null,
    alter column item_id set not null,
    alter column counted set not null,
    alter column counted_at set not null,
    alter column expected drop not null,
    drop column balance_id,
    drop column reason,
    drop column asked_at,
    add constraint count_line_once
        unique (task_id, owner_id, item_id, lot, serial, status, unit_id);

-- On which day how many counts of the cycle were asked for; a day is planned once.
create table count_plan (
    warehouse_id bigint not null references warehouse,
    day date not null,
    tasks integer not null check (tasks >= 0),
    primary key (warehouse_id, day)
);

-- What a balance held at a moment: what it holds now without what moved since. p_mark decides
-- between movements of the very same moment, p_recorded is when the moment was written down.
create function on_hand_at(
    p_owner bigint, p_item bigint, p_place bigint, p_unit bigint, p_lot text, p_serial text,
    p_status text, p_at timestamptz, p_mark bigint, p_recorded timestamptz
) returns bigint language sql stable as
$$
    select coalesce((
        select b.on_hand from balance b
        where b.owner_id = p_owner and b.item_id = p_item and b.place_id = p_place
          and b.handling_unit_id = p_unit and b.lot = p_lot and b.serial = p_serial
          and b.status = p_status), 0)
    - coalesce((
        select sum(case when l.to_place_id = p_place and l.to_unit_id = p_unit
                         and l.to_status = p_status then l.quantity else 0 end
                 - case when l.from_place_id = p_place and l.from_unit_id = p_unit
                         and l.status = p_status then l.quantity else 0 end)
        from movement_line l
        join movement m on m.id = l.movement_id and m.recorded_at = l.recorded_at
        where l.item_id = p_item and l.owner_id = p_owner and l.lot = p_lot
          and l.serial = p_serial and p_place in (l.from_place_id, l.to_place_id)
          -- What moved since is recorded since, but for clocks that differ a little.
          and l.recorded_at >= least(p_at, p_recorded) - interval '1 day'
          and (m.occurred_at > p_at or m.occurred_at = p_at and m.id > p_mark)), 0)::bigint
$$;
