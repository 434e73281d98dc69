-- The double-entry ledger, the balances it adds up to, and what is reserved of them.

create table balance (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    item_id bigint not null references item,
    place_id bigint not null references place,
    handling_unit_id bigint not null default 0,
    lot text not null default '',
    serial text not null default '',
    status text not null default 'available'
        check (status in ('available', 'quarantine', 'damaged', 'hold')),
    expires_on date,
    on_hand bigint not null default 0 check (on_hand >= 0),
    reserved bigint not null default 0,
    constraint balance_reserved_within_on_hand check (reserved between 0 and on_hand),
    unique (owner_id, item_id, place_id, handling_unit_id, lot, serial, status)
) with (fillfactor = 70);
create index balance_of_item on balance (item_id, expires_on, id);
create index balance_of_place on balance (place_id);
create index balance_of_unit on balance (handling_unit_id) where handling_unit_id <> 0;

create table movement (
    id bigint generated always as identity,
    recorded_at timestamptz not null default now(),
    tenant_id bigint not null references tenant,
    kind text not null,
    reason text not null default '',
    command_id text not null default '',
    actor text not null,
    device text not null default '',
    occurred_at timestamptz not null,
    reverses bigint,
    primary key (id, recorded_at)
) partition by range (recorded_at);

create table movement_line (
    movement_id bigint not null,
    line integer not null,
    recorded_at timestamptz not null default now(),
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    item_id bigint not null references item,
    lot text not null default '',
    serial text not null default '',
    status text not null default 'available',
    expires_on date,
    from_place_id bigint not null references place,
    from_unit_id bigint not null default 0,
    to_place_id bigint not null references place,
    to_unit_id bigint not null default 0,
    quantity bigint not null check (quantity > 0),
    check (from_place_id <> to_place_id or from_unit_id <> to_unit_id),
    primary key (movement_id, line, recorded_at)
) partition by range (recorded_at);
create index movement_line_item on movement_line (item_id, recorded_at);

-- Makes the monthly partitions of the ledger from this month on; safe to call again.
create function make_ledger_partitions(p_from date, p_months integer) returns void
language plpgsql as $$
declare
    v_month date;
    v_table text;
begin
    for i in 0 .. p_months - 1 loop
        v_month := date_trunc('month', p_from)::date + make_interval(months => i);
        foreach v_table in array array['movement', 'movement_line'] loop
            execute format(
                'create table if not exists %I partition of %I for values from (%L) to (%L)',
                v_table || '_' || to_char(v_month, 'YYYY_MM'), v_table,
                v_month, (v_month + interval '1 month')::date);
            execute format('alter table %I enable row level security',
                v_table || '_' || to_char(v_month, 'YYYY_MM'));
            execute format('alter table %I force row level security',
                v_table || '_' || to_char(v_month, 'YYYY_MM'));
        end loop;
    end loop;
end $$;
select make_ledger_partitions((now() - interval '1 month')::date, 26);

create table reservation (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    balance_id bigint not null references balance,
    fulfilment_line_id bigint not null,
    quantity bigint not null check (quantity > 0),
    made_at timestamptz not null default now()
);
create index reservation_of_balance on reservation (balance_id);
create index reservation_of_line on reservation (fulfilment_line_id);

-- Posts one movement: its lines, the balances they change and the availability that follows, in
-- one call. Balances are locked in id order first, so two calls never wait for each other in a
-- ring. A line of p_lines has owner_id, item_id, lot, serial, status, expires_on, from_place_id,
-- from_unit_id, to_place_id, to_unit_id, quantity, and unreserve: how much of what leaves its
-- source was reserved there.
create function post_movement(
    p_tenant bigint, p_kind text, p_reason text, p_command text, p_actor text, p_device text,
    p_occurred timestamptz, p_lines jsonb, p_reverses bigint default null
) returns bigint language plpgsql
-- A few rows by their keys, whatever the tables' statistics say while these are new or old.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_movement bigint;
    v_sources bigint;
    v_found bigint;
begin
    perform 1 from balance b
    join (select distinct l.* from jsonb_to_recordset(p_lines) p(
              owner_id bigint, item_id bigint, lot text, serial text, status text,
              from_place_id bigint, from_unit_id bigint, to_place_id bigint, to_unit_id bigint)
          cross join lateral (values
              (p.owner_id, p.item_id, p.from_place_id, p.from_unit_id, p.lot, p.serial, p.status),
              (p.owner_id, p.item_id, p.to_place_id, p.to_unit_id, p.lot, p.serial, p.status)
          ) l(owner_id, item_id, place_id, unit_id, lot, serial, status)) k
      on b.owner_id = k.owner_id and b.item_id = k.item_id and b.place_id = k.place_id
     and b.handling_unit_id = k.unit_id and b.lot = k.lot and b.serial = k.serial
     and b.status = k.status
    order by b.id for no key update of b;

    insert into movement (tenant_id, kind, reason, command_id, actor, device, occurred_at, reverses)
    values (p_tenant, p_kind, p_reason, p_command, p_actor, p_device, p_occurred, p_reverses)
    returning id into v_movement;

    insert into movement_line (movement_id, line, tenant_id, owner_id, item_id, lot, serial, status,
        expires_on, from_place_id, from_unit_id, to_place_id, to_unit_id, quantity)
    select v_movement, row_number() over (), p_tenant, p.owner_id, p.item_id, p.lot, p.serial,
        p.status, p.expires_on, p.from_place_id, p.from_unit_id, p.to_place_id, p.to_unit_id,
        p.quantity
    from jsonb_to_recordset(p_lines) p(
        owner_id bigint, item_id bigint, lot text, serial text, status text, expires_on date,
        from_place_id bigint, from_unit_id bigint, to_place_id bigint, to_unit_id bigint,
        quantity bigint);

    with source as (
        select p.owner_id, p.item_id, p.lot, p.serial, p.status, p.from_place_id, p.from_unit_id,
            sum(p.quantity) as quantity, sum(p.unreserve) as unreserve
        from jsonb_to_recordset(p_lines) p(
            owner_id bigint, item_id bigint, lot text, serial text, status text,
            from_place_id bigint, from_unit_id bigint, quantity bigint, unreserve bigint)
        join place f on f.id = p.from_place_id and not f.virtual
        group by 1, 2, 3, 4, 5, 6, 7
    ), taken as (
        update balance b set on_hand = b.on_hand - s.quantity, reserved = b.reserved - s.unreserve
        from source s
        where b.owner_id = s.owner_id and b.item_id = s.item_id and b.place_id = s.from_place_id
          and b.handling_unit_id = s.from_unit_id and b.lot = s.lot and b.serial = s.serial
          and b.status = s.status
        returning b.id
    )
    select (select count(*) from source), (select count(*) from taken) into v_sources, v_found;
    if v_sources <> v_found then
        raise exception 'a place that goods are taken from holds none of them'
            using errcode = 'check_violation', constraint = 'balance_exists';
    end if;

    insert into balance (tenant_id, owner_id, item_id, place_id, handling_unit_id, lot, serial,
        status, expires_on, on_hand)
    select p_tenant, p.owner_id, p.item_id, p.to_place_id, p.to_unit_id, p.lot, p.serial, p.status,
        min(p.expires_on), sum(p.quantity)
    from jsonb_to_recordset(p_lines) p(
        owner_id bigint, item_id bigint, lot text, serial text, status text, expires_on date,
        to_place_id bigint, to_unit_id bigint, quantity bigint)
    join place t on t.id = p.to_place_id and not t.virtual
    group by 2, 3, 4, 5, 6, 7, 8
    order by 2, 3, 4, 5
    on conflict (owner_id, item_id, place_id, handling_unit_id, lot, serial, status)
    do update set on_hand = balance.on_hand + excluded.on_hand,
        expires_on = least(balance.expires_on, excluded.expires_on);

    -- What a tote or parcel gave up leaves no empty row behind; a bin keeps its row.
    delete from balance b using jsonb_to_recordset(p_lines) p(
        owner_id bigint, item_id bigint, from_place_id bigint, from_unit_id bigint)
    where p.from_unit_id <> 0 and b.owner_id = p.owner_id and b.item_id = p.item_id
      and b.place_id = p.from_place_id and b.handling_unit_id = p.from_unit_id and b.on_hand = 0;

    -- Goods that stay in the house, as most do, change nothing of what may be sold.
    if not exists (
        select 1 from jsonb_to_recordset(p_lines) p(from_place_id bigint, to_place_id bigint)
        join place f on f.id = p.from_place_id
        join place t on t.id = p.to_place_id
        where f.virtual or t.virtual or f.warehouse_id <> t.warehouse_id
    ) then
        return v_movement;
    end if;
    -- Locked in id order, as promises lock it, since other bins of an item have other balances.
    perform 1 from availability a
    where a.item_id in (select p.item_id from jsonb_to_recordset(p_lines) p(item_id bigint))
    order by a.id for no key update;

    insert into availability (tenant_id, owner_id, item_id, warehouse_id, sellable)
    select p_tenant, p.owner_id, p.item_id, w.warehouse_id, sum(w.sign * p.quantity)
    from jsonb_to_recordset(p_lines) p(
        owner_id bigint, item_id bigint, status text, from_place_id bigint, to_place_id bigint,
        quantity bigint)
    join place f on f.id = p.from_place_id
    join place t on t.id = p.to_place_id
    cross join lateral (values
        (f.warehouse_id, case when f.virtual then 0 else -1 end),
        (t.warehouse_id, case when t.virtual then 0 else 1 end)) w(warehouse_id, sign)
    where p.status = 'available'
    group by 2, 3, 4
    having sum(w.sign * p.quantity) > 0
    order by 3, 4
    on conflict (item_id, warehouse_id, channel)
    do update set sellable = availability.sellable + excluded.sellable;

    update availability a set sellable = a.sellable - d.quantity
    from (
        select p.item_id, w.warehouse_id, -sum(w.sign * p.quantity) as quantity
        from jsonb_to_recordset(p_lines) p(
            item_id bigint, status text, from_place_id bigint, to_place_id bigint, quantity bigint)
        join place f on f.id = p.from_place_id
        join place t on t.id = p.to_place_id
        cross join lateral (values
            (f.warehouse_id, case when f.virtual then 0 else -1 end),
            (t.warehouse_id, case when t.virtual then 0 else 1 end)) w(warehouse_id, sign)
        where p.status = 'available'
        group by 1, 2
        having sum(w.sign * p.quantity) < 0
    ) d
    where a.item_id = d.item_id and a.warehouse_id = d.warehouse_id and a.channel = '';
    return v_movement;
end $$;
