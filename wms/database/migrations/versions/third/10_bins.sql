-- Warehouses with cross aisles inside, aisles with a width, and a door of their own where walks end.

alter table warehouse
    add column cross_aisles_mm integer[] not null default '{}',
    add column aisle_width_mm integer not null default 0 check (aisle_width_mm >= 0),
    add column drop_aisle integer check (drop_aisle >= 0),
    add column drop_at_back boolean not null default false;
