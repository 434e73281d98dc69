-- Personal data: the keys that they are sealed with, and how they are forgotten.

-- Ids and fingerprints of the data keys, so that no machine comes with others; never the keys.
create table data_key (
    id text primary key,
    fingerprint bytea not null,
    made_at timestamptz not null default now(),
    -- When all that is kept had been gone through with it.
    sealed_at timestamptz,
    retired_at timestamptz
);

-- When an order's buyer was forgotten.
alter table shop_order add column erased_at timestamptz;
create index shop_order_unerased on shop_order (received_at) where erased_at is null;
-- Which order an answer is about; null where it hangs on none, as that of a ticket without one.
create function order_of_answer(p_answer jsonb) returns text
language sql immutable parallel safe as $$
    select case when p_answer ? 'order_id' then p_answer ->> 'order_id'
                when p_answer ? 'ship_to' then p_answer ->> 'id' end
$$;
create index command_of_order on command (tenant_id, order_of_answer(response))
    where order_of_answer(response) is not null;

-- Answers about a person that hang on no order, such as a checked address.
create index command_loose on command (at)
    where order_of_answer(response) is null and strpos(response::text, '{"~') > 0;

-- What was told, or is to be told, of an event with a person in it.
create index outbox_personal on outbox (event_seq) where strpos(payload::text, '{"~') > 0;

-- An event says for ever what it said, but for the persons in it: they are sealed anew with a
-- newer key, or forgotten.
create function event_only_forgets() returns trigger language plpgsql as $$
begin
    if to_jsonb(new) - 'data' is distinct from to_jsonb(old) - 'data'
        or forgotten(new.data) is distinct from forgotten(old.data) then
        raise exception 'an event is not changed'
            using errcode = 'check_violation', constraint = 'event_only_forgets';
    end if;
    return new;
end $$;
create trigger event_only_forgets before update on event
    for each row execute function event_only_forgets();

-- What a carrier or a mail server was told of a person is theirs now; here it is not kept.
create function forget_sent() returns trigger language plpgsql as $$
begin
    new.payload := forgotten(new.payload);
    return new;
end $$;
create trigger outbox_forgets before update of done_at on outbox
    for each row when (new.done_at is not null and old.done_at is null and new.topic <> 'webhook')
    execute function forget_sent();

-- The same, of those parts only that are about some orders: a van's plan has many orders' doors.
create function forgotten_of(p_data jsonb, p_orders bigint[]) returns jsonb
language plpgsql immutable parallel safe as $$
begin
    if p_data is null or strpos(p_data::text, '{"~') = 0 then
        return p_data;
    elsif jsonb_typeof(p_data) = 'array' then
        return (select coalesce(jsonb_agg(forgotten_of(a.value, p_orders) order by a.ordinality),
                                '[]')
                from jsonb_array_elements(p_data) with ordinality a);
    elsif jsonb_typeof(p_data) <> 'object' then
        return p_data;
    elsif p_data -> 'order_id' in (select to_jsonb(o) from unnest(p_orders) o) then
        return forgotten(p_data);
    end if;
    return (select coalesce(jsonb_object_agg(e.key, forgotten_of(e.value, p_orders)), '{}')
            from jsonb_each(p_data) e);
end $$;

-- Columns in which something may be sealed, and how their rows are known to be about an order.
create function personal_columns()
returns table (of_table regclass, of_column name, has_order boolean, has_buyer boolean)
language sql stable as $$
    select c.oid::regclass, a.attname,
        exists (select 1 from pg_attribute o where o.attrelid = c.oid
                and o.attname = 'order_id' and not o.attisdropped),
        exists (select 1 from pg_attribute o where o.attrelid = c.oid
                and o.attname = 'buyer_index' and not o.attisdropped)
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
      and not c.relispartition and a.atttypid = 'jsonb'::regtype and not a.attisdropped
      and a.attgenerated = '' and c.relname not like 'audit%'
      and has_column_privilege(c.oid, a.attnum, 'update')
      and exists (select 1 from pg_attribute t where t.attrelid = c.oid
                  and t.attname = 'tenant_id' and not t.attisdropped)
    order by c.relname, a.attname
$$;

-- Which rows `t` of a table are about some orders $2 of a tenant $1, or about a buyer $3 beside
-- them; null where none can be. What the staff was answered about an order is no tenant's.
create function personal_rows(p_table regclass, p_has_order boolean, p_has_buyer boolean)
returns text language sql immutable as $$
    select case
        when p_table = 'command'::regclass then
            't.tenant_id in (0, $1) and order_of_answer(t.response) = any($2::text[])'
        when p_table = 'shop_order'::regclass then 't.tenant_id = $1 and t.id = any($2)'
        when p_table = 'outbox'::regclass then
            't.tenant_id = $1 and t.event_seq in (select e.seq from event e
                where e.order_id = any($2) and e.tenant_id = $1)'
        when p_has_order and p_has_buyer then 't.tenant_id = $1
            and (t.order_id = any($2) or t.order_id is null and t.buyer_index = $3)'
        when p_has_order then 't.tenant_id = $1 and t.order_id = any($2)'
        when p_has_buyer then 't.tenant_id = $1 and t.buyer_index = $3' end
$$;

-- Everything sealed that is kept about some orders of a tenant, or about a buyer beside them.
create function personal_data(p_tenant bigint, p_orders bigint[], p_buyer bytea)
returns table (of_table text, of_column text, order_id bigint, data jsonb)
language plpgsql stable as $$
declare
    c record;
    v_key text;
    v_rows text;
begin
    for c in select * from personal_columns() loop
        v_rows := personal_rows(c.of_table, c.has_order, c.has_buyer);
        continue when v_rows is null;
        v_key := case when c.of_table = 'shop_order'::regclass then 't.id'
            when c.has_order then 't.order_id'
            when c.of_table = 'command'::regclass then 'order_of_answer(t.response)::bigint'
            else 'null::bigint' end;
        return query execute format(
            'select %L::text, %L::text, %s, t.%I from %s t
             where %s and strpos(t.%I::text, ''{"~'') > 0',
            c.of_table, c.of_column, v_key, c.of_column, c.of_table, v_rows, c.of_column)
        using p_tenant, p_orders, p_buyer;
    end loop;
end $$;

-- Forgets whoever is behind some orders of a tenant, and what is kept about a buyer beside them;
-- how many values gave way.
create function forget_persons(p_tenant bigint, p_orders bigint[], p_buyer bytea)
returns bigint language plpgsql as $$
declare
    c record;
    v_which text;
    v_rows bigint;
    v_all bigint := 0;
begin
    for c in select * from personal_columns() loop
        v_which := personal_rows(c.of_table, c.has_order, c.has_buyer);
        continue when v_which is null;
        execute format(
            'update %s t set %I = forgotten(t.%I) where %s and strpos(t.%I::text, ''{"~'') > 0',
            c.of_table, c.of_column, c.of_column, v_which, c.of_column)
        using p_tenant, p_orders, p_buyer;
        get diagnostics v_rows = row_count;
        v_all := v_all + v_rows;
    end loop;
    -- What a carrier was to be told, and was not, hangs on the parcel.
    update outbox b set payload = forgotten(b.payload)
    from parcel p join fulfilment_order f on f.id = p.fulfilment_order_id
    where f.order_id = any(p_orders) and b.tenant_id = p_tenant and b.topic = 'carrier'
      and b.subject = 'parcel/' || p.id and strpos(b.payload::text, '{"~') > 0;
    get diagnostics v_rows = row_count;
    v_all := v_all + v_rows;
    update departure_plan d set plan = forgotten_of(d.plan, p_orders)
    where strpos(d.plan::text, '{"~') > 0 and d.departure_id in (
        select s.departure_id from departure_parcel s
        join parcel p on p.id = s.parcel_id
        join fulfilment_order f on f.id = p.fulfilment_order_id
        where f.order_id = any(p_orders) and f.tenant_id = p_tenant);
    get diagnostics v_rows = row_count;
    v_all := v_all + v_rows;
    -- What a driver wrote at the door, and a planner about it, may name somebody.
    update departure_stop s set note = ''
    where s.order_id = any(p_orders) and s.tenant_id = p_tenant and s.note <> '';
    get diagnostics v_rows = row_count;
    v_all := v_all + v_rows;
    update departure_wish w set note = ''
    where w.order_id = any(p_orders) and w.tenant_id = p_tenant and w.note <> '';
    get diagnostics v_rows = row_count;
    v_all := v_all + v_rows;
    -- By these another shop system's next message would be known to be of the same person.
    update connector_order x set address_index = null, contact_index = null
    where x.order_id = any(p_orders) and x.tenant_id = p_tenant;
    return v_all;
end $$;

-- Forgets what was said in tickets, and told of them; how many values gave way.
create function forget_words(p_tickets bigint[]) returns bigint language plpgsql as $$
declare
    v_rows bigint;
    v_all bigint;
begin
    update handoff_note n set said = forgotten(n.said)
    where n.handoff_id = any(p_tickets) and strpos(n.said::text, '{"~') > 0;
    get diagnostics v_all = row_count;
    update outbox b set payload = forgotten(b.payload)
    from handoff t join event e on e.tenant_id = t.tenant_id and e.subject = 'handoff/' || t.id
    where t.id = any(p_tickets) and b.event_seq = e.seq and strpos(b.payload::text, '{"~') > 0;
    get diagnostics v_rows = row_count;
    v_all := v_all + v_rows;
    update event e set data = forgotten(e.data)
    from handoff t
    where t.id = any(p_tickets) and e.tenant_id = t.tenant_id and e.subject = 'handoff/' || t.id
      and strpos(e.data::text, '{"~') > 0;
    get diagnostics v_rows = row_count;
    return v_all + v_rows;
end $$;

-- As grant_rights() was, with what is only ever added to: events but for their persons, and the log.
create or replace function grant_rights() returns void language plpgsql as $$
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
    revoke update, delete on movement, movement_line, event, audit_note, audit_entry, audit_batch
        from stowline_staff, stowline_shop;
    grant update (data) on event to stowline_staff;
    for v_table in
        select inhrelid::regclass from pg_inherits
        where inhparent in ('movement'::regclass, 'movement_line'::regclass)
    loop
        execute format('revoke all on %s from stowline_staff, stowline_shop', v_table);
    end loop;
end $$;
