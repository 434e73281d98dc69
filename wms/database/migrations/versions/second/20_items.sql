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

-- What stands in the books in smallest units would mean something else under another scale, and a
-- bundle is never kept. Named as constraints, so that both are told apart from other refusals.
create function item_keeps_its_books() returns trigger language plpgsql as $$
begin
    if new.scale <> old.scale and (
        exists (select 1 from movement_line l where l.item_id = new.id)
        or exists (select 1 from order_line l where l.item_id = new.id)
        or exists (select 1 from availability a where a.item_id = new.id)
        or exists (select 1 from item_component c where c.component_id = new.id)
    ) then
        raise exception 'the scale of an item in the books is fixed'
            using errcode = 'check_violation', constraint = 'item_scale_fixed', detail = new.sku;
    end if;
    if new.kind = 'bundle' and (
        exists (select 1 from balance b where b.item_id = new.id and b.on_hand > 0)
        or exists (select 1 from availability a where a.item_id = new.id
                   and (a.promised > 0 or a.sellable > 0 or a.inbound > 0))
    ) then
        raise exception 'what is kept is no bundle'
            using errcode = 'check_violation', constraint = 'item_bundle_not_kept',
                detail = new.sku;
    end if;
    return new;
end $$;
create trigger item_keeps_its_books before update of scale, kind on item for each row
    when (old.scale <> new.scale or old.kind <> new.kind)
    execute function item_keeps_its_books();
grant select on movement_line to stowline_shop;
