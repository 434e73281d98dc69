-- The ledger with changes of status, serials that are in one place only, and undo by reversal.

-- How many days goods may still be used at a moment, by the calendar of their warehouse: 0 on
-- the last day, negative once they have expired, null where they never do. The one place that
-- decides what expired means.
create function days_left(p_expires date, p_at timestamptz, p_zone text) returns integer
language sql immutable parallel safe as
$$ select p_expires - (p_at at time zone p_zone)::date $$;

alter table movement_line add column to_status text;
update movement_line set to_status = status;
alter table movement_line alter column to_status set not null;
alter table movement_line drop constraint movement_line_check;
alter table movement_line add constraint movement_line_moves check
    (from_place_id <> to_place_id or from_unit_id <> to_unit_id or status <> to_status);

alter table balance add constraint balance_serial_is_one check (serial = '' or on_hand <= 1);
-- A column of its own, because an index that looked at on_hand would make every change of it dear.
alter table balance add column serial_here text
    generated always as (case when serial <> '' and on_hand > 0 then serial end) stored;
create unique index balance_serial_once on balance (item_id, serial_here)
    where serial_here is not null;
create index balance_expiring on balance (expires_on)
    where expires_on is not null and status = 'available';

-- A movement is undone at most once, by one that points back at it.
create table reversal (
    movement_id bigint primary key,
    reversed_by bigint not null unique,
    tenant_id bigint not null references tenant
);

-- A reservation is for a line of an order, or for a move within the house.
alter table reservation alter column fulfilment_line_id drop not null;
alter table reservation add column move_task_id bigint;
alter table reservation add constraint reservation_is_for_one
    check ((fulfilment_line_id is null) <> (move_task_id is null));
create index reservation_of_move on reservation (move_task_id) where move_task_id is not null;

-- Posts one movement: its lines, the balances they change and the availability that follows, in
-- one call. Balances are locked in id order first, so two calls never wait for each other in a
-- ring. A line of p_lines has owner_id, item_id, lot, serial, status, to_status, expires_on,
-- from_place_id, from_unit_id, to_place_id, to_unit_id, quantity, and unreserve: how much of
-- what leaves its source was reserved there. A line without to_status keeps its status.
create or replace function post_movement(
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
              owner_id bigint, item_id bigint, lot text, serial text, status text, to_status text,
              from_place_id bigint, from_unit_id bigint, to_place_id bigint, to_unit_id bigint)
          cross join lateral (values
              (p.owner_id, p.item_id, p.from_place_id, p.from_unit_id, p.lot, p.serial, p.status),
              (p.owner_id, p.item_id, p.to_place_id, p.to_unit_id, p.lot, p.serial,
               coalesce(p.to_status, p.status))
          ) l(owner_id, item_id, place_id, unit_id, lot, serial, status)) k
      on b.owner_id = k.owner_id and b.item_id = k.item_id and b.place_id = k.place_id
     and b.handling_unit_id = k.unit_id and b.lot = k.lot and b.serial = k.serial
     and b.status = k.status
    order by b.id for no key update of b;

    -- What has expired goes neither into a tote nor into a parcel.
    if p_kind in ('pick', 'pack') and exists (
        select 1 from jsonb_to_recordset(p_lines) p(
            owner_id bigint, item_id bigint, lot text, serial text, status text,
            from_place_id bigint, from_unit_id bigint)
        join balance b on b.owner_id = p.owner_id and b.item_id = p.item_id
         and b.place_id = p.from_place_id and b.handling_unit_id = p.from_unit_id
         and b.lot = p.lot and b.serial = p.serial and b.status = p.status
        join place f on f.id = b.place_id join warehouse w on w.id = f.warehouse_id
        where days_left(b.expires_on, p_occurred, w.time_zone) < 0
    ) then
        raise exception 'expired goods are not picked or packed'
            using errcode = 'check_violation', constraint = 'goods_not_expired';
    end if;

    insert into movement (tenant_id, kind, reason, command_id, actor, device, occurred_at, reverses)
    values (p_tenant, p_kind, p_reason, p_command, p_actor, p_device, p_occurred, p_reverses)
    returning id into v_movement;
    if p_reverses is not null then
        insert into reversal (movement_id, reversed_by, tenant_id)
        values (p_reverses, v_movement, p_tenant);
    end if;

    insert into movement_line (movement_id, line, tenant_id, owner_id, item_id, lot, serial, status,
        to_status, expires_on, from_place_id, from_unit_id, to_place_id, to_unit_id, quantity)
    select v_movement, row_number() over (), p_tenant, p.owner_id, p.item_id, p.lot, p.serial,
        p.status, coalesce(p.to_status, p.status), p.expires_on, p.from_place_id, p.from_unit_id,
        p.to_place_id, p.to_unit_id, p.quantity
    from jsonb_to_recordset(p_lines) p(
        owner_id bigint, item_id bigint, lot text, serial text, status text, to_status text,
        expires_on date, from_place_id bigint, from_unit_id bigint, to_place_id bigint,
        to_unit_id bigint, quantity bigint);

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
    select p_tenant, p.owner_id, p.item_id, p.to_place_id, p.to_unit_id, p.lot, p.serial,
        coalesce(p.to_status, p.status), min(p.expires_on), sum(p.quantity)
    from jsonb_to_recordset(p_lines) p(
        owner_id bigint, item_id bigint, lot text, serial text, status text, to_status text,
        expires_on date, to_place_id bigint, to_unit_id bigint, quantity bigint)
    join place t on t.id = p.to_place_id and not t.virtual
    group by 2, 3, 4, 5, 6, 7, 8
    order by 2, 3, 4, 5
    on conflict (owner_id, item_id, place_id, handling_unit_id, lot, serial, status)
    do update set on_hand = balance.on_hand + excluded.on_hand,
        expires_on = case when balance.on_hand = 0 then excluded.expires_on
                          else least(balance.expires_on, excluded.expires_on) end;

    -- What a tote or parcel gave up leaves no empty row behind; a bin keeps its row, and so does
    -- a pallet whose row a task still names.
    if exists (select 1 from jsonb_to_recordset(p_lines) p(from_unit_id bigint)
               where p.from_unit_id <> 0) then
        begin
            delete from balance b using jsonb_to_recordset(p_lines) p(
                owner_id bigint, item_id bigint, from_place_id bigint, from_unit_id bigint)
            where p.from_unit_id <> 0 and b.owner_id = p.owner_id and b.item_id = p.item_id
              and b.place_id = p.from_place_id and b.handling_unit_id = p.from_unit_id
              and b.on_hand = 0;
        exception when foreign_key_violation then null;
        end;
    end if;

    -- Goods that stay in the house as they are, as most do, change nothing of what may be sold.
    if not exists (
        select 1 from jsonb_to_recordset(p_lines) p(
            from_place_id bigint, to_place_id bigint, status text, to_status text)
        join place f on f.id = p.from_place_id
        join place t on t.id = p.to_place_id
        where f.virtual or t.virtual or f.warehouse_id <> t.warehouse_id
           or p.status <> coalesce(p.to_status, p.status)
    ) then
        return v_movement;
    end if;
    -- Locked in id order, as promises lock it, since other bins of an item have other balances.
    perform 1 from availability a
    where a.item_id in (select p.item_id from jsonb_to_recordset(p_lines) p(item_id bigint))
    order by a.id for no key update;

    with change as materialized (
        select p.owner_id, p.item_id, w.warehouse_id, sum(w.sign * p.quantity)::bigint as quantity
        from jsonb_to_recordset(p_lines) p(
            owner_id bigint, item_id bigint, status text, to_status text, from_place_id bigint,
            to_place_id bigint, quantity bigint)
        join place f on f.id = p.from_place_id
        join place t on t.id = p.to_place_id
        cross join lateral (values
            (f.warehouse_id, case when f.virtual or p.status <> 'available' then 0 else -1 end),
            (t.warehouse_id, case when t.virtual or coalesce(p.to_status, p.status) <> 'available'
                                  then 0 else 1 end)) w(warehouse_id, sign)
        group by 1, 2, 3
    ), less as (
        update availability a set sellable = a.sellable + c.quantity
        from change c
        where c.quantity < 0 and a.item_id = c.item_id and a.warehouse_id = c.warehouse_id
          and a.channel = ''
    )
    insert into availability (tenant_id, owner_id, item_id, warehouse_id, sellable)
    select p_tenant, c.owner_id, c.item_id, c.warehouse_id, c.quantity
    from change c where c.quantity > 0 order by 3, 4
    on conflict (item_id, warehouse_id, channel)
    do update set sellable = availability.sellable + excluded.sellable;
    return v_movement;
end $$;

-- Makes the monthly partitions of the ledger from this month on; safe to call again. A new month is
-- filled by nobody yet and is attached beside those at work, so that no posting waits for it.
create or replace function make_ledger_partitions(p_from date, p_months integer) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_month date;
    v_table text;
    v_name text;
begin
    for i in 0 .. p_months - 1 loop
        v_month := date_trunc('month', p_from)::date + make_interval(months => i);
        foreach v_table in array array['movement', 'movement_line'] loop
            v_name := v_table || '_' || to_char(v_month, 'YYYY_MM');
            continue when to_regclass(format('public.%I', v_name)) is not null;
            execute format(
                'create table %I (like %I including defaults including constraints)',
                v_name, v_table);
            execute format('alter table %I enable row level security', v_name);
            execute format('alter table %I force row level security', v_name);
            execute format('alter table %I attach partition %I for values from (%L) to (%L)',
                v_table, v_name, v_month, (v_month + interval '1 month')::date);
        end loop;
    end loop;
end $$;
revoke execute on function make_ledger_partitions(date, integer) from public;
grant execute on function make_ledger_partitions(date, integer) to stowline_staff;
