-- The wall between tenants around every table that has none yet, and the staff's rights on all.
-- Each version that makes tables calls it last.
create function grant_rights() returns void language plpgsql as $$
declare
    v_table regclass;
begin
    for v_table in
        select c.oid::regclass from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
          and not c.relispartition
          and not exists (select 1 from pg_policy p where p.polrelid = c.oid)
    loop
        execute format('alter table %s enable row level security', v_table);
        execute format('alter table %s force row level security', v_table);
        execute format('create policy shop on %s to stowline_shop
            using (tenant_id = (select stowline_tenant()))
            with check (tenant_id = (select stowline_tenant()))', v_table);
        execute format('create policy staff on %s to stowline_staff using (true) with check (true)',
            v_table);
    end loop;
    grant select, insert, update, delete on all tables in schema public to stowline_staff;
    grant usage on all sequences in schema public to stowline_staff, stowline_shop;
    -- A ledger is only ever added to, and its partitions are no way around that.
    revoke update, delete on movement, movement_line, event from stowline_staff, stowline_shop;
    for v_table in
        select inhrelid::regclass from pg_inherits
        where inhparent in ('movement'::regclass, 'movement_line'::regclass)
    loop
        execute format('revoke all on %s from stowline_staff, stowline_shop', v_table);
    end loop;
end $$;
revoke execute on function grant_rights() from public;
