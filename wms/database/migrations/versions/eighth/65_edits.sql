-- Orders whose shops change their mind: what was changed, and what it means in money.

-- paid_minor is what was paid; balance_minor what edits since then left to pay, or, below 0, to
-- give back.
alter table shop_order
    add column paid_minor bigint not null default 0 check (paid_minor >= 0),
    add column balance_minor bigint not null default 0;
update shop_order set paid_minor = total_minor where paid_at is not null;

-- Each edit with what it replaced; version is the order's after it.
create table order_edit (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    order_id bigint not null references shop_order,
    version integer not null,
    reason text not null,
    before jsonb not null,
    after jsonb not null,
    total_before_minor bigint not null,
    total_after_minor bigint not null,
    due_minor bigint not null check (due_minor >= 0),
    refund_minor bigint not null check (refund_minor >= 0),
    made_by text not null,
    made_at timestamptz not null,
    unique (order_id, version)
);
grant select on order_edit to stowline_shop;

-- Why an order could not be cancelled, in a word, and which of its parts stood in the way.
alter table cancellation_request
    add column code text,
    add column blocked jsonb not null default '[]';
