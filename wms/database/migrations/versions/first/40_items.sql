create table item (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    sku text not null check (sku = upper(sku) and sku <> ''),
    name text not null,
    width_mm integer not null check (width_mm > 0),
    depth_mm integer not null check (depth_mm > 0),
    height_mm integer not null check (height_mm > 0),
    mass_g integer not null check (mass_g > 0),
    usual_price_minor bigint,
    updated_at timestamptz not null default now(),
    unique (tenant_id, owner_id, sku)
);

create table item_barcode (
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    barcode text not null check (barcode <> ''),
    item_id bigint not null references item,
    primary key (tenant_id, owner_id, barcode)
);
create index item_barcode_of_item on item_barcode (item_id);
create index item_barcode_any on item_barcode (barcode);
