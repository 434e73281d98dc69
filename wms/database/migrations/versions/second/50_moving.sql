-- Moves within the house, each with its goods reserved and its room at the target held.

create table move_task (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    warehouse_id bigint not null references warehouse,
    kind text not null check (kind in ('putaway', 'cross_dock', 'refill', 'reslot', 'put_back')),
    reason text not null default '',
    item_id bigint not null references item,
    lot text not null default '',
    serial text not null default '',
    status text not null default 'available',
    from_place_id bigint not null references place,
    from_unit_id bigint not null default 0,
    to_place_id bigint not null references place,
    quantity bigint not null check (quantity > 0),
    state text not null default 'open' check (state in ('open', 'claimed', 'done', 'void')),
    step text not null default 'from' check (step in ('from', 'item', 'to')),
    urgency integer not null default 0,
    holder_id bigint references staff,
    claimed_until timestamptz,
    skipped_by bigint references staff,
    skipped_at timestamptz,
    made_at timestamptz not null,
    done_at timestamptz,
    movement_id bigint,
    check (from_place_id <> to_place_id),
    check ((state = 'claimed') = (holder_id is not null and claimed_until is not null)),
    check ((state in ('done', 'void')) = (done_at is not null))
);
create index move_task_waiting on move_task (warehouse_id, urgency desc, id)
    where state in ('open', 'claimed');
create index move_task_to on move_task (to_place_id) where state in ('open', 'claimed');
create index move_task_from on move_task (from_place_id) where state in ('open', 'claimed');
create index move_task_of_item on move_task (item_id) where state in ('open', 'claimed');
create index move_task_held on move_task (holder_id) where state = 'claimed';
create index place_by_walk on place (warehouse_id, walk_seq, id) where kind = 'bin';

-- Whether a place that lists storage classes stores goods of a class in a status. Goods that are
-- not available go only where their status is listed; what their class asks for still holds.
create function place_stores(p_classes text[], p_class text, p_status text) returns boolean
language sql immutable parallel safe as
$$
    select case when p_status = 'available' then p_classes = '{}' or p_class = any(p_classes)
        else p_status = any(p_classes)
             and (p_class = '' or p_class = any(p_classes)
                  or p_classes <@ '{quarantine,damaged,hold}'::text[]) end
$$;

-- Why a place takes none of the goods, or null; and how many smallest units of them it takes on
-- top of what lies there and what open moves bring, with what ends it first. A move that is asked
-- about again is left out of the sum, so that it counts once.
create function place_room(
    p_place bigint, p_item bigint, p_owner bigint, p_lot text, p_status text, p_task bigint,
    out o_refusal text, out o_takes bigint, out o_limit text
) language plpgsql stable as $$
declare
    v_place place%rowtype;
    v_item item%rowtype;
    v_one numeric;
    v_volume_mm3 numeric;
    v_mass_g numeric;
    v_units numeric;
    v_owners boolean;
    v_items boolean;
    v_lots boolean;
begin
    select * into v_place from place where id = p_place;
    select * into v_item from item where id = p_item;
    o_takes := 0;
    o_refusal := case
        when v_place.kind is null or v_place.kind not in ('bin', 'receiving') then 'no_storage'
        when v_place.blocked_in then 'blocked_in'
        when v_place.kind = 'bin'
             and not place_stores(v_place.storage_classes, v_item.storage_class, p_status)
        then 'storage_class' end;
    if o_refusal is not null then
        return;
    end if;
    -- Sizes and masses are those of one whole unit, of which a quantity may be a small part.
    select coalesce(sum(x.quantity * i.width_mm * i.depth_mm * i.height_mm
                        / power(10::numeric, i.scale)), 0),
        coalesce(sum(x.quantity * i.mass_g / power(10::numeric, i.scale)), 0),
        coalesce(sum(x.quantity / power(10::numeric, i.scale)), 0),
        coalesce(bool_or(x.owner_id <> p_owner), false),
        coalesce(bool_or(x.item_id <> p_item), false),
        coalesce(bool_or(x.item_id = p_item and x.lot <> p_lot), false)
    into v_volume_mm3, v_mass_g, v_units, v_owners, v_items, v_lots
    from (select b.owner_id, b.item_id, b.lot, b.on_hand::numeric as quantity from balance b
          where b.place_id = p_place and b.on_hand > 0
          union all
          select t.owner_id, t.item_id, t.lot, t.quantity from move_task t
          where t.to_place_id = p_place and t.state in ('open', 'claimed')
            and t.id is distinct from p_task) x
    join item i on i.id = x.item_id;
    if v_place.mixing <> 'any' and v_owners
       or v_place.mixing in ('item', 'lot') and v_items
       or v_place.mixing = 'lot' and v_lots then
        o_refusal := 'mixing';
        return;
    end if;
    v_one := power(10::numeric, v_item.scale);
    -- div() is exact where a quotient of numerics would be rounded.
    select greatest(l.takes, 0), l.name into o_takes, o_limit
    from (values
        (div((v_place.volume_ml::numeric * 1000 - v_volume_mm3) * v_one,
             v_item.width_mm::numeric * v_item.depth_mm * v_item.height_mm), 'volume'),
        (div((v_place.mass_g_max::numeric - v_mass_g) * v_one, v_item.mass_g::numeric), 'mass'),
        (div((v_place.units_max::numeric - v_units) * v_one, 1), 'units'),
        (1000000000000000::numeric, 'nothing')) l(takes, name)
    where l.takes is not null order by l.takes, l.name limit 1;
end $$;

-- Why a place does not take goods, or null. The place stays locked until the transaction ends, so
-- two that ask never get one last slot. Whoever asks for several locks them in id order before.
create function place_refusal(
    p_place bigint, p_item bigint, p_owner bigint, p_lot text, p_quantity bigint,
    p_status text default 'available', p_task bigint default null
) returns text language plpgsql as $$
declare
    v_room record;
begin
    perform 1 from place where id = p_place for no key update;
    -- Read in a statement of its own: what the lock waited for may have been committed since.
    select * into v_room from place_room(p_place, p_item, p_owner, p_lot, p_status, p_task);
    if v_room.o_refusal is not null then
        return v_room.o_refusal;
    end if;
    return case when p_quantity > v_room.o_takes then v_room.o_limit end;
end $$;
