-- Claims on availability, and how backorders come to their goods.

-- How much of an item other channels than this one still have to themselves.
create function allocated_to_others(p_item bigint, p_warehouse bigint, p_channel text)
returns bigint language sql stable as $$
    select coalesce(sum(greatest(quantity - promised, 0)), 0)::bigint from channel_allocation
    where item_id = p_item and warehouse_id = p_warehouse and channel <> p_channel
$$;

-- When what is on its way will have brought this much, or null where it never does.
create function supply_date(p_availability bigint, p_quantity bigint)
returns timestamptz language sql stable as $$
    select min(s.expected_at)
    from (select expected_at, sum(quantity) over (order by expected_at, id) as running
          from supply where availability_id = p_availability and quantity > 0) s
    where s.running >= p_quantity
$$;

-- The moment that an order counts as having come in: earlier by its class's head start, so that
-- it overtakes what came in that much before it, and nothing older.
create function order_rank(p_service text, p_received timestamptz)
returns timestamptz language sql stable as $$
    select p_received - make_interval(secs => coalesce(
        (select head_start_s from service_class where service = p_service), 0))
$$;

-- Claims availability for all wanted items or for none. The rows are locked in id order; the
-- admission number is drawn under the locks, for who gets nothing too, so that no loser's number
-- precedes a winner's.
-- o_short is null where all was claimed, else the items that fall short, as
-- [{item_id, wanted, available}]; o_backordered is null where all is in stock, else the items that
-- are claimed of what is on its way, as [{item_id, quantity, expected_at}].
drop function claim_availability(bigint, text, bigint[], bigint[]);
create function claim_availability(
    p_warehouse bigint, p_channel text, p_items bigint[], p_quantities bigint[],
    p_backorder boolean,
    out o_admission bigint, out o_short jsonb, out o_backordered jsonb
) language plpgsql
-- A few rows by their keys, whatever the tables' statistics say while these are new or old.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_ids bigint[];
    v_quantities bigint[];
    v_coming_ids bigint[];
    v_coming_quantities bigint[];
    v_plain boolean;
begin
    -- A lock shows the row as it is once the lock is held.
    select array_agg(x.id), array_agg(x.quantity), bool_and(x.plain)
    into v_ids, v_quantities, v_plain
    from (
        select a.id, w.quantity, not a.has_allocations
            and a.sellable - a.promised - a.held_back >= w.quantity as plain
        from (select u.item_id, sum(u.quantity)::bigint as quantity
              from unnest(p_items, p_quantities) u(item_id, quantity) group by 1) w
        join availability a
          on a.item_id = w.item_id and a.warehouse_id = p_warehouse and a.channel = ''
        order by a.id for no key update of a
    ) x;
    o_admission := nextval('admission');
    if coalesce(v_plain, true)
       and coalesce(cardinality(v_ids), 0)
           = (select count(distinct u.item_id) from unnest(p_items) u(item_id)) then
        update availability a set promised = a.promised + w.quantity
        from unnest(v_ids, v_quantities) w(id, quantity) where a.id = w.id;
        return;
    end if;

    select jsonb_agg(jsonb_build_object('item_id', j.item_id, 'wanted', j.quantity,
            'available', greatest(j.free, j.coming)))
            filter (where j.free < j.quantity and j.coming < j.quantity),
        array_agg(j.id) filter (where j.free >= j.quantity),
        array_agg(j.quantity) filter (where j.free >= j.quantity),
        array_agg(j.id) filter (where j.free < j.quantity),
        array_agg(j.quantity) filter (where j.free < j.quantity)
    into o_short, v_ids, v_quantities, v_coming_ids, v_coming_quantities
    from (
        select w.item_id, w.quantity, a.id,
            greatest(a.sellable - a.promised - a.held_back
                - case when a.has_allocations
                       then allocated_to_others(w.item_id, p_warehouse, p_channel) else 0 end,
                0) as free,
            case when p_backorder then coalesce(a.inbound - a.backordered, 0) else 0 end as coming
        from (select u.item_id, sum(u.quantity)::bigint as quantity
              from unnest(p_items, p_quantities) u(item_id, quantity) group by 1) w
        left join availability a
          on a.item_id = w.item_id and a.warehouse_id = p_warehouse and a.channel = ''
         and a.id = any(v_ids)
    ) j;
    if o_short is not null then
        return;
    end if;

    update channel_allocation c set promised = c.promised + w.quantity
    from unnest(v_ids, v_quantities) w(id, quantity) join availability a on a.id = w.id
    where a.has_allocations and c.item_id = a.item_id and c.warehouse_id = a.warehouse_id
      and c.channel = p_channel;
    update availability a set promised = a.promised + w.quantity
    from unnest(v_ids, v_quantities) w(id, quantity) where a.id = w.id;
    if v_coming_ids is not null then
        with coming as (
            update availability a set backordered = a.backordered + w.quantity
            from unnest(v_coming_ids, v_coming_quantities) w(id, quantity) where a.id = w.id
            returning a.id, a.item_id, w.quantity, a.backordered
        )
        select jsonb_agg(jsonb_build_object('item_id', c.item_id, 'quantity', c.quantity,
            'expected_at', supply_date(c.id, c.backordered)))
        into o_backordered from coming c;
    end if;
end $$;

-- Writes what was claimed for an order: a promise for each line and item of its fulfilment order.
-- Without an expiry they are firm.
create function write_promises(
    p_order bigint, p_warehouse bigint, p_admission bigint, p_expires timestamptz,
    p_backordered jsonb
) returns void language plpgsql as $$
begin
    insert into promise (tenant_id, availability_id, order_line_id, quantity, admission, state,
        expires_at, supply, expected_at, channel, rank_at)
    select l.tenant_id, a.id, l.order_line_id, l.quantity, p_admission,
        case when p_expires is null then 'firm' else 'open' end, p_expires,
        case when b.item_id is null then 'stock' else 'inbound' end, b.expected_at, o.channel,
        o.rank_at
    from shop_order o
    join fulfilment_order f on f.order_id = o.id and f.warehouse_id = p_warehouse
    join fulfilment_line l on l.fulfilment_order_id = f.id
    join availability a
      on a.item_id = l.item_id and a.warehouse_id = p_warehouse and a.channel = ''
    left join jsonb_to_recordset(coalesce(p_backordered, '[]'))
        b(item_id bigint, expected_at timestamptz) on b.item_id = l.item_id
    where o.id = p_order order by l.id;
end $$;

-- Makes waiting claims promises on stock, by rank, as far as what is free reaches; the orders that
-- got some. The first p_forced of them take what other orders may not: goods that came for them.
-- A claim that gets a part waits on for the rest, so later and smaller ones never starve it.
create function supply_backorders(p_availability bigint, p_forced bigint)
returns setof bigint language plpgsql as $$
declare
    v_place availability%rowtype;
    v_waiting record;
    v_left bigint;
    v_part bigint;
    v_taken bigint := 0;
begin
    select * into v_place from availability where id = p_availability for no key update;
    if v_place.backordered = 0 then
        return;
    end if;
    for v_waiting in
        select p.*, l.order_id from promise p join order_line l on l.id = p.order_line_id
        where p.availability_id = p_availability and p.supply = 'inbound'
          and p.state in ('open', 'firm')
        order by p.rank_at, p.admission, p.id for no key update of p
    loop
        v_left := v_place.sellable - v_place.promised - v_taken;
        v_part := least(v_waiting.quantity, v_left, greatest(p_forced - v_taken,
            v_left - v_place.held_back
            - case when v_place.has_allocations then allocated_to_others(
                  v_place.item_id, v_place.warehouse_id, v_waiting.channel) else 0 end));
        if v_part <= 0 then
            exit when v_left <= 0 or not v_place.has_allocations;
            continue;
        end if;
        perform move_to_stock(v_waiting.id, v_part);
        if v_place.has_allocations then
            update channel_allocation set promised = promised + v_part
            where item_id = v_place.item_id and warehouse_id = v_place.warehouse_id
              and channel = v_waiting.channel;
        end if;
        v_taken := v_taken + v_part;
        return next v_waiting.order_id;
    end loop;
    if v_taken > 0 then
        update availability set promised = promised + v_taken, backordered = backordered - v_taken
        where id = p_availability;
    end if;
end $$;

-- A line has at most one standing promise on stock and one on what is on its way, so a part joins
-- the line's promise on stock where there is one.
create function move_to_stock(p_promise bigint, p_part bigint) returns void
language plpgsql as $$
declare
    v_promise promise%rowtype;
begin
    select * into v_promise from promise where id = p_promise;
    update promise set quantity = quantity + p_part
    where order_line_id = v_promise.order_line_id
      and availability_id = v_promise.availability_id and supply = 'stock'
      and state in ('open', 'firm');
    if found and p_part = v_promise.quantity then
        delete from promise where id = p_promise;
        return;
    elsif p_part = v_promise.quantity then
        update promise set supply = 'stock', expected_at = null where id = p_promise;
        return;
    elsif not found then
        insert into promise (tenant_id, availability_id, order_line_id, quantity, admission,
            state, made_at, expires_at, channel, rank_at)
        values (v_promise.tenant_id, v_promise.availability_id, v_promise.order_line_id, p_part,
            v_promise.admission, v_promise.state, v_promise.made_at, v_promise.expires_at,
            v_promise.channel, v_promise.rank_at);
    end if;
    update promise set quantity = quantity - p_part where id = p_promise;
end $$;

-- Claims goods on their way for all wanted items, or for none: as o_backordered of
-- claim_availability, or null.
create function claim_coming(p_warehouse bigint, p_items bigint[], p_quantities bigint[])
returns jsonb language plpgsql as $$
declare
    v_backordered jsonb;
begin
    perform 1 from availability
    where item_id = any(p_items) and warehouse_id = p_warehouse and channel = ''
    order by id for no key update;
    if exists (
        select 1
        from (select u.item_id, sum(u.quantity) as quantity
              from unnest(p_items, p_quantities) u(item_id, quantity) group by 1) w
        left join availability a
          on a.item_id = w.item_id and a.warehouse_id = p_warehouse and a.channel = ''
        where coalesce(a.inbound - a.backordered, 0) < w.quantity
    ) then
        return null;
    end if;
    with coming as (
        update availability a set backordered = a.backordered + w.quantity
        from (select u.item_id, sum(u.quantity)::bigint as quantity
              from unnest(p_items, p_quantities) u(item_id, quantity) group by 1) w
        where a.item_id = w.item_id and a.warehouse_id = p_warehouse and a.channel = ''
        returning a.id, a.item_id, w.quantity, a.backordered
    )
    select jsonb_agg(jsonb_build_object('item_id', c.item_id, 'quantity', c.quantity,
        'expected_at', supply_date(c.id, c.backordered)))
    into v_backordered from coming c;
    return v_backordered;
end $$;
