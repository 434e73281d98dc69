-- How much one buyer may have, sales with rules of their own, and the queue before a sale.

-- One buyer gets at most so many of it, in so many days; without days, ever.
alter table item
    add column limit_per_buyer bigint check (limit_per_buyer > 0),
    add column limit_days integer check (limit_days > 0),
    add constraint item_limit check (limit_days is null or limit_per_buyer is not null);

alter table shop_order add column buyer_class text not null default '';

-- While it runs, a buyer gets at most limit_per_buyer of each of its items. One with a queue is of
-- one item and wants a ticket of every order. asked_* count all tickets of it, passed_* those up to
-- the last that was let in: a ticket's number is drawn under the row's lock, which lasts until the
-- ticket is committed, so numbers are in the order of arrival.
create table sale (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    shop_id bigint not null references shop,
    code text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    limit_per_buyer bigint check (limit_per_buyer > 0),
    queued boolean not null default false,
    per_minute integer check (per_minute > 0),
    ticket_s integer not null default 300 check (ticket_s > 0),
    asked_number bigint not null default 0,
    asked_pieces bigint not null default 0,
    passed_number bigint not null default 0,
    passed_pieces bigint not null default 0,
    unique (shop_id, code),
    check (starts_at < ends_at)
);
create index sale_queued on sale (ends_at) where queued;

create table sale_item (
    sale_id bigint not null references sale,
    tenant_id bigint not null references tenant,
    item_id bigint not null references item,
    quantity bigint check (quantity > 0),
    primary key (sale_id, item_id)
);
create index sale_item_of_item on sale_item (item_id);

-- Buyers of a class have a share of the sale's quantity to themselves for its first minutes. What
-- they took of it counts as taken, whatever becomes of their orders, so the share is never exceeded.
create table sale_share (
    sale_id bigint not null,
    item_id bigint not null,
    tenant_id bigint not null references tenant,
    buyer_class text not null,
    share_percent integer not null check (share_percent between 1 and 20),
    minutes integer not null check (minutes between 1 and 60),
    kept bigint not null,
    taken bigint not null default 0,
    primary key (sale_id, item_id, buyer_class),
    foreign key (sale_id, item_id) references sale_item on delete cascade,
    check (taken between 0 and kept)
);

-- A place in a sale's queue. Those of a sandbox take nobody's place and have no number. One that
-- stands no more may forget whose it was.
create table admission_ticket (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    shop_id bigint not null references shop,
    sale_id bigint not null references sale,
    number bigint not null,
    pieces_before bigint not null,
    buyer_index bytea,
    quantity bigint not null check (quantity > 0),
    state text not null default 'waiting'
        check (state in ('waiting', 'admitted', 'expired', 'used')),
    sandbox boolean not null default false,
    asked_at timestamptz not null,
    admitted_at timestamptz,
    expires_at timestamptz,
    order_id bigint references shop_order,
    check ((state = 'used') = (order_id is not null)),
    check (state <> 'admitted' or expires_at is not null),
    check (state in ('expired', 'used') or buyer_index is not null)
);
create unique index admission_ticket_number on admission_ticket (sale_id, number) where not sandbox;
create unique index admission_ticket_of_buyer on admission_ticket (sale_id, buyer_index, sandbox)
    where state in ('waiting', 'admitted');
create index admission_ticket_waiting on admission_ticket (sale_id, number)
    where state = 'waiting' and not sandbox;
create index admission_ticket_admitted on admission_ticket (sale_id, expires_at)
    where state = 'admitted' and not sandbox;
create index admission_ticket_let_in on admission_ticket (sale_id, admitted_at) where not sandbox;
create index admission_ticket_of_order on admission_ticket (order_id) where order_id is not null;
create index admission_ticket_known on admission_ticket (buyer_index, asked_at)
    where buyer_index is not null;

grant select, insert, update on sale, admission_ticket to stowline_shop;
grant delete on sale to stowline_shop;
grant select, insert, update, delete on sale_item, sale_share to stowline_shop;

-- How much of an item a buyer has had or is promised in orders from a moment on: of any shop of the
-- tenant, or of one. What was cancelled, has expired unpaid, never shipped or was a gift counts no
-- more. What was sent back counts on: else whoever returns one piece may have the next.
create function bought_by(
    p_tenant bigint, p_shop bigint, p_sandbox boolean, p_buyer bytea, p_item bigint,
    p_from timestamptz, p_until timestamptz, p_except bigint
) returns bigint language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    return (
        select coalesce(sum(x.quantity), 0)
        from shop_order o
        cross join lateral (
            -- A bundle is fetched as its components, so it counts by its line.
            select case when l.item_id = p_item and max(f.item_id) <> p_item
                        then l.quantity - l.cancelled
                        else sum(case when u.state = 'incomplete' then f.packed else f.quantity end)
                            filter (where f.item_id = p_item) end as quantity
            from order_line l
            join fulfilment_line f on f.order_line_id = l.id
            join fulfilment_order u on u.id = f.fulfilment_order_id
            where l.order_id = o.id and p_item in (l.item_id, f.item_id)
              and l.insert_rule_id is null
              and u.state <> 'cancelled'
              and (o.paid_at is not null or o.sandbox or exists (
                  select 1 from promise p
                  where p.order_line_id = l.id and p.fulfilment_line_id = f.id
                    and p.state <> 'expired'))
            group by l.id) x
        where o.tenant_id = p_tenant and o.buyer_index = p_buyer and o.sandbox = p_sandbox
          and o.id is distinct from p_except
          and (p_shop is null or o.shop_id = p_shop) and o.state <> 'cancelled'
          and (p_from is null or o.received_at >= p_from)
          and (p_until is null or o.received_at < p_until));
end $$;

-- Locks what some buyer has had of items, in an order that everybody keeps to.
create function lock_buyer(p_tenant bigint, p_buyer bytea, p_items bigint[]) returns void
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(x.key)
    from (select distinct hashtextextended(encode(p_buyer, 'hex') || ' ' || i, p_tenant) as key
          from unnest(p_items) i order by 1) x;
end $$;

-- The first of the wanted items of which a buyer may not have so many more, as {refused, item_id,
-- limit, remaining, sale}, or null; p_except is an order that does not count. What the buyer has
-- had is locked until the transaction ends.
create function over_limit(
    p_tenant bigint, p_shop bigint, p_sandbox boolean, p_buyer bytea, p_items bigint[],
    p_quantities bigint[], p_at timestamptz, p_except bigint default null
) returns jsonb language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    r record;
    v_had bigint;
    v_limited bigint[];
begin
    select array_agg(w.item_id) into v_limited
    from unnest(p_items, p_quantities) w(item_id, quantity)
    where w.quantity > 0 and (
        exists (select 1 from item i where i.id = w.item_id and i.limit_per_buyer is not null)
        or exists (select 1 from sale_item x join sale s on s.id = x.sale_id
                   where x.item_id = w.item_id and s.shop_id = p_shop
                     and s.limit_per_buyer is not null
                     and p_at >= s.starts_at and p_at < s.ends_at));
    if v_limited is null then
        return null;
    elsif p_buyer is null then
        return jsonb_build_object('refused', 'buyer_unknown', 'item_id', v_limited[1]);
    end if;
    perform lock_buyer(p_tenant, p_buyer, v_limited);
    for r in
        select w.item_id, w.quantity, i.limit_per_buyer as most, null::text as sale,
            null::bigint as shop_id, p_at - make_interval(days => i.limit_days) as since,
            null::timestamptz as until
        from unnest(p_items, p_quantities) w(item_id, quantity) join item i on i.id = w.item_id
        where w.quantity > 0 and i.limit_per_buyer is not null
        union all
        select w.item_id, w.quantity, s.limit_per_buyer, s.code, s.shop_id, s.starts_at, s.ends_at
        from unnest(p_items, p_quantities) w(item_id, quantity)
        join sale_item x on x.item_id = w.item_id join sale s on s.id = x.sale_id
        where w.quantity > 0 and s.shop_id = p_shop and s.limit_per_buyer is not null
          and p_at >= s.starts_at and p_at < s.ends_at
    loop
        v_had := bought_by(p_tenant, r.shop_id, p_sandbox, p_buyer, r.item_id, r.since, r.until,
            p_except);
        if v_had + r.quantity > r.most then
            return jsonb_build_object('refused', 'buyer_limit', 'item_id', r.item_id,
                'limit', r.most, 'remaining', greatest(r.most - v_had, 0), 'sale', r.sale);
        end if;
    end loop;
    return null;
end $$;

-- Whether an order may have items that have rules of their own: per-buyer limits, the queue of a
-- sale, and the shares of its classes. Null where it may; else {refused, …}. All that is looked at
-- stays locked until the transaction ends, so that what is answered holds until then.
create function admit_order(
    p_tenant bigint, p_shop bigint, p_sandbox boolean, p_buyer bytea, p_class text,
    p_ticket bigint, p_channel text, p_items bigint[], p_quantities bigint[], p_at timestamptz
) returns jsonb language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    v_refused jsonb;
    v_ticket admission_ticket%rowtype;
    v_fits boolean := false;
    r record;
begin
    v_refused := over_limit(p_tenant, p_shop, p_sandbox, p_buyer, p_items, p_quantities, p_at);
    if v_refused is not null then
        return v_refused;
    end if;
    if p_ticket is not null then
        select * into v_ticket from admission_ticket
        where id = p_ticket and tenant_id = p_tenant and shop_id = p_shop for update;
        if not found then
            return jsonb_build_object('refused', 'unknown_admission');
        elsif v_ticket.state = 'admitted' and v_ticket.expires_at <= p_at then
            return jsonb_build_object('refused', 'admission_expired');
        elsif v_ticket.state <> 'admitted' then
            return jsonb_build_object('refused', 'admission_' || v_ticket.state);
        end if;
    end if;
    for r in
        select w.item_id, w.quantity, s.id, s.code
        from unnest(p_items, p_quantities) w(item_id, quantity)
        join sale_item x on x.item_id = w.item_id join sale s on s.id = x.sale_id
        where w.quantity > 0 and s.shop_id = p_shop and s.queued
          and p_at >= s.starts_at and p_at < s.ends_at
    loop
        if p_ticket is null or v_ticket.sale_id <> r.id then
            return jsonb_build_object('refused', 'admission_needed', 'item_id', r.item_id,
                'sale', r.code);
        elsif v_ticket.quantity < r.quantity or v_ticket.buyer_index is distinct from p_buyer
              or v_ticket.sandbox <> p_sandbox then
            return jsonb_build_object('refused', 'admission_differs', 'item_id', r.item_id,
                'sale', r.code);
        end if;
        v_fits := true;
    end loop;
    if p_ticket is not null and not v_fits then
        return jsonb_build_object('refused', 'admission_differs');
    end if;
    if not p_sandbox and exists (
        select 1 from unnest(p_items) w(item_id) join sale_share x on x.item_id = w.item_id
        join sale s on s.id = x.sale_id
        where s.shop_id = p_shop and p_at >= s.starts_at
          and p_at < s.starts_at + make_interval(mins => x.minutes)) then
        return over_share(p_shop, p_class, p_channel, p_items, p_quantities, p_at);
    end if;
    return null;
end $$;

-- The first item that is not there beside what other classes of buyers have to themselves, as
-- {refused, item_id, wanted, available}, or null.
create function over_share(
    p_shop bigint, p_class text, p_channel text, p_items bigint[], p_quantities bigint[],
    p_at timestamptz
) returns jsonb language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    r record;
begin
    perform 1 from availability a where a.item_id = any(p_items) and a.channel = ''
    order by a.id for no key update;
    for r in
        select w.item_id, w.quantity,
            (select coalesce(sum(greatest(a.sellable - a.promised - a.held_back
                 - case when a.has_allocations
                        then allocated_to_others(a.item_id, a.warehouse_id, p_channel)
                        else 0 end, 0)), 0)
             from availability a where a.item_id = w.item_id and a.channel = '') as free,
            sum(x.kept - x.taken) filter (where x.buyer_class <> p_class) as kept
        from unnest(p_items, p_quantities) w(item_id, quantity)
        join sale_share x on x.item_id = w.item_id join sale s on s.id = x.sale_id
        where w.quantity > 0 and s.shop_id = p_shop and p_at >= s.starts_at
          and p_at < s.starts_at + make_interval(mins => x.minutes)
        group by 1, 2
    loop
        if r.quantity > r.free - coalesce(r.kept, 0) then
            return jsonb_build_object('refused', 'not_available', 'item_id', r.item_id,
                'wanted', r.quantity, 'available', greatest(r.free - coalesce(r.kept, 0), 0));
        end if;
    end loop;
    return null;
end $$;

-- Writes down what an accepted order used: its ticket, and its class's share.
create function note_admitted(
    p_order bigint, p_shop bigint, p_class text, p_ticket bigint, p_items bigint[],
    p_quantities bigint[], p_at timestamptz
) returns void language plpgsql as $$
begin
    update shop_order set buyer_class = p_class where id = p_order and p_class <> '';
    update admission_ticket set state = 'used', order_id = p_order where id = p_ticket;
    update sale_share x set taken = least(x.kept, x.taken + w.quantity)
    from unnest(p_items, p_quantities) w(item_id, quantity), sale s
    where x.item_id = w.item_id and x.buyer_class = p_class and s.id = x.sale_id
      and s.shop_id = p_shop and p_at >= s.starts_at
      and p_at < s.starts_at + make_interval(mins => x.minutes);
end $$;

-- How much of a queued sale's item could be ordered now, and how much of that is for those who were
-- let in, at one moment.
create function sale_room(p_sale bigint)
returns table (free bigint, let_in bigint) language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    return query
    select (select coalesce(sum(greatest(a.sellable - a.promised - a.held_back
                - case when a.has_allocations
                       then allocated_to_others(a.item_id, a.warehouse_id, h.channel)
                       else 0 end, 0)), 0)::bigint
            from sale s join shop h on h.id = s.shop_id join sale_item x on x.sale_id = s.id
            join availability a on a.item_id = x.item_id and a.channel = ''
            where s.id = p_sale
              and (not exists (select 1 from shop_warehouse v where v.shop_id = s.shop_id)
                   or exists (select 1 from shop_warehouse v where v.shop_id = s.shop_id
                              and v.warehouse_id = a.warehouse_id))),
        (select coalesce(sum(t.quantity), 0)::bigint from admission_ticket t
         where t.sale_id = p_sale and t.state = 'admitted' and not t.sandbox);
end $$;

-- Lets in as many of a sale's queue as there are pieces for, in the order of arrival; ends what was
-- not used in time. Who wants more than there is lets others pass, and stays first. How many came in.
create function admit_waiting(p_sale bigint, p_actor text, p_at timestamptz) returns integer
language plpgsql as $$
declare
    v_sale sale%rowtype;
    v_ticket admission_ticket%rowtype;
    v_free bigint;
    v_room bigint;
    v_budget bigint;
    v_count integer := 0;
begin
    select * into v_sale from sale where id = p_sale for no key update;
    -- A ticket that an order is just using is locked, and is not late.
    for v_ticket in
        update admission_ticket set state = 'expired'
        where id in (select t.id from admission_ticket t
                     where t.sale_id = p_sale and t.state = 'admitted' and not t.sandbox
                       and t.expires_at <= p_at for update skip locked)
        returning *
    loop
        perform emit_event(v_ticket.tenant_id, 'admission.expired', 'admission/' || v_ticket.id,
            null, jsonb_build_object('admission_id', v_ticket.id, 'sale', v_sale.code), p_actor,
            p_at);
    end loop;
    if p_at >= v_sale.ends_at then
        update admission_ticket set state = 'expired'
        where sale_id = p_sale and state = 'waiting' and not sandbox;
        return 0;
    elsif not v_sale.queued or p_at < v_sale.starts_at then
        return 0;
    end if;
    select x.free, x.free - x.let_in into v_free, v_room from sale_room(p_sale) x;
    if v_room <= 0 then
        return 0;
    end if;
    if v_sale.per_minute is not null then
        select v_sale.per_minute - count(*) into v_budget from admission_ticket t
        where t.sale_id = p_sale and not t.sandbox and t.admitted_at > p_at - interval '1 minute';
    end if;
    for v_ticket in
        select * from admission_ticket t
        where t.sale_id = p_sale and t.state = 'waiting' and not t.sandbox
          and t.quantity <= v_free
        order by t.number
    loop
        exit when v_ticket.quantity > v_room or v_budget <= v_count;
        update admission_ticket set state = 'admitted', admitted_at = p_at,
            expires_at = least(p_at + make_interval(secs => v_sale.ticket_s), v_sale.ends_at)
        where id = v_ticket.id returning * into v_ticket;
        update sale set passed_number = greatest(passed_number, v_ticket.number),
            passed_pieces = greatest(passed_pieces, v_ticket.pieces_before + v_ticket.quantity)
        where id = p_sale;
        perform emit_event(v_ticket.tenant_id, 'admission.admitted', 'admission/' || v_ticket.id,
            null, jsonb_build_object('admission_id', v_ticket.id, 'sale', v_sale.code,
                'quantity', v_ticket.quantity, 'expires_at', v_ticket.expires_at), p_actor, p_at);
        v_room := v_room - v_ticket.quantity;
        v_count := v_count + 1;
    end loop;
    return v_count;
end $$;

-- Ends a sale now: of its queue nobody waits or may order any more. One that has not begun is gone
-- as if it had never been entered; one that is over stays as it is. Whether there is such a sale.
create function end_sale(p_shop bigint, p_code text, p_actor text, p_at timestamptz)
returns boolean language plpgsql as $$
declare
    v_sale sale%rowtype;
begin
    select * into v_sale from sale where shop_id = p_shop and code = p_code for no key update;
    if not found then
        return false;
    elsif p_at < v_sale.starts_at and not exists (
        select 1 from admission_ticket t where t.sale_id = v_sale.id) then
        delete from sale_item where sale_id = v_sale.id;
        delete from sale where id = v_sale.id;
    elsif p_at < v_sale.ends_at then
        update sale set starts_at = least(starts_at, p_at - interval '1 microsecond'),
            ends_at = p_at
        where id = v_sale.id;
        update admission_ticket set expires_at = p_at
        where sale_id = v_sale.id and state = 'admitted' and expires_at > p_at;
        perform admit_waiting(v_sale.id, p_actor, p_at);
    end if;
    return true;
end $$;

-- Gives a buyer the next place in a sale's queue, or the one that the buyer has, and lets in whom
-- there are pieces for. {ticket, known}, or {refused, …}.
create function join_queue(
    p_tenant bigint, p_shop bigint, p_sandbox boolean, p_code text, p_buyer bytea,
    p_quantity bigint, p_actor text, p_at timestamptz
) returns jsonb language plpgsql as $$
declare
    v_sale sale%rowtype;
    v_item bigint;
    v_refused jsonb;
    v_ticket admission_ticket%rowtype;
begin
    select * into v_sale from sale where shop_id = p_shop and code = p_code for no key update;
    if not found then
        return jsonb_build_object('refused', 'unknown_sale');
    elsif not v_sale.queued then
        return jsonb_build_object('refused', 'no_queue');
    elsif p_at < v_sale.starts_at then
        return jsonb_build_object('refused', 'sale_not_begun', 'at', v_sale.starts_at);
    elsif p_at >= v_sale.ends_at then
        return jsonb_build_object('refused', 'sale_over', 'at', v_sale.ends_at);
    end if;
    update admission_ticket set state = 'expired'
    where sale_id = v_sale.id and buyer_index = p_buyer and state = 'admitted'
      and sandbox = p_sandbox and expires_at <= p_at;
    select * into v_ticket from admission_ticket
    where sale_id = v_sale.id and buyer_index = p_buyer and sandbox = p_sandbox
      and state in ('waiting', 'admitted');
    if found then
        return jsonb_build_object('ticket', v_ticket.id, 'known', true);
    end if;
    select item_id into v_item from sale_item where sale_id = v_sale.id;
    v_refused := over_limit(p_tenant, p_shop, p_sandbox, p_buyer, array[v_item],
        array[p_quantity], p_at);
    if v_refused is not null then
        return v_refused;
    end if;
    if p_sandbox then
        insert into admission_ticket (tenant_id, shop_id, sale_id, number, pieces_before,
            buyer_index, quantity, state, sandbox, asked_at, admitted_at, expires_at)
        values (p_tenant, p_shop, v_sale.id, 0, 0, p_buyer, p_quantity, 'admitted', true, p_at,
            p_at, least(p_at + make_interval(secs => v_sale.ticket_s), v_sale.ends_at))
        returning * into v_ticket;
        return jsonb_build_object('ticket', v_ticket.id, 'known', false);
    end if;
    update sale set asked_number = asked_number + 1, asked_pieces = asked_pieces + p_quantity
    where id = v_sale.id returning * into v_sale;
    insert into admission_ticket (tenant_id, shop_id, sale_id, number, pieces_before, buyer_index,
        quantity, asked_at)
    values (p_tenant, p_shop, v_sale.id, v_sale.asked_number, v_sale.asked_pieces - p_quantity,
        p_buyer, p_quantity, p_at)
    returning * into v_ticket;
    perform admit_waiting(v_sale.id, p_actor, p_at);
    return jsonb_build_object('ticket', v_ticket.id, 'known', false);
end $$;

-- A ticket with how many wait before it and how many pieces they want, how many pieces there are,
-- and when the first of those that were let in has to have ordered.
create function ticket_view(p_ticket bigint, p_shop bigint, p_at timestamptz)
returns table (
    id bigint, sale text, quantity bigint, number bigint, state text, asked_at timestamptz,
    admitted_at timestamptz, expires_at timestamptz, order_id bigint, before bigint,
    pieces_before bigint, free bigint, let_in bigint, per_minute integer, first_out timestamptz
) language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
    return query
    select t.id, s.code, t.quantity, t.number,
        case when t.state = 'waiting' and p_at >= s.ends_at
               or t.state = 'admitted' and p_at >= t.expires_at then 'expired' else t.state end,
        t.asked_at, t.admitted_at, t.expires_at, t.order_id,
        w.count + greatest(t.number - s.passed_number - 1, 0),
        w.pieces + greatest(t.pieces_before - s.passed_pieces, 0),
        r.free, r.let_in, s.per_minute,
        (select min(x.expires_at) from admission_ticket x
         where x.sale_id = s.id and x.state = 'admitted' and not x.sandbox)
    from admission_ticket t join sale s on s.id = t.sale_id
    cross join lateral (
        -- Of those up to the last that was let in, only who let others pass waits yet.
        select count(*) as count, coalesce(sum(x.quantity), 0)::bigint as pieces
        from admission_ticket x
        where x.sale_id = s.id and x.state = 'waiting' and not x.sandbox
          and x.number < t.number and x.number <= s.passed_number) w
    cross join lateral sale_room(s.id) r
    where t.id = p_ticket and t.shop_id = p_shop;
end $$;
