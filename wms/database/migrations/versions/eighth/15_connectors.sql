-- Other shop systems whose webhooks are taken as orders, and what they sent.

-- secret is sealed, for it is needed in clear: their signatures are made with it. wishes are what
-- their messages do not say: whether goods on their way will do, and which service is which.
create table connector (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    shop_id bigint not null references shop,
    kind text not null check (kind in ('shopify', 'woocommerce')),
    name text not null,
    secret jsonb not null,
    sandbox boolean not null,
    wishes jsonb not null default '{}',
    made_by text not null,
    made_at timestamptz not null,
    removed_at timestamptz
);
create index connector_of_shop on connector (shop_id, id) where removed_at is null;

-- What is known of an order of theirs. updated_at is theirs, of the newest message that counted; by
-- the hashes it is seen whether they changed the address, the buyer, the lines, or the words and the
-- way that it goes. dropped are the refunds whose lines have been taken out.
create table connector_order (
    connector_id bigint not null references connector,
    tenant_id bigint not null references tenant,
    their_id text not null,
    order_id bigint references shop_order,
    updated_at timestamptz,
    address_index bytea,
    contact_index bytea,
    lines_index bytea,
    words_index bytea,
    cancelled_at timestamptz,
    dropped text[] not null default '{}',
    primary key (connector_id, their_id)
);
create index connector_order_of_order on connector_order (order_id) where order_id is not null;

-- One message of theirs. Its body is kept until it has been carried out, and then no more. Their name
-- for a sending does not tell it from others alone: WooCommerce draws one name for all of a second.
create table connector_delivery (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    connector_id bigint not null references connector,
    their_delivery text not null,
    topic text not null,
    their_id text not null,
    state text not null default 'waiting' check (state in ('waiting', 'done', 'refused')),
    body jsonb,
    body_digest bytea not null,
    outcome jsonb not null default '{}',
    attempts integer not null default 0,
    order_id bigint references shop_order,
    buyer_index bytea,
    received_at timestamptz not null,
    done_at timestamptz,
    constraint connector_delivery_once unique (connector_id, their_delivery, body_digest)
);
create index connector_delivery_open on connector_delivery (connector_id, their_id)
    where state <> 'done';
create index connector_delivery_old on connector_delivery (received_at);
create index connector_delivery_of_order on connector_delivery (order_id)
    where order_id is not null;

grant select, insert on connector to stowline_shop;
grant update (secret, wishes, name, removed_at) on connector to stowline_shop;
grant select on connector_order, connector_delivery to stowline_shop;
grant usage on all sequences in schema public to stowline_shop;
