-- Own vans, route plans in versions, what planners wish, and how far the vans have come.

-- Whether what a carrier takes goes by the house's own vans.
alter table carrier add column own_vans boolean not null default false;

-- Until cut_off_at parcels join it; its vans leave afterwards.
alter table departure
    add column kind text not null default 'carrier' check (kind in ('carrier', 'own_vans')),
    add column cut_off_at timestamptz;
create index departure_standing on departure (kind, id) where state = 'open';

-- Times of day are by the clocks of the warehouse; costs are in minor units.
create table van (
    id bigint generated always as identity primary key,
    warehouse_id bigint not null references warehouse,
    code text not null check (code <> ''),
    mass_g_max bigint not null check (mass_g_max > 0),
    volume_ml_max bigint not null check (volume_ml_max > 0),
    shift_from time not null,
    shift_to time not null,
    fixed_cost_minor bigint not null default 0 check (fixed_cost_minor >= 0),
    cost_per_km_minor bigint not null default 0 check (cost_per_km_minor >= 0),
    cost_per_hour_minor bigint not null default 0 check (cost_per_hour_minor >= 0),
    speed_factor double precision not null default 1 check (speed_factor between 0.1 and 10),
    skills text[] not null default '{}',
    break_from time,
    break_to time,
    break_s integer check (break_s > 0),
    driving_rule boolean not null default false,
    in_service boolean not null default true,
    unique (warehouse_id, code),
    constraint van_shift check (shift_to > shift_from),
    constraint van_break check (
        (break_from is null and break_to is null and break_s is null)
        or (break_from is not null and break_s is not null and break_to >= break_from))
);

-- `digest` is of all that the plan was made from, `progress` how far its search is.
create table departure_plan (
    departure_id bigint not null references departure,
    version integer not null check (version > 0),
    state text not null default 'requested'
        check (state in ('requested', 'planned', 'superseded', 'refused')),
    asked_by text not null,
    reason text not null default '',
    asked_at timestamptz not null,
    progress jsonb,
    planned_at timestamptz,
    seed bigint,
    digest text,
    plan jsonb,
    refusal text,
    primary key (departure_id, version)
);
create unique index departure_plan_requested on departure_plan (departure_id)
    where state = 'requested';
create unique index departure_plan_standing on departure_plan (departure_id)
    where state = 'planned';

-- The van an order must go by, those it must not, and what else a planner asks for it.
create table departure_wish (
    departure_id bigint not null references departure,
    order_id bigint not null references shop_order,
    tenant_id bigint not null references tenant,
    van text,
    forbidden text[] not null default '{}',
    skills text[] not null default '{}',
    priority smallint not null default 0 check (priority between 0 and 9),
    note text not null default '',
    made_by text not null,
    made_at timestamptz not null,
    primary key (departure_id, order_id)
);

-- Where an order stands on its van's route, when its goods go into the van (from 1), when it is
-- expected there, and what became of it.
-- `told_at` is the moment that its shop was last told to expect it at.
create table departure_stop (
    departure_id bigint not null references departure,
    order_id bigint not null references shop_order,
    tenant_id bigint not null references tenant,
    van text not null,
    position integer not null check (position > 0),
    loading integer not null check (loading > 0),
    state text not null default 'planned' check (state in ('planned', 'begun', 'served', 'failed')),
    earliest_at timestamptz not null,
    expected_at timestamptz not null,
    latest_at timestamptz not null,
    leaves_at timestamptz not null,
    happened_at timestamptz,
    note text not null default '',
    told_at timestamptz,
    primary key (departure_id, order_id),
    constraint departure_stop_band check (earliest_at <= expected_at and expected_at <= latest_at)
);

-- A van that is late: by how much, and when it can therefore go on from where it is.
create table departure_van (
    departure_id bigint not null references departure,
    van text not null,
    late_s integer not null check (late_s >= 0),
    ready_at timestamptz not null,
    said_by text not null,
    said_at timestamptz not null,
    primary key (departure_id, van)
);

-- What was planned before has its place among the versions.
insert into departure_plan (departure_id, version, state, asked_by, asked_at, planned_at, plan)
select id, 1, 'planned', 'job:routes', coalesce(closed_at, opened_at),
    coalesce(closed_at, opened_at),
    route_plan - 'baseline_m' || jsonb_build_object(
        'cost', route_plan -> 'distance_m', 'baseline_cost', route_plan -> 'baseline_m',
        'why', '', 'travel', 'straight lines', 'straight', true, 'solve_s', null,
        'unserved', coalesce((
            select jsonb_agg(jsonb_build_object(
                'order_id', (u ->> 'id')::bigint, 'tracking_number', '', 'remedies', '[]'::jsonb,
                'reasons', jsonb_build_array(jsonb_build_object(
                    'van', '', 'constraint', '', 'reason', u ->> 'reason'))))
            from jsonb_array_elements(route_plan -> 'unserved') u), '[]'))
from departure where route_plan is not null;

-- A shop reads when its parcels are expected.
grant select on departure_parcel, departure_stop to stowline_shop;
