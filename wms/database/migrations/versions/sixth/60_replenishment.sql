-- What is expected to be ordered, how much stock that asks for, and what is proposed to get it.

create table replenishment_run (
    id bigint generated always as identity primary key,
    state text not null default 'requested' check (state in ('requested', 'done', 'refused')),
    -- The first day that is forecast: today, by the clock of the house.
    day date not null,
    asked_by text not null,
    asked_at timestamptz not null,
    done_at timestamptz,
    series integer,
    proposals integer,
    seconds double precision,
    reason text not null default ''
);
create unique index replenishment_run_nightly on replenishment_run (day)
    where asked_by = 'timer:replenish';

-- The newest forecast of an item in a warehouse; arrays hold a day each, null where unknown.
create table demand_forecast (
    item_id bigint not null references item,
    warehouse_id bigint not null references warehouse,
    tenant_id bigint not null references tenant,
    run_id bigint not null references replenishment_run,
    from_day date not null,
    mean double precision[] not null,
    high double precision[] not null,
    past_from date not null,
    past double precision[] not null,
    protection_days integer not null check (protection_days > 0),
    protection_mean double precision not null check (protection_mean >= 0),
    levels double precision[] not null,
    quantiles double precision[] not null,
    demand_class text not null,
    model text not null,
    reason text not null,
    -- What promotions, prices and holidays add or take, in words.
    explained text not null default '',
    flags text[] not null default '{}',
    primary key (item_id, warehouse_id)
);
create index demand_forecast_of_run on demand_forecast (run_id);

-- What an item is held by in a warehouse. Without a service of its own the house's counts.
-- below_since is the alarm that stands.
create table stock_policy (
    item_id bigint not null references item,
    warehouse_id bigint not null references warehouse,
    tenant_id bigint not null references tenant,
    service_percent double precision check (service_percent > 0 and service_percent < 100),
    run_id bigint references replenishment_run,
    protection_days integer not null default 0 check (protection_days >= 0),
    safety_stock bigint not null default 0 check (safety_stock >= 0),
    reorder_point bigint not null default 0 check (reorder_point >= 0),
    order_up_to bigint not null default 0,
    achieved double precision check (achieved between 0 and 1),
    below_since timestamptz,
    updated_at timestamptz not null,
    primary key (item_id, warehouse_id),
    check (order_up_to >= reorder_point)
);
create index stock_policy_below on stock_policy (item_id, warehouse_id)
    where below_since is not null;

-- The service really reached by all items that are held for one fill rate, and what follows from
-- it for their stock; the day is the last that was counted.
create table service_loop (
    percent double precision primary key check (percent > 0 and percent < 100),
    rate double precision not null check (rate >= 0),
    usual double precision not null check (usual >= 0),
    day date not null
);

-- Goods that go from one warehouse to another.
create table transfer (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    from_warehouse_id bigint not null references warehouse,
    to_warehouse_id bigint not null references warehouse,
    state text not null default 'requested'
        check (state in ('requested', 'sent', 'received', 'closed', 'cancelled')),
    made_by text not null,
    made_at timestamptz not null,
    sent_at timestamptz,
    expected_at timestamptz,
    ended_at timestamptz,
    check (from_warehouse_id <> to_warehouse_id),
    check (state in ('requested', 'cancelled') or sent_at is not null)
);
create index transfer_open on transfer (id) where state in ('requested', 'sent');
create table transfer_line (
    transfer_id bigint not null references transfer,
    item_id bigint not null references item,
    tenant_id bigint not null references tenant,
    quantity bigint not null check (quantity > 0),
    primary key (transfer_id, item_id)
);
create index transfer_line_of_item on transfer_line (item_id);
-- A transfer that was sent is announced where it goes, as goods from a supplier are.
alter table inbound_shipment add column transfer_id bigint references transfer;
create unique index inbound_of_transfer on inbound_shipment (transfer_id)
    where state <> 'cancelled';

create table replenishment_proposal (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    run_id bigint not null references replenishment_run,
    item_id bigint not null references item,
    warehouse_id bigint not null references warehouse,
    kind text not null check (kind in ('purchase', 'transfer')),
    supplier_id bigint references supplier,
    from_warehouse_id bigint references warehouse,
    state text not null default 'proposed'
        check (state in ('proposed', 'approved', 'rejected', 'superseded')),
    quantity bigint not null check (quantity > 0),
    -- Free and on its way when it was proposed, and what asked for more.
    free bigint not null,
    coming bigint not null,
    reorder_point bigint not null,
    safety_stock bigint not null,
    order_up_to bigint not null,
    days_left double precision,
    reason text not null,
    approved_quantity bigint check (approved_quantity > 0),
    decided_by text,
    decided_at timestamptz,
    note text not null default '',
    purchase_order_id bigint references purchase_order,
    transfer_id bigint references transfer,
    check ((state in ('approved', 'rejected')) = (decided_at is not null)),
    check ((kind = 'transfer') = (from_warehouse_id is not null)),
    -- Without a supplier it cannot be approved: it says that somebody has to find one.
    check (kind = 'purchase' or supplier_id is null),
    check (state <> 'approved' or (purchase_order_id is null) <> (transfer_id is null))
);
create unique index replenishment_proposal_open
    on replenishment_proposal (item_id, warehouse_id, kind, coalesce(from_warehouse_id, 0))
    where state = 'proposed';
create index replenishment_proposal_of_run on replenishment_proposal (run_id);

-- The next days of a warehouse: the lines that are expected against what can be done in a day.
-- Null is a capacity that nothing is known of.
create table capacity_day (
    warehouse_id bigint not null references warehouse,
    day date not null,
    run_id bigint not null references replenishment_run,
    waiting integer not null check (waiting >= 0),
    lines double precision not null check (lines >= 0),
    lines_high double precision not null check (lines_high >= 0),
    pick_capacity double precision,
    sort_capacity double precision,
    primary key (warehouse_id, day)
);
