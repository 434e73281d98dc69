-- How waves are walked and let go, why a pick fell short, and orders that are taken back.

alter table wave add column mode text not null default 'cluster'
    check (mode in ('discrete', 'batch', 'cluster', 'zone'));

-- Until which time of day, by the clocks of the warehouse, a carrier takes what leaves that day.
alter table carrier add column cut_off time;

-- Orders that no walk could fetch for now, though nothing is wrong with them: the timer leaves
-- them alone for a while, and a wave that is asked for anyway takes them along.
create table release_wait (
    fulfilment_order_id bigint primary key references fulfilment_order,
    tenant_id bigint not null references tenant,
    reason text not null,
    until timestamptz not null
);

alter table pick_task add column short_reason text
    check (short_reason in ('not_found', 'damaged', 'wrong_item'));
create index pick_task_open_of_line on pick_task (fulfilment_line_id) where state = 'open';
create index batch_slot_of_order on batch_slot (fulfilment_order_id);

-- What came of each wish to cancel an order; it is done at most once.
create table cancellation_request (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    order_id bigint not null references shop_order,
    state text not null check (state in ('done', 'refused')),
    reason text not null,
    refusal text,
    asked_by text not null,
    asked_at timestamptz not null,
    check ((state = 'refused') = (refusal is not null))
);
create unique index cancellation_done on cancellation_request (order_id) where state = 'done';

grant select on cancellation_request to stowline_shop;
