-- Items with units, packaging, tracking, flags, components and substitutes.

alter table item
    add column kind text not null default 'goods' check (kind in ('goods', 'kit', 'bundle')),
    add column unit text not null default 'each' check (unit <> ''),
    add column scale smallint not null default 0 check (scale between 0 and 6),
    add column storage_class text not null default '',
    add column track_lot boolean not null default false,
    add column track_serial boolean not null default false,
    add column track_expiry boolean not null default false,
    add column shelf_life_min_days integer not null default 0 check (shelf_life_min_days >= 0),
    add column quality_percent smallint not null default 0
        check (quality_percent between 0 and 100),
    add column fragile boolean not null default false,
    add column liquid boolean not null default false,
    add column electronic boolean not null default false,
    add column keep_upright boolean not null default false,
    add column dangerous_class text not null default '',
    add column age_min smallint not null default 0 check (age_min >= 0),
    add column needs_approval boolean not null default false,
    add column cost_minor bigint check (cost_minor >= 0);

alter table item_barcode add column factor bigint not null default 1 check (factor > 0);

-- What a number of smallest units is bought, kept or sold as.
create table item_packaging (
    tenant_id bigint not null references tenant,
    item_id bigint not null references item,
    level text not null check (level in ('inner', 'case', 'pallet')),
    factor bigint not null check (factor > 1),
    width_mm integer check (width_mm > 0),
    depth_mm integer check (depth_mm > 0),
    height_mm integer check (height_mm > 0),
    mass_g bigint check (mass_g > 0),
    primary key (item_id, level),
    unique (item_id, factor)
);

-- What a kit is made of, or a bundle is sold as.
create table item_component (
    tenant_id bigint not null references tenant,
    item_id bigint not null references item,
    component_id bigint not null references item,
    quantity bigint not null check (quantity > 0),
    primary key (item_id, component_id),
    check (item_id <> component_id)
);
create index item_component_of on item_component (component_id);

create table item_substitute (
    tenant_id bigint not null references tenant,
    item_id bigint not null references item,
    substitute_id bigint not null references item,
    rank integer not null check (rank > 0),
    primary key (item_id, substitute_id),
    unique (item_id, rank),
    check (item_id <> substitute_id)
);

grant select, insert, update, delete on item_packaging, item_component, item_substitute
    to stowline_shop;
