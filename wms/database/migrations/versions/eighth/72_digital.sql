-- Goods that are sent by mail: codes in a vault, and to whom each went. The codes are the ledger of
-- their item: what may be sold of it is what is free of them, kept equal by triggers.

-- '' is an item that is kept and shipped; else what its codes are.
alter table item add column digital text not null default ''
    check (digital in ('', 'code', 'link', 'voucher'));
alter table item add constraint item_digital_is_goods
    check (digital = '' or (kind = 'goods' and scale = 0));
alter table fulfilment_order add column digital boolean not null default false;

insert into fulfilment_move (from_state, event, to_state) values ('open', 'deliver', 'handed_over');

-- Where a shop makes codes when they are asked for: so many more of them may be sold.
create table digital_generator (
    item_id bigint primary key references item,
    tenant_id bigint not null references tenant,
    url text not null,
    secret text not null,
    quota bigint not null check (quota >= 0)
);

create table digital_code (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    item_id bigint not null references item,
    fingerprint bytea not null,
    content jsonb not null,
    state text not null default 'free' check (state in ('free', 'assigned', 'revoked', 'expired')),
    valid_until timestamptz,
    delivery_id bigint,
    added_at timestamptz not null,
    constraint digital_code_once unique (item_id, fingerprint),
    constraint digital_code_has_buyer check (state <> 'assigned' or delivery_id is not null),
    constraint digital_code_free check (state <> 'free' or delivery_id is null)
);
create index digital_code_in_vault on digital_code (item_id, id) where state = 'free';
create index digital_code_expiring on digital_code (valid_until)
    where state = 'free' and valid_until is not null;

-- One unit that a buyer has bought, and the one code that it got. Its line may be parted or moved
-- to another fulfilment order; units past its quantity were edited away.
create table digital_delivery (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    order_id bigint not null references shop_order,
    fulfilment_line_id bigint not null references fulfilment_line,
    number integer not null check (number > 0),
    item_id bigint not null references item,
    code_id bigint unique references digital_code,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'revoked')),
    generated boolean not null default false,
    sent_times integer not null default 0,
    made_at timestamptz not null,
    delivered_at timestamptz,
    revoked_at timestamptz,
    revoke_reason text,
    unique (fulfilment_line_id, number),
    constraint digital_delivery_has_code check (state <> 'delivered' or code_id is not null)
);
create index digital_delivery_of_order on digital_delivery (order_id, id);
alter table digital_code add constraint digital_code_delivery
    foreign key (delivery_id) references digital_delivery;
create unique index digital_code_of_delivery on digital_code (delivery_id)
    where delivery_id is not null;

-- One code, one buyer, ever: a code that left the vault never comes back, nor changes hands.
create function digital_code_goes_on() returns trigger language plpgsql as $$
begin
    if old.delivery_id is not null and new.delivery_id is distinct from old.delivery_id
        or old.state <> 'free' and new.state = 'free'
        or old.state in ('revoked', 'expired') and new.state <> old.state
        or new.item_id <> old.item_id or new.fingerprint <> old.fingerprint then
        raise exception 'a code that has left the vault stays with its buyer'
            using errcode = 'check_violation', constraint = 'digital_code_goes_on';
    end if;
    return new;
end $$;
create trigger digital_code_goes_on before update on digital_code
    for each row execute function digital_code_goes_on();
create function digital_code_stays() returns trigger language plpgsql as $$
begin
    raise exception 'a code is never forgotten, so that it never comes twice'
        using errcode = 'check_violation', constraint = 'digital_code_stays';
end $$;
create trigger digital_code_stays before delete on digital_code
    for each row execute function digital_code_stays();

-- The house keeps the books of what has no place at its oldest warehouse.
create function digital_warehouse() returns bigint language sql stable as
$$ select min(id) from warehouse $$;

-- Adds to what may be sold of digital items, in id order as promises lock it.
create function add_sellable(p_items bigint[], p_changes bigint[]) returns void
language plpgsql as $$
begin
    perform 1 from availability a
    where a.item_id = any(p_items) and a.warehouse_id = digital_warehouse() and a.channel = ''
    order by a.id for no key update;
    update availability a set sellable = a.sellable + c.change
    from unnest(p_items, p_changes) c(item_id, change)
    where c.change < 0 and a.item_id = c.item_id and a.warehouse_id = digital_warehouse()
      and a.channel = '';
    insert into availability (tenant_id, owner_id, item_id, warehouse_id, sellable)
    select i.tenant_id, i.owner_id, i.id, digital_warehouse(), c.change
    from unnest(p_items, p_changes) c(item_id, change) join item i on i.id = c.item_id
    where c.change > 0 order by i.id
    on conflict (item_id, warehouse_id, channel)
    do update set sellable = availability.sellable + excluded.sellable;
end $$;

create function digital_codes_came() returns trigger language plpgsql as $$
declare
    v_items bigint[];
    v_changes bigint[];
begin
    select array_agg(c.item_id), array_agg(c.many) into v_items, v_changes
    from (select n.item_id, count(*) as many from new_codes n where n.state = 'free'
          group by 1) c;
    if v_items is not null then
        perform add_sellable(v_items, v_changes);
    end if;
    return null;
end $$;
create trigger digital_codes_came after insert on digital_code
    referencing new table as new_codes
    for each statement execute function digital_codes_came();

create function digital_codes_went() returns trigger language plpgsql as $$
declare
    v_items bigint[];
    v_changes bigint[];
begin
    select array_agg(c.item_id), array_agg(c.change) into v_items, v_changes
    from (select x.item_id, sum(x.change)::bigint as change
          from (select item_id, -1 as change from old_codes where state = 'free'
                union all select item_id, 1 from new_codes where state = 'free') x
          group by 1 having sum(x.change) <> 0) c;
    if v_items is not null then
        perform add_sellable(v_items, v_changes);
    end if;
    return null;
end $$;
create trigger digital_codes_went after update on digital_code
    referencing old table as old_codes new table as new_codes
    for each statement execute function digital_codes_went();

create function digital_quota_changed() returns trigger language plpgsql as $$
declare
    v_change bigint := coalesce(new.quota, 0) - coalesce(old.quota, 0);
begin
    if v_change <> 0 then
        perform add_sellable(array[coalesce(new.item_id, old.item_id)], array[v_change]);
    end if;
    return null;
end $$;
create trigger digital_quota_changed after insert or update or delete on digital_generator
    for each row execute function digital_quota_changed();

-- What has no place in the house is never moved there, and what lies there is not digital.
create function digital_goods_have_no_place() returns trigger language plpgsql as $$
begin
    if exists (select 1 from new_lines n join item i on i.id = n.item_id and i.digital <> '') then
        raise exception 'digital goods lie nowhere'
            using errcode = 'check_violation', constraint = 'digital_goods_have_no_place';
    end if;
    return null;
end $$;
create trigger digital_goods_have_no_place after insert on movement_line
    referencing new table as new_lines
    for each statement execute function digital_goods_have_no_place();

create function item_digital_fixed() returns trigger language plpgsql as $$
begin
    if exists (select 1 from order_line l where l.item_id = new.id)
        or exists (select 1 from fulfilment_line l where l.item_id = new.id)
        or exists (select 1 from movement_line l where l.item_id = new.id)
        or exists (select 1 from digital_code c where c.item_id = new.id)
        or exists (select 1 from digital_generator g where g.item_id = new.id)
        or exists (select 1 from availability a where a.item_id = new.id and a.inbound > 0)
        or exists (select 1 from item_component c
                   where c.component_id = new.id and new.digital <> '') then
        raise exception 'whether an item in the books is digital is fixed'
            using errcode = 'check_violation', constraint = 'item_digital_fixed', detail = new.sku;
    end if;
    return new;
end $$;
create trigger item_digital_fixed before update of digital on item for each row
    when ((old.digital = '') <> (new.digital = ''))
    execute function item_digital_fixed();

-- Shops fill the vault and count what is in it; they never read it.
grant insert (tenant_id, item_id, fingerprint, content, valid_until, added_at) on digital_code
    to stowline_shop;
grant select (id, tenant_id, item_id, fingerprint, state, valid_until, delivery_id) on digital_code
    to stowline_shop;
grant select on digital_delivery, digital_generator to stowline_shop;
grant insert, update, delete on digital_generator to stowline_shop;
