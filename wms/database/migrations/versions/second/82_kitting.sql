-- Kits put together and taken apart: the goods are moved by the ledger, here is what is in them.

create table kit_work (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    warehouse_id bigint not null references warehouse,
    item_id bigint not null references item,
    kind text not null check (kind in ('assemble', 'disassemble')),
    lot text not null default '',
    serial text not null default '',
    quantity bigint not null check (quantity > 0),
    place_id bigint not null references place,
    movement_id bigint not null unique,
    actor text not null,
    done_at timestamptz not null
);
create index kit_work_of_item on kit_work (item_id, lot, serial, id desc) where kind = 'assemble';

-- The pieces of an assembly, by lot and serial; of a dismantling, out of which assembly they came.
create table kit_part (
    tenant_id bigint not null references tenant,
    work_id bigint not null references kit_work,
    assembly_id bigint not null references kit_work,
    component_id bigint not null references item,
    lot text not null default '',
    serial text not null default '',
    expires_on date,
    quantity bigint not null check (quantity > 0),
    primary key (work_id, assembly_id, component_id, lot, serial)
);
create index kit_part_of_assembly on kit_part (assembly_id);
