-- Counting, picking and sorting.

create table count_task (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    balance_id bigint not null references balance,
    reason text not null,
    expected bigint not null,
    counted bigint check (counted >= 0),
    asked_at timestamptz not null default now(),
    counted_at timestamptz,
    counted_by text
);
create index count_task_of_balance on count_task (balance_id);

create table wave (
    id bigint generated always as identity primary key,
    warehouse_id bigint not null references warehouse,
    state text not null check (state in
        ('requested', 'planned', 'released', 'done', 'unreleased', 'refused')),
    release_when_planned boolean not null default false,
    asked_by text not null,
    orders_asked bigint[],
    seed bigint not null,
    method text,
    distance_mm bigint,
    baseline_mm bigint,
    left_out jsonb not null default '[]',
    refusal text,
    created_at timestamptz not null default now(),
    planned_at timestamptz,
    released_at timestamptz,
    done_at timestamptz
);

create table wave_order (
    wave_id bigint not null references wave,
    fulfilment_order_id bigint not null references fulfilment_order,
    tenant_id bigint not null references tenant,
    standing boolean not null default true,
    primary key (wave_id, fulfilment_order_id)
);
create unique index wave_order_once on wave_order (fulfilment_order_id) where standing;

-- One cart on one walk.
create table pick_batch (
    id bigint generated always as identity primary key,
    wave_id bigint not null references wave,
    number integer not null,
    state text not null check (state in ('planned', 'claimed', 'picking', 'dropped', 'void')),
    picker_id bigint references staff,
    cart_place_id bigint references place,
    distance_mm bigint not null,
    path jsonb not null,
    claimed_until timestamptz,
    started_at timestamptz,
    dropped_at timestamptz,
    unique (wave_id, number)
);
create unique index pick_batch_cart on pick_batch (cart_place_id) where state in ('claimed', 'picking');
create unique index pick_batch_picker on pick_batch (picker_id) where state in ('claimed', 'picking');

-- One tote of a cart: it holds goods of one fulfilment order only.
create table batch_slot (
    id bigint generated always as identity primary key,
    batch_id bigint not null references pick_batch,
    slot integer not null,
    tenant_id bigint not null references tenant,
    fulfilment_order_id bigint not null references fulfilment_order,
    tote_id bigint references handling_unit,
    unique (batch_id, slot)
);

create table pick_task (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    batch_id bigint not null references pick_batch,
    slot_id bigint not null references batch_slot,
    seq integer not null,
    fulfilment_line_id bigint not null references fulfilment_line,
    reservation_id bigint,
    balance_id bigint not null references balance,
    place_id bigint not null references place,
    item_id bigint not null references item,
    quantity bigint not null check (quantity > 0),
    picked bigint not null default 0 check (picked between 0 and quantity),
    state text not null default 'open' check (state in ('open', 'done', 'short', 'void')),
    step text not null default 'bin' check (step in ('bin', 'item', 'put')),
    done_at timestamptz
);
create index pick_task_walk on pick_task (batch_id, seq, id);
create index pick_task_of_line on pick_task (fulfilment_line_id);
create index pick_task_of_balance on pick_task (balance_id);

-- Where a tote goes: decided when it is bound to an order, long before it is scanned.
create table sort_route (
    tote_id bigint primary key references handling_unit,
    fulfilment_order_id bigint not null references fulfilment_order,
    tenant_id bigint not null references tenant,
    place_id bigint not null references place,
    lane integer not null,
    state text not null default 'expected' check (state in ('expected', 'inducted', 'diverted')),
    track bigint,
    scanned_at timestamptz,
    decided_at timestamptz,
    diverted_at timestamptz,
    recirculations integer not null default 0,
    missorts integer not null default 0
);
create index sort_route_of_order on sort_route (fulfilment_order_id);

-- Reserves the bins of a planned wave, all or nothing. Returns the balances that no longer hold
-- what the plan wants; where there is any, nothing was changed.
create function reserve_wave(p_wave bigint) returns table (balance_id bigint, wanted bigint, free bigint)
language plpgsql
-- A few rows by their keys, whatever the tables' statistics say while these are new or old.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
    perform 1 from balance b
    where b.id in (select t.balance_id from pick_task t join pick_batch k on k.id = t.batch_id
                   where k.wave_id = p_wave and t.state = 'open')
    order by b.id for no key update;

    return query
    select b.id, w.quantity, b.on_hand - b.reserved
    from (select t.balance_id, sum(t.quantity)::bigint as quantity
          from pick_task t join pick_batch k on k.id = t.batch_id
          where k.wave_id = p_wave and t.state = 'open' group by 1) w
    join balance b on b.id = w.balance_id
    where b.on_hand - b.reserved < w.quantity;
    if found then
        return;
    end if;

    update balance b set reserved = b.reserved + w.quantity
    from (select t.balance_id, sum(t.quantity)::bigint as quantity
          from pick_task t join pick_batch k on k.id = t.batch_id
          where k.wave_id = p_wave and t.state = 'open' group by 1) w
    where b.id = w.balance_id;

    with task as materialized (
        select t.id, t.tenant_id, t.balance_id, t.fulfilment_line_id, t.quantity,
            nextval(pg_get_serial_sequence('reservation', 'id')) as reservation_id
        from pick_task t join pick_batch k on k.id = t.batch_id
        where k.wave_id = p_wave and t.state = 'open'
    ), made as (
        insert into reservation (id, tenant_id, balance_id, fulfilment_line_id, quantity)
        overriding system value
        select reservation_id, tenant_id, balance_id, fulfilment_line_id, quantity from task
    )
    update pick_task t set reservation_id = task.reservation_id from task where t.id = task.id;
end $$;
