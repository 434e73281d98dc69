-- An order comes in with two calls: what has to be known of it, and its acceptance.

-- The warehouse, the shop's channel, the order of that number and the items, in one look.
create function order_facts(
    p_tenant bigint, p_shop bigint, p_owner bigint, p_external text, p_skus text[],
    out warehouse_id bigint, out warehouse text, out channel text, out order_id bigint,
    out body_hash bytea, out items jsonb
) language plpgsql stable
-- A few rows by their keys; planning them would take longer than reading them.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
begin
    select w.id, w.code, s.channel into warehouse_id, warehouse, channel
    from (select f.id, f.code from warehouse f order by f.id limit 1) w
    join shop s on s.id = p_shop;
    select o.id, o.body_hash into order_id, body_hash from shop_order o
    where o.tenant_id = p_tenant and o.shop_id = p_shop and o.external_order_id = p_external;
    select jsonb_agg(jsonb_build_object('item_id', i.id, 'sku', i.sku, 'name', i.name,
        'kind', i.kind, 'unit', i.unit, 'scale', i.scale, 'needs_approval', i.needs_approval,
        'packaging', (select jsonb_object_agg(p.level, p.factor)
                      from item_packaging p where p.item_id = i.id),
        'components', case when i.kind = 'bundle' then
            (select jsonb_agg(jsonb_build_object('item_id', c.component_id,
                 'quantity', c.quantity, 'needs_approval', part.needs_approval)
                 order by c.component_id)
             from item_component c join item part on part.id = c.component_id
             where c.item_id = i.id) end))
    into items
    from item i where i.owner_id = p_owner and i.tenant_id = p_tenant and i.sku = any(p_skus);
end $$;

-- Claims all that an order wants, or nothing, and writes it with its lines, its fulfilment order,
-- its promises and what is told of it. Where goods fall short the demand is noted instead, and
-- o_short says what is missing, as claim_availability does.
-- p_lines are [{line, item_id, quantity, unit, factor, unit_price_minor, shelf_life_min_days}];
-- the three arrays say what each line is made of: itself, or the components of a bundle. An order
-- from a sandbox claims nothing.
create function accept_order(
    p_tenant bigint, p_shop bigint, p_owner bigint, p_warehouse bigint, p_channel text,
    p_external text, p_body_hash bytea, p_currency text, p_total bigint, p_customer jsonb,
    p_ship_to jsonb, p_service text, p_sandbox boolean, p_backorder boolean,
    p_placed timestamptz, p_received timestamptz, p_expires timestamptz, p_actor text,
    p_lines jsonb, p_part_lines integer[], p_items bigint[], p_quantities bigint[],
    out o_order bigint, out o_fulfilment bigint, out o_admission bigint, out o_short jsonb,
    out o_backordered jsonb
) language plpgsql
-- A few rows by their keys, whatever the tables' statistics say while these are new or old; so are
-- the plans of the checks of foreign keys, which last as long as a connection. They are made once.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
begin
    if p_sandbox then
        o_admission := nextval('admission');
    else
        select c.o_admission, c.o_short, c.o_backordered
        into o_admission, o_short, o_backordered
        from claim_availability(p_warehouse, p_channel, p_items, p_quantities, p_backorder) c;
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
        channel, rank_at, backorder)
    values (p_tenant, p_shop, p_owner, p_external, p_body_hash, o_admission, 'accepted',
        p_currency, p_total, p_customer, p_ship_to, p_service, p_sandbox, p_placed, p_received,
        p_channel, order_rank(p_service, p_received), p_backorder)
    returning id into o_order;
    insert into fulfilment_order (tenant_id, order_id, warehouse_id, state)
    values (p_tenant, o_order, p_warehouse,
        case when o_backordered is null then 'open' else 'backordered' end)
    returning id into o_fulfilment;
    with l as (
        insert into order_line (tenant_id, order_id, line, item_id, quantity, unit, factor,
            unit_price_minor, shelf_life_min_days)
        select p_tenant, o_order, r.line, r.item_id, r.quantity, r.unit, r.factor,
            r.unit_price_minor, r.shelf_life_min_days
        from jsonb_to_recordset(p_lines) r(line int, item_id bigint, quantity bigint, unit text,
            factor bigint, unit_price_minor bigint, shelf_life_min_days int)
        returning id, line
    )
    insert into fulfilment_line (tenant_id, fulfilment_order_id, order_line_id, item_id, quantity)
    select p_tenant, o_fulfilment, l.id, u.item_id, u.quantity
    from unnest(p_part_lines, p_items, p_quantities) with ordinality
        u(line, item_id, quantity, number)
    join l on l.line = u.line order by u.number;
    if not p_sandbox then
        perform write_promises(o_order, p_warehouse, o_admission, p_expires, o_backordered);
    end if;
    perform emit_event(p_tenant, 'order.accepted', 'order/' || o_order, o_order,
        jsonb_build_object('order_id', o_order, 'external_order_id', p_external), p_actor,
        p_received);
end $$;

-- A line's parts are looked for from the order's side too.
create index fulfilment_line_of_line on fulfilment_line (order_line_id);
