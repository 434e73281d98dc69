-- What a shop lets the house write to its buyers, and each mail with what came of it.

-- after_xid and after_seq are the cursor up to which the shop's events have been looked at.
create table shop_notice (
    shop_id bigint primary key references shop,
    tenant_id bigint not null references tenant,
    kinds text[] not null default '{}',
    sender_name text not null default '',
    reply_to text not null default '',
    after_xid bigint not null,
    after_seq bigint not null
);
create index shop_notice_on on shop_notice (shop_id) where kinds <> '{}';

-- One mail for each cause; the message itself is made of `facts` when it is sent, and never kept.
create table notice (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    shop_id bigint not null references shop,
    order_id bigint not null references shop_order,
    kind text not null check (kind <> ''),
    cause text not null check (cause <> ''),
    language text not null,
    to_whom jsonb not null,
    facts jsonb not null default '{}',
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'bounced')),
    queued_at timestamptz not null,
    over_at timestamptz,
    error text,
    constraint notice_once unique (order_id, kind, cause),
    constraint notice_over check ((state = 'waiting') = (over_at is null))
);

grant select, insert on notice to stowline_shop;
grant select, insert, update on shop_notice to stowline_shop;
