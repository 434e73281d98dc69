-- How much of an item a forward bin holds at least, and up to how much it is refilled.

create table refill_rule (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    warehouse_id bigint not null references warehouse,
    item_id bigint not null references item,
    place_id bigint not null references place,
    quantity_min bigint not null check (quantity_min >= 0),
    quantity_max bigint not null check (quantity_max between 1 and 1000000000000),
    updated_at timestamptz not null,
    unique (item_id, place_id),
    check (quantity_min <= quantity_max)
);
create index refill_rule_of_place on refill_rule (place_id);
