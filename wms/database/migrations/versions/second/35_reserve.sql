-- Bins are reserved for many lines in one call.

-- Reserves for lines of orders, in the order given: of each item what expires first, then along the
-- walk. One line may be served from several bins, and one that falls short gets what is left; with
-- p_whole it gets nothing, and nor does who comes after it for the same item. Left out is what has
-- expired or does not last the days that a line of the item asks for, what lies in a place that
-- nothing leaves, and what lies in a zone that is paused.
-- Balances are locked in id order, so two calls never wait for each other in a ring; what a lock
-- hands out is the row as it is then, whoever changed it meanwhile, so two calls never take the
-- same goods. `offset 0` makes the items lead the way, whatever the statistics say of the places.
create function reserve_lines(
    p_warehouse bigint, p_lines bigint[], p_items bigint[], p_quantities bigint[],
    p_days integer[], p_at timestamptz, p_whole boolean default false
) returns table (
    fulfilment_line_id bigint, reservation_id bigint, balance_id bigint, place_id bigint,
    quantity bigint
) language plpgsql
-- A few rows by their keys, whatever the tables' statistics say while these are new or old, and
-- planned once: to plan a call would cost more than the call.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
    v_zone text := (select w.time_zone from warehouse w where w.id = p_warehouse);
    v_paused text[] := array(select h.zone from floor_pause h
                             where h.warehouse_id = p_warehouse and h.ended_at is null);
begin
    if '' = any(v_paused) then
        return;
    end if;
    return query
    with want as materialized (
        select u.line_id, u.item_id, (sum(u.quantity) over w - u.quantity)::bigint as low,
            (sum(u.quantity) over w)::bigint as high, u.days
        from unnest(p_lines, p_items, p_quantities, p_days) with ordinality
            u(line_id, item_id, quantity, days, number)
        window w as (partition by u.item_id order by u.number)
    ), item as materialized (
        select item_id, max(days) as days, max(high) as wanted from want group by 1
    ), held as materialized (
        select b.id, b.tenant_id, b.place_id, b.item_id, b.expires_on,
            b.on_hand - b.reserved as free, p.walk_seq, i.days, i.wanted
        from item i
        join balance b on b.item_id = i.item_id and b.item_id = any(p_items)
        cross join lateral (
            select p.walk_seq from place p
            where p.id = b.place_id and p.warehouse_id = p_warehouse and p.kind = 'bin'
              and not p.blocked_out and p.zone <> all(v_paused)
            offset 0) p
        where b.status = 'available' and b.on_hand > b.reserved
        order by b.id for no key update of b
    ), shelf as materialized (
        -- All that may be taken, up to what is wanted; the rest has only been locked.
        select f.id, f.tenant_id, f.place_id, f.item_id, f.low, f.low + f.free as high
        from (select h.*, (sum(h.free) over s - h.free)::bigint as low
              from held h
              where coalesce(days_left(h.expires_on, p_at, v_zone) >= h.days, true)
              window s as (partition by h.item_id
                           order by h.expires_on nulls last, h.walk_seq, h.id)) f
        where f.low < f.wanted
    ), share as materialized (
        select w.line_id, s.id, s.tenant_id, s.place_id,
            least(w.high, s.high) - greatest(w.low, s.low) as quantity
        from want w join shelf s
          on s.item_id = w.item_id and s.low < w.high and w.low < s.high
        where not p_whole
           or w.high <= (select max(x.high) from shelf x where x.item_id = w.item_id)
    ), taken as (
        update balance b set reserved = b.reserved + t.quantity
        from (select id, sum(quantity)::bigint as quantity from share group by 1) t
        where b.id = t.id
    ), made as (
        insert into reservation (tenant_id, balance_id, fulfilment_line_id, quantity)
        select tenant_id, id, line_id, quantity from share
        returning fulfilment_line_id, id, balance_id, quantity
    )
    select m.fulfilment_line_id, m.id, m.balance_id,
        (select s.place_id from shelf s where s.id = m.balance_id), m.quantity
    from made m;
end $$;
