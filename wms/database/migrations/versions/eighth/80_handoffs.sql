-- A human is asked for: tickets, who answers them and by when; and who is responsible for each
-- step of the house, with the time it may take.

-- For how long a step may wait, and whose it is: for all kinds of it ('') or for one. limit_s is
-- null where what waits has a moment of its own; escalate_s later the next role is told.
create table sop (
    step text not null check (step <> ''),
    kind text not null default '',
    role text not null check (role in ('operator', 'planner', 'supervisor', 'admin')),
    limit_s bigint check (limit_s > 0),
    escalate_s bigint not null check (escalate_s > 0),
    changed_by text not null default '',
    changed_at timestamptz,
    primary key (step, kind),
    constraint sop_has_limit check (limit_s is not null or step = 'hold')
);
insert into sop (step, kind, role, limit_s, escalate_s) values
    ('waybill', '', 'planner', 300, 600),
    ('deliver', '', 'planner', 120, 600),
    ('release', '', 'planner', 3600, 3600),
    ('pick', '', 'operator', 7200, 3600),
    ('sort', '', 'operator', 1800, 1800),
    ('pack', '', 'operator', 3600, 1800),
    ('label', '', 'operator', 300, 600),
    ('stage', '', 'operator', 1800, 1800),
    ('hand_over', '', 'operator', 28800, 14400),
    ('hold', '', 'planner', null, 14400),
    ('count', '', 'operator', 86400, 86400),
    ('receive', '', 'operator', 14400, 14400),
    ('put_away', '', 'operator', 7200, 7200),
    ('refill', '', 'operator', 3600, 3600),
    ('ticket', 'urgent', 'planner', 900, 900),
    ('ticket', 'high', 'planner', 3600, 3600),
    ('ticket', 'normal', 'planner', 14400, 14400),
    ('ticket', 'low', 'planner', 86400, 86400);

-- One ticket a cause, where it has one: a rule's, or a buyer's link. What was said is in its notes.
create table handoff (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    shop_id bigint not null references shop,
    order_id bigint references shop_order,
    asked_by text not null check (asked_by in ('shop', 'buyer', 'rule')),
    kind text not null check (kind <> ''),
    urgency text not null check (urgency in ('urgent', 'high', 'normal', 'low')),
    cause text not null default '',
    sandbox boolean not null default false,
    state text not null default 'open' check (state in ('open', 'claimed', 'answered', 'closed')),
    role text not null default 'planner' check (role in ('planner', 'supervisor', 'admin')),
    holder_id bigint references staff,
    holder text,
    asked_at timestamptz not null,
    waiting_since timestamptz not null,
    claimed_at timestamptz,
    answered_at timestamptz,
    closed_at timestamptz,
    constraint handoff_has_holder check ((state = 'claimed') = (holder_id is not null)),
    constraint handoff_cause check ((asked_by = 'shop') = (cause = ''))
);
create unique index handoff_once on handoff (tenant_id, cause) where cause <> '';
create index handoff_standing on handoff (urgency, waiting_since) where state in ('open', 'claimed');
create index handoff_of_shop on handoff (tenant_id, shop_id, id);
create index handoff_of_order on handoff (order_id) where order_id is not null;

create table handoff_note (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    handoff_id bigint not null references handoff,
    order_id bigint references shop_order,
    author text not null check (author in ('shop', 'buyer', 'rule', 'staff')),
    actor text not null,
    kind text not null check (kind in ('words', 'answer', 'reason')),
    said jsonb not null,
    at timestamptz not null
);
create index handoff_note_of on handoff_note (handoff_id, id);
create index handoff_note_of_order on handoff_note (order_id) where order_id is not null;

-- Up to where a tenant's events have been looked at for what a human is to see; and what one is
-- to see later, unless it is settled by then.
create table handoff_cursor (
    tenant_id bigint primary key references tenant,
    after_xid bigint not null,
    after_seq bigint not null
);
create table handoff_watch (
    tenant_id bigint not null references tenant,
    cause text not null,
    order_id bigint not null references shop_order,
    due_at timestamptz not null,
    primary key (tenant_id, cause)
);
create index handoff_watch_due on handoff_watch (due_at);
-- What happened before there was anybody to hand it to is not handed over.
alter table tenant no force row level security;
insert into handoff_cursor
select id, pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1, 9223372036854775807
from tenant;
alter table tenant force row level security;

-- When the last of an order's holds was lifted is when its clocks begin.
create index hold_lifted on hold (fulfilment_order_id, lifted_at) where lifted_at is not null;

-- Parcels on their way out are few beside all that have left.
create index parcel_leaving on parcel (state, fulfilment_order_id)
    where state in ('labelled', 'staged');

-- Everything that waits in the house by the step it waits for, and since when. due_at is its own
-- moment, role its own owner, where it has them.
create view standing_step with (security_invoker = true) as
select case when f.digital then 'deliver' else 'waybill' end as step, '' as kind,
    'fulfilment_order' as object, f.id as object_id, f.tenant_id, f.order_id,
    greatest(f.firm_at, (select max(h.lifted_at) from hold h where h.fulfilment_order_id = f.id
                         and h.lifted_at is not null)) as since,
    null::timestamptz as due_at, null::text as role
from fulfilment_order f join shop_order o on o.id = f.order_id
where f.firm_at is not null and f.pickup_requested_at is null
  and f.state in ('open', 'released', 'picking', 'picked', 'sorted', 'packed')
  and (not f.digital or f.state = 'open') and not o.sandbox
  and not exists (select 1 from hold h where h.fulfilment_order_id = f.id and h.lifted_at is null)
union all
select 'release', '', 'fulfilment_order', f.id, f.tenant_id, f.order_id,
    greatest(f.waybill_ready_at, (select max(h.lifted_at) from hold h
                                  where h.fulfilment_order_id = f.id and h.lifted_at is not null)),
    null, null
from fulfilment_order f
where f.state = 'open' and f.waybill_ready_at is not null and not f.digital
  and not exists (select 1 from hold h where h.fulfilment_order_id = f.id and h.lifted_at is null)
union all
select s.step, '', 'fulfilment_order', f.id, f.tenant_id, f.order_id, s.since, null, null
from fulfilment_order f
cross join lateral (select
    case f.state when 'picked' then 'sort' when 'sorted' then 'pack' else 'pick' end as step,
    case f.state when 'picked' then f.picked_at when 'sorted' then f.sorted_at
        else f.released_at end as since) s
where f.state in ('released', 'picking', 'picked', 'sorted') and s.since is not null
union all
select 'label', '', 'label_job', j.id, j.tenant_id, f.order_id, j.asked_at, null, null
from label_job j left join waybill w on w.id = j.waybill_id
left join parcel p on p.id = w.parcel_id
left join fulfilment_order f on f.id = p.fulfilment_order_id
where j.state in ('queued', 'sent')
union all
select 'stage', '', 'parcel', p.id, p.tenant_id, f.order_id, w.label_printed_at, null, null
from fulfilment_order f join parcel p on p.fulfilment_order_id = f.id and p.state = 'labelled'
join waybill w on w.parcel_id = p.id and w.state = 'made' and w.label_printed_at is not null
where f.state in ('sorted', 'packed')
union all
select 'hand_over', '', 'parcel', p.id, p.tenant_id, f.order_id, d.staged_at, null, null
from fulfilment_order f join parcel p on p.fulfilment_order_id = f.id and p.state = 'staged'
join departure_parcel d on d.parcel_id = p.id
where f.state in ('sorted', 'packed')
union all
select 'hold', h.kind, 'hold', h.id, h.tenant_id, f.order_id, h.made_at, h.until,
    case when h.owned_by in ('planner', 'supervisor', 'admin') then h.owned_by end
from hold h join fulfilment_order f on f.id = h.fulfilment_order_id
join shop_order o on o.id = f.order_id
where h.lifted_at is null and not o.sandbox
  and f.state not in ('handed_over', 'closed', 'cancelled', 'incomplete')
union all
select 'count', '', 'count_task', c.id, c.tenant_id, null, c.asked_at, null, null
from count_task c where c.state in ('open', 'claimed')
union all
select 'receive', '', 'inbound_shipment', i.id, i.tenant_id, null,
    case i.state when 'receiving' then i.begun_at else i.expected_at end, null, null
from inbound_shipment i
where i.state = 'receiving' and i.begun_at is not null
   or i.state = 'announced' and i.expected_at is not null
union all
select case m.kind when 'refill' then 'refill' else 'put_away' end, '', 'move_task', m.id,
    m.tenant_id, null, m.made_at, null, null
from move_task m where m.state in ('open', 'claimed') and m.kind <> 'reslot'
union all
select 'ticket', t.urgency, 'handoff', t.id, t.tenant_id, t.order_id, t.waiting_since, null, t.role
from handoff t where t.state in ('open', 'claimed') and not t.sandbox;

-- A step that took too long, told once: to the role whose it is, and later to the next one above.
create table step_escalation (
    id bigint generated always as identity primary key,
    tenant_id bigint references tenant,
    step text not null,
    kind text not null,
    object text not null,
    object_id bigint not null,
    order_id bigint references shop_order,
    since timestamptz not null,
    due_at timestamptz not null,
    role text not null,
    level smallint not null default 1 check (level in (1, 2)),
    told_at timestamptz not null,
    raised_at timestamptz,
    resolved_at timestamptz,
    constraint step_escalation_once unique (step, object_id, since),
    constraint step_escalation_raised check ((level = 2) = (raised_at is not null))
);
create index step_escalation_standing on step_escalation (due_at) where resolved_at is null;

grant select on sop to stowline_shop;
grant select, insert, update on handoff to stowline_shop;
grant select, insert on handoff_note to stowline_shop;
