-- Orders come to any of the warehouses that may ship for their shop, whole or in parts.

-- Where a warehouse stands, for shops that do not know their buyers' coordinates.
alter table warehouse
    add column country text not null default '',
    add column postal_code text not null default '';

-- The warehouses that ship for a shop; without a row for it, all do.
create table shop_warehouse (
    shop_id bigint not null references shop,
    tenant_id bigint not null references tenant,
    warehouse_id bigint not null references warehouse,
    primary key (shop_id, warehouse_id)
);
grant select, insert, delete on shop_warehouse to stowline_shop;

-- What a shop asks of its orders beyond what each order says.
alter table shop add column rules jsonb not null default '{}';

-- What the shop wished where not all is there; and how much of a line will never ship, by that.
alter table shop_order add column fulfilment text not null default 'ship_together'
    check (fulfilment in ('fill_or_kill', 'fill_available', 'ship_together'));
-- What of the total is for goods that turned out never to ship, in minor units; an edit takes what
-- it leaves out off the total itself.
alter table shop_order add column short_minor bigint not null default 0 check (short_minor >= 0);
-- What the buyer wrote for whoever packs it, sealed.
alter table shop_order add column buyer_note jsonb;
alter table order_line
    add column cancelled bigint not null default 0,
    add constraint order_line_cancelled check (cancelled between 0 and quantity);
grant update on order_line to stowline_shop;

-- Why this warehouse, in a plain sentence.
alter table fulfilment_order add column source_reason text not null default '';

insert into fulfilment_move (from_state, event, to_state) values
    ('scheduled', 'close_short', 'incomplete'),
    ('backordered', 'close_short', 'incomplete'),
    ('open', 'close_short', 'incomplete');

-- A promise is of what one fulfilment order fetches of a line, so that the parts of an order that
-- go their own ways are promised each for itself.
drop index fulfilment_line_of_line;
create unique index fulfilment_line_of_line on fulfilment_line (order_line_id, id);
alter table promise add column fulfilment_line_id bigint;
update promise p set fulfilment_line_id = (
    select l.id from fulfilment_line l
    join fulfilment_order f on f.id = l.fulfilment_order_id
    join availability a on a.id = p.availability_id
    where l.order_line_id = p.order_line_id and l.item_id = a.item_id
      and f.warehouse_id = a.warehouse_id
    order by l.id limit 1);
alter table promise
    alter column fulfilment_line_id set not null,
    drop constraint promise_order_line_id_fkey,
    add constraint promise_of_its_line foreign key (order_line_id, fulfilment_line_id)
        references fulfilment_line (order_line_id, id);
drop index promise_of_line;
create index promise_of_line on promise (order_line_id, fulfilment_line_id);

-- How much of its order line a fulfilment line stands for, in the line's smallest units; null is
-- all of it.
alter table fulfilment_line
    add column line_quantity bigint check (line_quantity > 0);
grant update, delete on fulfilment_line to stowline_shop;

-- Writes what was claimed for a fulfilment order: a promise for each of its lines. Without an
-- expiry they are firm.
drop function write_promises(bigint, bigint, bigint, timestamptz, jsonb);
create function write_promises(
    p_fulfilment bigint, p_admission bigint, p_expires timestamptz, p_backordered jsonb
) returns void language plpgsql as $$
begin
    insert into promise (tenant_id, availability_id, order_line_id, fulfilment_line_id, quantity,
        admission, state, expires_at, supply, expected_at, channel, rank_at)
    select l.tenant_id, a.id, l.order_line_id, l.id, l.quantity, p_admission,
        case when p_expires is null then 'firm' else 'open' end, p_expires,
        case when b.item_id is null then 'stock' else 'inbound' end, b.expected_at, o.channel,
        o.rank_at
    from fulfilment_order f
    join shop_order o on o.id = f.order_id
    join fulfilment_line l on l.fulfilment_order_id = f.id
    join availability a
      on a.item_id = l.item_id and a.warehouse_id = f.warehouse_id and a.channel = ''
    left join jsonb_to_recordset(coalesce(p_backordered, '[]'))
        b(item_id bigint, expected_at timestamptz) on b.item_id = l.item_id
    where f.id = p_fulfilment order by l.id;
end $$;

-- A fulfilment line has at most one standing promise on stock and one on what is on its way, so a
-- part joins the line's promise on stock where there is one.
create or replace function move_to_stock(p_promise bigint, p_part bigint) returns void
language plpgsql as $$
declare
    v_promise promise%rowtype;
begin
    select * into v_promise from promise where id = p_promise;
    update promise set quantity = quantity + p_part
    where order_line_id = v_promise.order_line_id
      and fulfilment_line_id = v_promise.fulfilment_line_id
      and availability_id = v_promise.availability_id and supply = 'stock'
      and state in ('open', 'firm');
    if found and p_part = v_promise.quantity then
        delete from promise where id = p_promise;
        return;
    elsif p_part = v_promise.quantity then
        update promise set supply = 'stock', expected_at = null where id = p_promise;
        return;
    elsif not found then
        insert into promise (tenant_id, availability_id, order_line_id, fulfilment_line_id,
            quantity, admission, state, made_at, expires_at, channel, rank_at)
        values (v_promise.tenant_id, v_promise.availability_id, v_promise.order_line_id,
            v_promise.fulfilment_line_id, p_part, v_promise.admission, v_promise.state,
            v_promise.made_at, v_promise.expires_at, v_promise.channel, v_promise.rank_at);
    end if;
    update promise set quantity = quantity - p_part where id = p_promise;
end $$;

-- Locks the availability of items in warehouses, in id order, and says what of each could be
-- promised to a channel: of the stock, and of what is on its way.
create function lock_stock(p_items bigint[], p_warehouses bigint[], p_channel text)
returns table (warehouse_id bigint, item_id bigint, free bigint, coming bigint)
language plpgsql
-- A few rows by their keys, whatever the tables' statistics say while these are new or old.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    perform 1 from availability a
    where a.item_id = any(p_items) and a.warehouse_id = any(p_warehouses) and a.channel = ''
    order by a.id for no key update;
    -- Read in a statement of its own, which sees the rows as the locks found them.
    return query
    select a.warehouse_id, a.item_id,
        greatest(a.sellable - a.promised - a.held_back
            - case when a.has_allocations
                   then allocated_to_others(a.item_id, a.warehouse_id, p_channel) else 0 end, 0),
        greatest(a.inbound - a.backordered, 0)
    from availability a
    where a.item_id = any(p_items) and a.warehouse_id = any(p_warehouses) and a.channel = '';
end $$;

-- The warehouses that may ship, the shop's channel and rules, the order of that number and the
-- items, in one look; a warehouse as [id, code, latitude, longitude, country, postal code]. What a
-- later rule has to know of shop or item is added here.
drop function order_facts(bigint, bigint, bigint, text, text[]);
create function order_facts(
    p_tenant bigint, p_shop bigint, p_owner bigint, p_external text, p_skus text[],
    p_placed timestamptz,
    out warehouses jsonb, out channel text, out rules jsonb, out order_id bigint,
    out body_hash bytea, out items jsonb
) language plpgsql stable
-- A few rows by their keys; planning them would take longer than reading them.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
begin
    select s.channel,
        s.rules || case when exists (select 1 from insert_rule r
                                     where r.shop_id = p_shop and r.active)
                        then '{"inserts": true}' else '{}'::jsonb end,
        (select jsonb_agg(jsonb_build_array(w.id, w.code, w.latitude, w.longitude, w.country,
             w.postal_code) order by w.id)
         from warehouse w
         where not exists (select 1 from shop_warehouse x where x.shop_id = p_shop)
            or exists (select 1 from shop_warehouse x
                       where x.shop_id = p_shop and x.warehouse_id = w.id))
    into channel, rules, warehouses from shop s where s.id = p_shop;
    select o.id, o.body_hash into order_id, body_hash from shop_order o
    where o.tenant_id = p_tenant and o.shop_id = p_shop and o.external_order_id = p_external;
    select jsonb_agg(jsonb_build_object('item_id', i.id, 'sku', i.sku, 'name', i.name,
        'kind', i.kind, 'unit', i.unit, 'scale', i.scale, 'needs_approval', i.needs_approval,
        'approval_kind', i.approval_kind, 'list_price_minor', i.usual_price_minor,
        'medians', (select jsonb_object_agg(u.currency,
                        jsonb_build_array(u.price_minor, u.quantity, u.lines))
                    from item_usual u where u.item_id = i.id),
        'offers', (select jsonb_agg(jsonb_build_array(o.currency, o.price_minor))
                   from promotion_item o join promotion p on p.id = o.promotion_id
                   where o.item_id = i.id and o.price_minor is not null and p.shop_id = p_shop
                     and p_placed >= p.starts_at and p_placed < p.ends_at),
        'available_from', i.available_from, 'made_to_order_days', i.made_to_order_days,
        'ruled', i.limit_per_buyer is not null
            or exists (select 1 from sale_item x where x.item_id = i.id),
        'digital', i.digital,
        'digital_at', case when i.digital <> '' then digital_warehouse() end,
        'packaging', (select jsonb_object_agg(p.level, p.factor)
                      from item_packaging p where p.item_id = i.id),
        'components', case when i.kind = 'bundle' then
            (select jsonb_agg(jsonb_build_object('item_id', c.component_id,
                 'quantity', c.quantity, 'needs_approval', part.needs_approval,
                 'approval_kind', part.approval_kind,
                 'ruled', part.limit_per_buyer is not null
                     or exists (select 1 from sale_item x where x.item_id = part.id),
                 'available_from', part.available_from)
                 order by c.component_id)
             from item_component c join item part on part.id = c.component_id
             where c.item_id = i.id) end))
    into items
    from item i where i.owner_id = p_owner and i.tenant_id = p_tenant and i.sku = any(p_skus);
end $$;

-- Claims all that the parts of an order want, or nothing, and writes the order with its lines, a
-- fulfilment order for each part, its promises and what is told of it. Where goods fall short the
-- demand is noted instead, and o_short says what is missing, as claim_availability does.
-- p_lines are [{line, item_id, quantity, unit, factor, unit_price_minor, shelf_life_min_days,
-- cancelled}]; p_parts are [{warehouse_id, backorder, reason, due_at,
-- digital}], of which each takes
-- goods that are on their way or not, and is scheduled where it waits for a day. The five arrays say what each line is made of, itself or the components of
-- a bundle, which part of the order, counted from 1, fetches it, and of how much of the line that
-- is a share, or null. Where there are several parts the caller has locked what they claim, with
-- lock_stock, and found that it suffices. An order from a sandbox claims nothing.
drop function accept_order(bigint, bigint, bigint, bigint, text, text, bytea, text, bigint, jsonb,
    jsonb, text, boolean, boolean, timestamptz, timestamptz, timestamptz, text, jsonb, integer[],
    bigint[], bigint[]);
create function accept_order(
    p_tenant bigint, p_shop bigint, p_owner bigint, p_channel text, p_external text,
    p_body_hash bytea, p_currency text, p_total bigint, p_customer jsonb, p_ship_to jsonb,
    p_service text, p_sandbox boolean, p_backorder boolean, p_fulfilment text, p_language text,
    p_buyer bytea, p_placed timestamptz, p_received timestamptz, p_expires timestamptz,
    p_actor text, p_lines jsonb, p_parts jsonb, p_part_of integer[], p_part_lines integer[],
    p_items bigint[], p_quantities bigint[], p_shares bigint[],
    out o_order bigint, out o_fulfilments bigint[], out o_admission bigint, out o_short jsonb,
    out o_backordered jsonb
) language plpgsql
-- A few rows by their keys, whatever the tables' statistics say while these are new or old; so are
-- the plans of the checks of foreign keys, which last as long as a connection. They are made once.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
declare
    v_count integer := jsonb_array_length(p_parts);
    v_part jsonb;
    v_items bigint[];
    v_quantities bigint[];
    v_admission bigint;
    v_fulfilment bigint;
    v_waiting jsonb;
    v_sources jsonb := '[]';
    v_backordered jsonb[] := array_fill(null::jsonb, array[v_count]);
begin
    if p_sandbox then
        o_admission := nextval('admission');
    else
        for v_number in 1..v_count loop
            v_part := p_parts -> v_number - 1;
            if v_count = 1 then
                v_items := p_items;
                v_quantities := p_quantities;
            else
                select array_agg(u.item_id), array_agg(u.quantity) into v_items, v_quantities
                from unnest(p_part_of, p_items, p_quantities) u(part, item_id, quantity)
                where u.part = v_number;
            end if;
            select c.o_admission, c.o_short, c.o_backordered
            into v_admission, o_short, v_waiting
            from claim_availability((v_part ->> 'warehouse_id')::bigint, p_channel, v_items,
                v_quantities, (v_part ->> 'backorder')::boolean) c;
            o_admission := coalesce(o_admission, v_admission);
            v_backordered[v_number] := v_waiting;
            if o_short is not null and v_number > 1 then
                raise exception 'what is locked for part % of an order does not suffice', v_number;
            end if;
            exit when o_short is not null;
        end loop;
    end if;
    if o_short is not null then
        insert into refused_demand (tenant_id, item_id, quantity, available, external_order_id,
            channel, admission)
        select p_tenant, s.item_id, s.wanted, s.available, p_external, p_channel, o_admission
        from jsonb_to_recordset(o_short) s(item_id bigint, wanted bigint, available bigint);
        return;
    end if;

    insert into shop_order (tenant_id, shop_id, owner_id, external_order_id, body_hash, admission,
        state, currency, total_minor, customer, ship_to, service, sandbox, placed_at, received_at,
        channel, rank_at, backorder, fulfilment, language, buyer_index)
    values (p_tenant, p_shop, p_owner, p_external, p_body_hash, o_admission, 'accepted',
        p_currency, p_total, p_customer, p_ship_to, p_service, p_sandbox, p_placed, p_received,
        p_channel, order_rank(p_service, p_received), p_backorder, p_fulfilment, p_language,
        p_buyer)
    returning id into o_order;
    for v_number in 1..v_count loop
        v_part := p_parts -> v_number - 1;
        insert into fulfilment_order (tenant_id, order_id, warehouse_id, state, source_reason,
            due_at, digital)
        values (p_tenant, o_order, (v_part ->> 'warehouse_id')::bigint,
            case when v_part ->> 'due_at' is not null then 'scheduled'
                 when v_backordered[v_number] is null then 'open' else 'backordered' end,
            v_part ->> 'reason', (v_part ->> 'due_at')::timestamptz,
            coalesce((v_part ->> 'digital')::boolean, false))
        returning id into v_fulfilment;
        o_fulfilments := o_fulfilments || v_fulfilment;
        v_sources := v_sources || jsonb_build_object('fulfilment_order_id', v_fulfilment,
            'reason', v_part -> 'reason');
    end loop;
    with l as (
        insert into order_line (tenant_id, order_id, line, item_id, quantity, unit, factor,
            unit_price_minor, shelf_life_min_days, cancelled)
        select p_tenant, o_order, r.line, r.item_id, r.quantity, r.unit, r.factor,
            r.unit_price_minor, r.shelf_life_min_days, r.cancelled
        from jsonb_to_recordset(p_lines) r(line int, item_id bigint, quantity bigint, unit text,
            factor bigint, unit_price_minor bigint, shelf_life_min_days int, cancelled bigint)
        returning id, line
    )
    insert into fulfilment_line (tenant_id, fulfilment_order_id, order_line_id, item_id, quantity,
        line_quantity)
    select p_tenant, o_fulfilments[u.part], l.id, u.item_id, u.quantity, u.share
    from unnest(p_part_of, p_part_lines, p_items, p_quantities, p_shares) with ordinality
        u(part, line, item_id, quantity, share, number)
    join l on l.line = u.line order by u.number;
    if not p_sandbox then
        for v_number in 1..v_count loop
            perform write_promises(o_fulfilments[v_number], o_admission, p_expires,
                v_backordered[v_number]);
            o_backordered := case when v_backordered[v_number] is null then o_backordered
                else coalesce(o_backordered, '[]') || v_backordered[v_number] end;
        end loop;
    end if;
    perform emit_event(p_tenant, 'order.accepted', 'order/' || o_order, o_order,
        jsonb_build_object('order_id', o_order, 'external_order_id', p_external,
            'sources', v_sources),
        p_actor, p_received);
end $$;

-- Gives a part of a fulfilment line to another fulfilment order of the same order and warehouse,
-- with its claims: with p_stock_first those on the stock, then those on what is on its way, then
-- what is promised no more; else the other way round. All of a line goes as it is. p_share is how
-- much of the order line it is.
-- Whoever calls it has locked the line's availability.
create function give_line(
    p_line bigint, p_fulfilment bigint, p_quantity bigint, p_share bigint, p_stock_first boolean
) returns void language plpgsql as $$
declare
    v_line fulfilment_line%rowtype;
    v_new bigint;
    v_left bigint := p_quantity;
    v_part bigint;
    v_promise promise%rowtype;
begin
    select * into v_line from fulfilment_line where id = p_line for no key update;
    if p_quantity = v_line.quantity then
        update fulfilment_line set fulfilment_order_id = p_fulfilment where id = p_line;
        return;
    end if;
    insert into fulfilment_line (tenant_id, fulfilment_order_id, order_line_id, item_id, quantity,
        line_quantity)
    values (v_line.tenant_id, p_fulfilment, v_line.order_line_id, v_line.item_id, p_quantity,
        p_share)
    returning id into v_new;
    if not p_stock_first then
        select greatest(p_quantity - (v_line.quantity - coalesce(sum(p.quantity), 0)), 0)
        into v_left from promise p
        where p.order_line_id = v_line.order_line_id and p.fulfilment_line_id = p_line
          and p.state in ('open', 'firm');
    end if;
    update fulfilment_line f set quantity = f.quantity - p_quantity,
        line_quantity = coalesce(f.line_quantity, l.quantity) - p_share
    from order_line l where f.id = p_line and l.id = f.order_line_id;
    for v_promise in
        select * from promise p
        where p.order_line_id = v_line.order_line_id and p.fulfilment_line_id = p_line
          and p.state in ('open', 'firm')
        order by (p.supply = 'stock') <> p_stock_first, p.id for no key update
    loop
        v_part := least(v_promise.quantity, v_left);
        exit when v_part = 0;
        v_left := v_left - v_part;
        if v_part = v_promise.quantity then
            update promise set fulfilment_line_id = v_new where id = v_promise.id;
            continue;
        end if;
        update promise set quantity = quantity - v_part where id = v_promise.id;
        insert into promise (tenant_id, availability_id, order_line_id, fulfilment_line_id,
            quantity, admission, state, made_at, expires_at, supply, expected_at, channel, rank_at)
        values (v_promise.tenant_id, v_promise.availability_id, v_promise.order_line_id, v_new,
            v_part, v_promise.admission, v_promise.state, v_promise.made_at,
            v_promise.expires_at, v_promise.supply, v_promise.expected_at, v_promise.channel,
            v_promise.rank_at);
    end loop;
end $$;
