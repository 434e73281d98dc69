-- Two roles that own nothing: a shop's, which sees one tenant, and the house's own, which spans
-- tenants. Roles belong to the whole server, so another database may have made them already.
do $$
declare
    v_role text;
begin
    foreach v_role in array array['stowline_shop', 'stowline_staff'] loop
        begin
            execute format('create role %I nologin nobypassrls', v_role);
        exception when duplicate_object or unique_violation then null;
        end;
        if not pg_has_role(current_user, v_role, 'member') then
            execute format('grant %I to current_user', v_role);
        end if;
        execute format('grant usage on schema public to %I', v_role);
    end loop;
end $$;

do $$
declare
    v_table regclass;
begin
    for v_table in
        select c.oid::regclass from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
    loop
        execute format('alter table %s enable row level security', v_table);
        execute format('alter table %s force row level security', v_table);
        execute format('create policy shop on %s to stowline_shop
            using (tenant_id = (select stowline_tenant()))
            with check (tenant_id = (select stowline_tenant()))', v_table);
        execute format('create policy staff on %s to stowline_staff using (true) with check (true)',
            v_table);
    end loop;
end $$;

-- A shop that asks for tenants is told of its own.
alter table tenant enable row level security;
alter table tenant force row level security;
create policy shop on tenant to stowline_shop using (id = (select stowline_tenant()));
create policy staff on tenant to stowline_staff using (true) with check (true);

grant select, insert, update, delete on all tables in schema public to stowline_staff;
grant usage on all sequences in schema public to stowline_staff;

-- A shop writes orders, what they claim, and what tells of them; it reads places and stock.
grant select on tenant, owner, shop, warehouse, place, item, item_barcode, balance, availability,
    fulfilment_order, fulfilment_line, parcel, parcel_line, waybill, promise, hold, event,
    shop_order, order_line, payment, webhook_endpoint, outbox, command, fulfilment_move
    to stowline_shop;
-- Its secret is the house's own.
grant select (id, code, name) on carrier to stowline_shop;
grant insert on command, event, outbox, webhook_endpoint, shop_order, order_line, promise, payment,
    fulfilment_order, fulfilment_line, refused_demand, hold, job, item, item_barcode
    to stowline_shop;
-- An insert that leaves out what is there already has to be able to look.
grant select (kind, subject, done_at, dead_at) on job to stowline_shop;
grant update on availability, shop_order, promise, fulfilment_order, webhook_endpoint, hold, item,
    command, outbox to stowline_shop;
grant update, delete on item_barcode to stowline_shop;
grant usage on all sequences in schema public to stowline_shop;
-- A ledger is only ever added to, and its partitions are no way around that.
revoke update, delete on movement, movement_line, event from stowline_staff, stowline_shop;
do $$
declare
    v_partition regclass;
begin
    for v_partition in
        select inhrelid::regclass from pg_inherits
        where inhparent in ('movement'::regclass, 'movement_line'::regclass)
    loop
        execute format('revoke all on %s from stowline_staff, stowline_shop', v_partition);
    end loop;
end $$;
