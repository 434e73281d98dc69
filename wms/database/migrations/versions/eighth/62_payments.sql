-- Money as the shop's gateway tells of it, what is usual of an item, goods that do not ship by
-- themselves, and the clock of the promise from payment to waybill.

-- What the gateway said and when it came here; `country` is that of whoever paid, where it told.
-- The same words twice are one message.
alter table payment
    add column received_at timestamptz not null default now(),
    add column country text not null default '';
create index payment_told on payment (order_id, state, at);

-- Why somebody has to approve an item; empty where nobody said.
alter table item
    add column approval_kind text not null default '' check
        (approval_kind in ('', 'fresh', 'luxury', 'bulky', 'inspection')),
    add constraint item_approval check (approval_kind = '' or needs_approval);

-- What an item usually sells at and in what quantity a line, the medians of its lines of late.
-- Prices are of one whole unit of the item.
create table item_usual (
    item_id bigint not null references item,
    tenant_id bigint not null references tenant,
    currency text not null,
    price_minor bigint not null check (price_minor >= 0),
    quantity bigint not null check (quantity > 0),
    lines bigint not null check (lines > 0),
    made_at timestamptz not null,
    primary key (item_id, currency)
);
grant select on item_usual to stowline_shop;
grant update (rules) on shop to stowline_shop;

create index promotion_item_of on promotion_item (item_id) where price_minor is not null;

-- All of the money went back before it left the house.
insert into fulfilment_move (from_state, event, to_state) values
    ('sorted', 'stop', 'cancelled'),
    ('packed', 'stop', 'cancelled');

-- When it was told that the promise from payment to waybill is about to be broken.
alter table fulfilment_order add column at_risk_at timestamptz;
create index fulfilment_order_unready on fulfilment_order (firm_at)
    where firm_at is not null and pickup_requested_at is null
      and state in ('open', 'released', 'picking', 'picked', 'sorted', 'packed');
create index fulfilment_order_firm on fulfilment_order using brin (firm_at);
create index job_newest on job (subject, id) where kind = 'waybill';

-- Decisions that somebody of the staff took about an order. Whoever picks, packs, sorts or loads
-- works, and takes none.
create view human_touch with (security_invoker = true) as
    select e.tenant_id, e.order_id, e.seq, e.occurred_at, e.type, e.actor
    from event e
    where e.order_id is not null and e.actor like 'staff:%'
      and e.type not in ('order.picking', 'order.picked', 'order.sorted', 'order.packed',
          'order.handed_over', 'order.closed', 'order.delivered', 'order.inserts_changed',
          'parcel.label_printed');
grant select on human_touch to stowline_staff, stowline_shop;
