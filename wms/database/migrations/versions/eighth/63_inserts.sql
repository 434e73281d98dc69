-- Gifts and inserts that a shop adds to orders by rule, as stocked lines that cost nothing; and the
-- words that go with a present.

-- What of an order has to be so for the rule to add its item; null and empty ask nothing.
create table insert_rule (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    shop_id bigint not null references shop,
    code text not null,
    kind text not null check (kind in ('gift', 'insert')),
    item_id bigint not null references item,
    quantity bigint not null check (quantity > 0),
    total_minor_min bigint check (total_minor_min >= 0),
    currency text,
    item_ids bigint[] not null default '{}',
    attribute text check (attribute in
        ('fragile', 'liquid', 'electronic', 'age_restricted', 'dangerous', 'needs_approval')),
    first_order boolean not null default false,
    once_per_buyer boolean not null default false,
    countries text[] not null default '{}',
    starts_at timestamptz,
    ends_at timestamptz,
    active boolean not null default true,
    unique (shop_id, code),
    check ((total_minor_min is null) = (currency is null)),
    check (starts_at < ends_at)
);
grant select, insert, update on insert_rule to stowline_shop;

-- The rule that added a line; a line without one was ordered.
alter table order_line
    add column insert_rule_id bigint references insert_rule,
    add column gift_message jsonb;
alter table shop_order add column gift_message jsonb;
create index order_line_inserted on order_line (insert_rule_id, order_id)
    where insert_rule_id is not null;

-- The rules that an order to a country, which its address keeps sealed, meets as it is now. A rule of
-- one time for a buyer is locked for that buyer, so that of orders that come at once one gets it.
create function rules_met(p_order bigint, p_country text)
returns setof insert_rule language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_order shop_order%rowtype;
    v_total bigint;
    v_items bigint[];
    r insert_rule%rowtype;
begin
    select * into v_order from shop_order where id = p_order;
    select sum(round(l.unit_price_minor * (l.quantity - l.cancelled)
               / (case when l.unit in ('', i.unit) then 10 ^ i.scale else l.factor end)::numeric)),
        array_agg(l.item_id)
    into v_total, v_items
    from order_line l join item i on i.id = l.item_id
    where l.order_id = p_order and l.insert_rule_id is null and l.quantity > l.cancelled;
    if v_items is null or v_order.state = 'cancelled' then
        return;
    end if;
    for r in
        select * from insert_rule x
        where x.shop_id = v_order.shop_id and x.active
          and (x.starts_at is null or v_order.received_at >= x.starts_at)
          and (x.ends_at is null or v_order.received_at < x.ends_at)
          and (x.total_minor_min is null
               or x.currency = v_order.currency and v_total >= x.total_minor_min)
          and (cardinality(x.item_ids) = 0 or x.item_ids && v_items)
          and (cardinality(x.countries) = 0 or p_country = any(x.countries))
          and (x.attribute is null or exists (
              select 1 from item i where i.id = any(v_items) and case x.attribute
                  when 'fragile' then i.fragile when 'liquid' then i.liquid
                  when 'electronic' then i.electronic when 'age_restricted' then i.age_min > 0
                  when 'dangerous' then i.dangerous_class <> ''
                  else i.needs_approval end))
        order by x.id
    loop
        if r.first_order or r.once_per_buyer then
            continue when v_order.buyer_index is null;
            perform pg_advisory_xact_lock(
                hashtextextended(encode(v_order.buyer_index, 'hex') || ' rule ' || r.id,
                    v_order.tenant_id));
            continue when r.first_order and exists (
                select 1 from shop_order o
                where o.tenant_id = v_order.tenant_id and o.buyer_index = v_order.buyer_index
                  and o.shop_id = v_order.shop_id and o.sandbox = v_order.sandbox
                  and o.id < p_order and o.state <> 'cancelled');
            continue when r.once_per_buyer and exists (
                select 1 from shop_order o join order_line l on l.order_id = o.id
                where o.tenant_id = v_order.tenant_id and o.buyer_index = v_order.buyer_index
                  and o.sandbox = v_order.sandbox and o.id <> p_order
                  and o.state <> 'cancelled' and l.insert_rule_id = r.id
                  and l.quantity > l.cancelled
                  and (o.paid_at is not null or o.sandbox or exists (
                      select 1 from promise p where p.order_line_id = l.id
                        and p.state <> 'expired')));
        end if;
        return next r;
    end loop;
end $$;

-- Adds what rules want of an order and it has not: claimed of the stock of where the order ships
-- from, by a part that nobody has begun with. What is not there is left out. Without an expiry the
-- claims are firm. [{line, sku, quantity, rule, kind, fulfilment_order_id}], the last null where it
-- was left out.
create function add_inserts(p_order bigint, p_country text, p_expires timestamptz) returns jsonb
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_told jsonb := '[]';
    v_order shop_order%rowtype;
    r record;
    f record;
    v_short jsonb;
    v_admission bigint;
    v_line bigint;
    v_number integer;
    v_fetched bigint;
    v_home bigint;
begin
    select * into v_order from shop_order where id = p_order;
    for r in
        select m.id, m.code, m.kind, m.item_id, m.quantity, i.sku
        from rules_met(p_order, p_country) m join item i on i.id = m.item_id
        where not exists (select 1 from order_line l where l.order_id = p_order
                          and l.insert_rule_id = m.id and l.quantity > l.cancelled)
        order by m.item_id, m.id
    loop
        v_home := null;
        for f in
            select u.id, u.warehouse_id from fulfilment_order u
            where u.order_id = p_order and not u.digital
              and u.state in ('open', 'scheduled', 'backordered')
            order by u.state <> 'open', u.id
        loop
            if not v_order.sandbox then
                select c.o_admission, c.o_short into v_admission, v_short
                from claim_availability(f.warehouse_id, v_order.channel, array[r.item_id],
                    array[r.quantity], false) c;
                continue when v_short is not null;
            end if;
            v_home := f.id;
            select max(l.line) + 1 into v_number from order_line l where l.order_id = p_order;
            insert into order_line (tenant_id, order_id, line, item_id, quantity, unit, factor,
                unit_price_minor, insert_rule_id)
            select v_order.tenant_id, p_order, v_number, r.item_id, r.quantity, i.unit, 1, 0, r.id
            from item i where i.id = r.item_id
            returning id into v_line;
            insert into fulfilment_line (tenant_id, fulfilment_order_id, order_line_id, item_id,
                quantity)
            values (v_order.tenant_id, f.id, v_line, r.item_id, r.quantity)
            returning id into v_fetched;
            if not v_order.sandbox then
                insert into promise (tenant_id, availability_id, order_line_id, fulfilment_line_id,
                    quantity, admission, state, expires_at, supply, channel, rank_at)
                select v_order.tenant_id, a.id, v_line, v_fetched, r.quantity, v_admission,
                    case when p_expires is null then 'firm' else 'open' end, p_expires, 'stock',
                    v_order.channel, v_order.rank_at
                from availability a
                where a.item_id = r.item_id and a.warehouse_id = f.warehouse_id and a.channel = '';
            end if;
            exit;
        end loop;
        v_told := v_told || jsonb_build_object('line', case when v_home is null then null
            else v_number end, 'sku', r.sku, 'quantity', r.quantity, 'rule', r.code,
            'kind', r.kind, 'fulfilment_order_id', v_home);
    end loop;
    return v_told;
end $$;

-- The lines that rules added to an order and want no more: [{id, line, quantity}].
create function inserts_unmet(p_order bigint, p_country text)
returns table (id bigint, line integer, quantity bigint) language plpgsql as $$
begin
    return query
    select l.id, l.line, l.quantity - l.cancelled from order_line l
    where l.order_id = p_order and l.insert_rule_id is not null and l.quantity > l.cancelled
      and l.insert_rule_id not in (select m.id from rules_met(p_order, p_country) m)
    order by l.line;
end $$;

-- Takes inserts out of fulfilment orders before they are packed: of these lines those that rules
-- added, or so much of each that nobody has picked, with what it was promised. What is in planned
-- parcels for it is out of them. [{fulfilment_line_id, fulfilment_order_id, line, order_id,
-- tenant_id, sku, quantity, rule, kind}].
create function leave_out_inserts(
    p_lines bigint[], p_reason text, p_quantities bigint[] default null
) returns jsonb language plpgsql as $$
declare
    v_told jsonb := '[]';
    r record;
    v_quantity bigint;
    v_part bigint;
begin
    for r in
        select f.id, f.quantity, f.picked, f.item_id, f.fulfilment_order_id, l.id as line_id,
            l.line, l.order_id, i.sku, x.code, x.kind, u.warehouse_id, u.tenant_id, w.quantity as out
        from unnest(p_lines, coalesce(p_quantities, '{}')) w(id, quantity)
        join fulfilment_line f on f.id = w.id join order_line l on l.id = f.order_line_id
        join insert_rule x on x.id = l.insert_rule_id join item i on i.id = f.item_id
        join fulfilment_order u on u.id = f.fulfilment_order_id
        where f.picked < f.quantity
          and u.state in ('open', 'scheduled', 'backordered', 'released', 'picking')
        order by f.id for update of f
    loop
        v_quantity := least(coalesce(r.out, r.quantity), r.quantity - r.picked);
        continue when v_quantity <= 0;
        insert into fulfilment_order (tenant_id, order_id, warehouse_id, state, source_reason)
        values (r.tenant_id, r.order_id, r.warehouse_id, 'cancelled',
            'taken out of fulfilment order ' || r.fulfilment_order_id || ': ' || p_reason)
        returning id into v_part;
        perform shrink_promises(r.line_id, r.id, r.quantity - v_quantity);
        perform shrink_parcels(r.id, r.quantity - v_quantity);
        if v_quantity = r.quantity then
            update fulfilment_line set fulfilment_order_id = v_part where id = r.id;
        else
            update fulfilment_line set quantity = quantity - v_quantity,
                line_quantity = quantity - v_quantity
            where id = r.id;
            insert into fulfilment_line (tenant_id, fulfilment_order_id, order_line_id, item_id,
                quantity, line_quantity)
            values (r.tenant_id, v_part, r.line_id, r.item_id, v_quantity, v_quantity);
        end if;
        update order_line set cancelled = cancelled + v_quantity where id = r.line_id;
        v_told := v_told || jsonb_build_object('fulfilment_line_id', r.id,
            'fulfilment_order_id', r.fulfilment_order_id, 'line', r.line,
            'order_id', r.order_id, 'tenant_id', r.tenant_id,
            'sku', r.sku, 'quantity', v_quantity, 'rule', r.code, 'kind', r.kind);
    end loop;
    return v_told;
end $$;

-- Leaves a line so much of its standing promises, and gives the rest back.
create function shrink_promises(p_line bigint, p_fetched bigint, p_left bigint) returns void
language plpgsql as $$
declare
    r record;
    v_kept bigint := 0;
    v_off bigint;
begin
    for r in
        select p.id, p.availability_id, p.channel, p.quantity from promise p
        where p.order_line_id = p_line and p.fulfilment_line_id = p_fetched
          and p.supply = 'stock' and p.state in ('open', 'firm')
        order by p.id for update
    loop
        v_off := greatest(v_kept + r.quantity - p_left, 0);
        v_off := least(v_off, r.quantity);
        v_kept := v_kept + r.quantity - v_off;
        continue when v_off = 0;
        update promise set state = case when v_off = r.quantity then 'freed' else state end,
            expires_at = case when v_off = r.quantity then null else expires_at end,
            quantity = case when v_off = r.quantity then quantity else quantity - v_off end
        where id = r.id;
        update availability set promised = promised - v_off where id = r.availability_id;
        update channel_allocation c set promised = c.promised - v_off from availability a
        where a.id = r.availability_id and a.has_allocations and c.item_id = a.item_id
          and c.warehouse_id = a.warehouse_id and c.channel = r.channel;
    end loop;
end $$;

-- Leaves so much of a line in the parcels that are planned for it, from the last one on.
create function shrink_parcels(p_fetched bigint, p_left bigint) returns void
language plpgsql as $$
declare
    r record;
    v_over bigint;
begin
    select coalesce(sum(x.quantity), 0) - p_left into v_over
    from parcel_line x join parcel p on p.id = x.parcel_id
    where x.fulfilment_line_id = p_fetched and p.state <> 'void';
    for r in
        select x.parcel_id, x.quantity - x.packed as free, x.quantity from parcel_line x
        join parcel p on p.id = x.parcel_id
        where x.fulfilment_line_id = p_fetched and p.state in ('planned', 'open')
        order by p.number desc for update of x
    loop
        exit when v_over <= 0;
        if least(v_over, r.free) = r.quantity then
            delete from parcel_line
            where parcel_id = r.parcel_id and fulfilment_line_id = p_fetched;
        else
            update parcel_line set quantity = quantity - least(v_over, r.free)
            where parcel_id = r.parcel_id and fulfilment_line_id = p_fetched;
        end if;
        v_over := v_over - r.free;
    end loop;
end $$;

-- Leaves out of an order whose promises have expired the inserts that are not there any more beside
-- what it orders; what is looked at stays locked until the transaction ends.
create function leave_out_missing(p_order bigint) returns jsonb language plpgsql as $$
declare
    v_gone bigint[];
begin
    perform 1 from availability a
    where a.channel = '' and (a.item_id, a.warehouse_id) in (
        select f.item_id, u.warehouse_id from fulfilment_line f
        join fulfilment_order u on u.id = f.fulfilment_order_id where u.order_id = p_order)
    order by a.id for no key update;
    select array_agg(f.id) into v_gone
    from fulfilment_order u join shop_order o on o.id = u.order_id
    join fulfilment_line f on f.fulfilment_order_id = u.id
    join order_line l on l.id = f.order_line_id
    left join availability a
      on a.item_id = f.item_id and a.warehouse_id = u.warehouse_id and a.channel = ''
    where u.order_id = p_order and u.state in ('open', 'scheduled', 'backordered')
      and l.insert_rule_id is not null
      and not exists (select 1 from promise p where p.order_line_id = l.id
                      and p.fulfilment_line_id = f.id and p.state in ('open', 'firm', 'kept'))
      and (select sum(g.quantity) from fulfilment_line g
           join fulfilment_order v on v.id = g.fulfilment_order_id
           where v.order_id = p_order and v.warehouse_id = u.warehouse_id
             and v.state in ('open', 'scheduled', 'backordered') and g.item_id = f.item_id)
          > coalesce(a.sellable - a.promised - a.held_back - case when a.has_allocations
              then allocated_to_others(a.item_id, a.warehouse_id, o.channel) else 0 end, 0);
    if v_gone is null then
        return '[]';
    end if;
    return leave_out_inserts(v_gone, 'not in stock any more');
end $$;
