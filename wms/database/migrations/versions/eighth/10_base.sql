-- What several of the shop's matters share: whose order it is, and that it changes.

-- buyer_index is a keyed hash of who buys, so that a buyer's orders are found without their name;
-- version goes up with every edit; language is that of the buyer's news.
alter table shop_order
    add column buyer_index bytea,
    add column version integer not null default 1,
    add column language text not null default 'en',
    add column refunded_minor bigint not null default 0 check (refunded_minor >= 0),
    drop constraint shop_order_payment_state_check,
    add constraint shop_order_payment_state_check check (payment_state in
        ('pending', 'authorised', 'paid', 'failed', 'partially_refunded', 'refunded'));
create index shop_order_of_buyer on shop_order (tenant_id, buyer_index, id)
    where buyer_index is not null;

-- Who set a hold and who lifted it; overdue_at is when its owner was told that its time is over.
alter table hold
    add column made_by text not null default '',
    add column lifted_by text,
    add column overdue_at timestamptz;
create index hold_due on hold (until) where lifted_at is null and overdue_at is null;
