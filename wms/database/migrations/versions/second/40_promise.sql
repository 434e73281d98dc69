-- What may be promised: stock less what is held back, and goods on their way with their dates.

alter table shop add column channel text not null default '';

-- held_back is safety stock that no new order gets; inbound is announced and not yet here.
-- has_allocations spares a claim the look at what is kept for channels.
alter table availability
    add column held_back bigint not null default 0 check (held_back >= 0),
    add column has_allocations boolean not null default false,
    add column inbound bigint not null default 0,
    add column backordered bigint not null default 0,
    add constraint availability_never_overbacked check (backordered between 0 and inbound);

-- Stock that only one channel may sell; promised is what this channel's orders hold of the item.
-- Both shrink as goods leave, so that an allocation is sold once. Locked through its availability.
create table channel_allocation (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    item_id bigint not null references item,
    warehouse_id bigint not null references warehouse,
    channel text not null check (channel <> ''),
    quantity bigint not null check (quantity >= 0),
    promised bigint not null default 0 check (promised >= 0),
    unique (item_id, warehouse_id, channel)
);

-- Goods on their way, as far as they may be promised: one row a source and item. Their sum is
-- the availability's inbound, under whose lock they change.
create table supply (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    availability_id bigint not null references availability,
    source text not null check (source <> ''),
    expected_at timestamptz not null,
    quantity bigint not null check (quantity >= 0),
    unique (availability_id, source)
);
create index supply_dated on supply (availability_id, expected_at) where quantity > 0;

-- A class of service may go before others by this much time and no more, so that nobody starves.
create table service_class (
    service text primary key check (service <> ''),
    head_start_s integer not null check (head_start_s between 0 and 604800)
);
insert into service_class (service, head_start_s) values ('standard', 0), ('express', 14400);

alter table shop_order
    add column channel text not null default '',
    add column rank_at timestamptz default now(),
    add column backorder boolean not null default false;
update shop_order set rank_at = received_at;
alter table shop_order alter column rank_at set not null;

-- An order speaks in units of sale: factor of them are one unit, 1 where it is the item's own.
alter table order_line
    add column unit text not null default '',
    add column factor bigint not null default 1 check (factor > 0),
    add column shelf_life_min_days integer not null default 0 check (shelf_life_min_days >= 0);

alter table promise
    add column supply text not null default 'stock' check (supply in ('stock', 'inbound')),
    add column expected_at timestamptz,
    add column channel text not null default '',
    add column rank_at timestamptz default now();
update promise set rank_at = made_at;
alter table promise alter column rank_at set not null;
create index promise_waiting on promise (availability_id, rank_at, admission)
    where supply = 'inbound' and state in ('open', 'firm');

alter table refused_demand
    add column channel text not null default '',
    add column admission bigint not null default 0;

-- From when to when an item could not be sold; forecasts need it and nothing brings it back.
create table unsellable_interval (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    item_id bigint not null references item,
    warehouse_id bigint not null references warehouse,
    from_at timestamptz not null,
    to_at timestamptz,
    check (to_at >= from_at)
);
create unique index unsellable_interval_open on unsellable_interval (item_id, warehouse_id)
    where to_at is null;

-- The clock runs on while a transaction waits for its lock, so an interval never ends before it
-- began, whichever transaction began first.
create function note_unsellable() returns trigger language plpgsql as $$
begin
    if new.sellable - new.promised - new.held_back > 0 then
        update unsellable_interval set to_at = greatest(clock_timestamp(), from_at)
        where item_id = new.item_id and warehouse_id = new.warehouse_id and to_at is null;
    else
        insert into unsellable_interval (tenant_id, item_id, warehouse_id, from_at)
        values (new.tenant_id, new.item_id, new.warehouse_id, clock_timestamp())
        on conflict do nothing;
    end if;
    return null;
end $$;
create trigger unsellable_on_insert after insert on availability for each row
    when (new.sellable - new.promised - new.held_back <= 0)
    execute function note_unsellable();
create trigger unsellable_on_update after update on availability for each row
    when ((old.sellable - old.promised - old.held_back <= 0)
          is distinct from (new.sellable - new.promised - new.held_back <= 0))
    execute function note_unsellable();

-- What a shop offers cheaper or louder, and when: a driver of demand.
create table promotion (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    shop_id bigint not null references shop,
    code text not null check (code <> ''),
    name text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    updated_at timestamptz not null default now(),
    unique (shop_id, code),
    check (ends_at > starts_at)
);
create table promotion_item (
    promotion_id bigint not null references promotion,
    tenant_id bigint not null references tenant,
    item_id bigint not null references item,
    price_minor bigint check (price_minor >= 0),
    currency text not null default '',
    primary key (promotion_id, item_id)
);

create index unsellable_interval_of on unsellable_interval (item_id, id);
create index refused_demand_of on refused_demand (item_id, id);

grant select on channel_allocation, supply, service_class, unsellable_interval, refused_demand
    to stowline_shop;
grant insert, update, delete on channel_allocation to stowline_shop;
grant insert on availability to stowline_shop;
grant delete on promise to stowline_shop;
grant insert, update on unsellable_interval to stowline_shop;
grant select, insert, update, delete on promotion, promotion_item to stowline_shop;
grant update (channel) on shop to stowline_shop;
