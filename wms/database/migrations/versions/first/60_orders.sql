-- Promises on availability, and the orders that hold them.

create table availability (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    item_id bigint not null references item,
    warehouse_id bigint not null references warehouse,
    channel text not null default '',
    sellable bigint not null default 0,
    promised bigint not null default 0,
    constraint availability_never_oversold check (promised between 0 and sellable),
    unique (item_id, warehouse_id, channel)
) with (fillfactor = 70);

create sequence admission;

create table shop_order (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    shop_id bigint not null references shop,
    owner_id bigint not null references owner,
    external_order_id text not null check (external_order_id <> ''),
    body_hash bytea not null,
    admission bigint not null default 0,
    state text not null check (state in ('received', 'accepted', 'rejected', 'cancelled')),
    payment_state text not null default 'pending'
        check (payment_state in ('pending', 'authorised', 'paid', 'failed', 'refunded')),
    currency text not null,
    total_minor bigint not null,
    customer jsonb not null,
    ship_to jsonb not null,
    service text not null default 'standard',
    sandbox boolean not null default false,
    placed_at timestamptz not null,
    received_at timestamptz not null,
    paid_at timestamptz,
    unique (tenant_id, shop_id, external_order_id)
);
create index shop_order_newest on shop_order (tenant_id, id);

create table order_line (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    order_id bigint not null references shop_order,
    line integer not null,
    item_id bigint not null references item,
    quantity bigint not null check (quantity > 0),
    unit_price_minor bigint not null check (unit_price_minor >= 0),
    unique (order_id, line)
);

create table promise (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    availability_id bigint not null references availability,
    order_line_id bigint not null references order_line,
    quantity bigint not null check (quantity > 0),
    kept bigint not null default 0 check (kept between 0 and quantity),
    admission bigint not null,
    state text not null default 'open' check (state in ('open', 'firm', 'kept', 'expired', 'freed')),
    made_at timestamptz not null default now(),
    expires_at timestamptz,
    check ((state = 'open') = (expires_at is not null))
);
create index promise_of_line on promise (order_line_id);
create index promise_expiring on promise (expires_at) where expires_at is not null;
create index promise_standing on promise (availability_id, admission) where state in ('open', 'firm');

-- Claims availability for all wanted items or for none. The rows are locked in id order in one
-- statement and read in the next, so the second sees what the locks show; the admission number is
-- drawn under the locks, so that no loser's number precedes a winner's.
-- Returns the admission number, or the items that fall short as [{item_id, wanted, available}].
create function claim_availability(
    p_warehouse bigint, p_channel text, p_items bigint[], p_quantities bigint[],
    out o_admission bigint, out o_short jsonb
) language plpgsql
-- A few rows by their keys, whatever the tables' statistics say while these are new or old.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    perform 1 from availability
    where item_id = any(p_items) and warehouse_id = p_warehouse and channel = p_channel
    order by id for no key update;

    select jsonb_agg(jsonb_build_object('item_id', w.item_id, 'wanted', w.quantity,
        'available', coalesce(a.sellable - a.promised, 0)))
    into o_short
    from (select u.item_id, sum(u.quantity) as quantity
          from unnest(p_items, p_quantities) u(item_id, quantity) group by 1) w
    left join availability a
      on a.item_id = w.item_id and a.warehouse_id = p_warehouse and a.channel = p_channel
    where coalesce(a.sellable - a.promised, 0) < w.quantity;
    if o_short is not null then
        return;
    end if;

    update availability a set promised = a.promised + w.quantity
    from (select u.item_id, sum(u.quantity) as quantity
          from unnest(p_items, p_quantities) u(item_id, quantity) group by 1) w
    where a.item_id = w.item_id and a.warehouse_id = p_warehouse and a.channel = p_channel;
    o_admission := nextval('admission');
end $$;

-- What later forecasts need and nothing can bring back: demand that was refused.
create table refused_demand (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    item_id bigint not null references item,
    quantity bigint not null,
    available bigint not null,
    external_order_id text not null,
    at timestamptz not null default now()
);

create table payment (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    order_id bigint not null references shop_order,
    state text not null,
    amount_minor bigint not null check (amount_minor >= 0),
    currency text not null,
    reference text not null default '',
    at timestamptz not null
);
create index payment_of_order on payment (order_id);

create table fulfilment_order (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    order_id bigint not null references shop_order,
    warehouse_id bigint not null references warehouse,
    state text not null,
    version integer not null default 1,
    packing_place_id bigint references place,
    firm_at timestamptz,
    waybill_ready_at timestamptz,
    pickup_requested_at timestamptz,
    released_at timestamptz,
    picked_at timestamptz,
    sorted_at timestamptz,
    packed_at timestamptz,
    handed_over_at timestamptz
);
create index fulfilment_order_of_order on fulfilment_order (order_id);
create index fulfilment_order_in_work on fulfilment_order (state, id)
    where state not in ('closed', 'cancelled', 'handed_over');

create table fulfilment_line (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    fulfilment_order_id bigint not null references fulfilment_order,
    order_line_id bigint not null references order_line,
    item_id bigint not null references item,
    quantity bigint not null check (quantity > 0),
    picked bigint not null default 0 check (picked between 0 and quantity),
    packed bigint not null default 0 check (packed between 0 and picked)
);
create index fulfilment_line_of_order on fulfilment_line (fulfilment_order_id);

-- The legal moves of a fulfilment order, the same as MOVES in wms/orders; a trigger refuses others.
create table fulfilment_move (
    from_state text not null,
    event text not null,
    to_state text not null,
    primary key (from_state, event)
);
insert into fulfilment_move (from_state, event, to_state) values
    ('scheduled', 'due', 'open'),
    ('backordered', 'supplied', 'open'),
    ('open', 'release', 'released'),
    ('released', 'unrelease', 'open'),
    ('released', 'start_picking', 'picking'),
    ('picking', 'finish_picking', 'picked'),
    ('picked', 'sort', 'sorted'),
    ('sorted', 'pack', 'packed'),
    ('packed', 'hand_over', 'handed_over'),
    ('handed_over', 'close', 'closed'),
    ('handed_over', 'close_short', 'incomplete'),
    ('scheduled', 'cancel', 'cancelled'),
    ('backordered', 'cancel', 'cancelled'),
    ('open', 'cancel', 'cancelled'),
    ('released', 'cancel', 'cancelled'),
    ('picking', 'cancel', 'cancelled'),
    ('picked', 'cancel', 'cancelled');

create function refuse_unlisted_fulfilment_move() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from fulfilment_move
                   where from_state = old.state and to_state = new.state) then
        raise exception 'a fulfilment order does not go from % to %', old.state, new.state
            using errcode = 'check_violation', constraint = 'fulfilment_order_moves';
    end if;
    return new;
end $$;
create trigger fulfilment_order_moves before update of state on fulfilment_order
    for each row when (old.state is distinct from new.state)
    execute function refuse_unlisted_fulfilment_move();

create table hold (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    fulfilment_order_id bigint not null references fulfilment_order,
    kind text not null,
    reason text not null,
    owned_by text not null,
    until timestamptz not null,
    made_at timestamptz not null default now(),
    lifted_at timestamptz
);
create index hold_standing on hold (fulfilment_order_id) where lifted_at is null;
