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
    made_at timestamptz not null,
    done_at timestamptz,
    movement_id bigint,
    check (from_place_id <> to_place_id)
);
create index move_task_waiting on move_task (warehouse_id, urgency desc, id)
    where state in ('open', 'claimed');
create index move_task_to on move_task (to_place_id) where state in ('open', 'claimed');
create index move_task_from on move_task (from_place_id) where state in ('open', 'claimed');

-- Why a place does not take goods on top of what lies there and what is on its way there, or null.
-- The place stays locked until the transaction ends, so two that ask never get one last slot.
create function place_refusal(
    p_place bigint, p_item bigint, p_owner bigint, p_lot text, p_quantity bigint
) returns text language plpgsql as $$
declare
    v_place place%rowtype;
    v_item item%rowtype;
    v_one bigint;
    v_volume_mm3 numeric;
    v_mass_g numeric;
    v_units numeric;
    v_owners boolean;
    v_items boolean;
    v_lots boolean;
begin
    select * into v_place from place where id = p_place for no key update;
    select * into v_item from item where id = p_item;
    if v_place.kind not in ('bin', 'receiving') then
        return 'no_storage';
    end if;
    if v_place.blocked_in then
        return 'blocked_in';
    end if;
    if v_place.storage_classes <> '{}'
       and not v_item.storage_class = any(v_place.storage_classes) then
        return 'storage_class';
    end if;
    -- A virtual sum over what lies there and what open moves bring.
    select coalesce(sum(x.quantity::numeric * i.width_mm * i.depth_mm * i.height_mm
                        / power(10::numeric, i.scale)), 0),
        coalesce(sum(x.quantity::numeric * i.mass_g / power(10::numeric, i.scale)), 0),
        coalesce(sum(x.quantity::numeric / power(10::numeric, i.scale)), 0),
        coalesce(bool_or(x.owner_id <> p_owner), false),
        coalesce(bool_or(x.item_id <> p_item), false),
        coalesce(bool_or(x.item_id = p_item and x.lot <> p_lot), false)
    into v_volume_mm3, v_mass_g, v_units, v_owners, v_items, v_lots
    from (select b.owner_id, b.item_id, b.lot, b.on_hand as quantity from balance b
          where b.place_id = p_place and b.on_hand > 0
          union all
          select t.owner_id, t.item_id, t.lot, t.quantity from move_task t
          where t.to_place_id = p_place and t.state in ('open', 'claimed')) x
    join item i on i.id = x.item_id;
    if v_place.mixing <> 'any' and v_owners
       or v_place.mixing in ('item', 'lot') and v_items
       or v_place.mixing = 'lot' and v_lots then
        return 'mixing';
    end if;
    v_one := power(10, v_item.scale);
    if v_place.volume_ml is not null
       and v_volume_mm3 + p_quantity::numeric * v_item.width_mm * v_item.depth_mm
           * v_item.height_mm / v_one > v_place.volume_ml::numeric * 1000 then
        return 'volume';
    end if;
    if v_place.mass_g_max is not null
       and v_mass_g + p_quantity::numeric * v_item.mass_g / v_one > v_place.mass_g_max then
        return 'mass';
    end if;
    if v_place.units_max is not null
       and v_units + p_quantity::numeric / v_one > v_place.units_max then
        return 'units';
    end if;
    return null;
end $$;
