-- What rides on a sorter and why it goes where it goes, what staff ask of its lanes, and its alarms.

-- A tote in the reject lane waits there until somebody puts it on the belt again.
alter table sort_route drop constraint sort_route_state_check;
alter table sort_route add constraint sort_route_state_check
    check (state in ('expected', 'inducted', 'diverted', 'rejected'));
-- By which sorter and lane a tote came to stand where it stands.
alter table sort_route
    add column device_id bigint references device,
    add column actual_lane integer;
create index sort_route_standing on sort_route (device_id, actual_lane) where state = 'diverted';

-- One row a stay on a sorter, however many rounds it takes. A stay is known by its track until a
-- scan names the unit; a unit that comes round again takes its stay along to the new track.
create table sort_item (
    id bigint generated always as identity primary key,
    device_id bigint not null references device,
    track bigint not null,
    state text not null check (state in
        ('inducted', 'read', 'no_read', 'multi_read', 'assigned', 'acknowledged', 'recirculated',
         'diverted', 'missorted', 'rejected', 'lost')),
    unit text,
    tenant_id bigint references tenant,
    lane integer,
    actual_lane integer,
    decision jsonb,
    plc_reason text,
    rounds integer not null default 0 check (rounds >= 0),
    inducted_at timestamptz,
    read_at timestamptz,
    assigned_at timestamptz,
    acknowledged_at timestamptz,
    ended_at timestamptz,
    begun_at timestamptz not null,
    -- The telegram that told its end, or the end of its last round: a scan may come after that.
    told_boot bigint,
    told_seq bigint,
    check ((state in ('diverted', 'missorted', 'rejected', 'lost')) = (ended_at is not null))
);
create unique index sort_item_riding on sort_item (device_id, track)
    where state in ('inducted', 'read', 'no_read', 'multi_read', 'assigned', 'acknowledged');
create index sort_item_round on sort_item (device_id, unit) where state = 'recirculated';
create index sort_item_round_of_track on sort_item (device_id, track)
    where state = 'recirculated' and unit is null;
create index sort_item_told on sort_item (device_id, track, told_boot) where told_boot is not null;
create index sort_item_recent on sort_item (device_id, id);
create index sort_item_of_unit on sort_item (unit, id) where unit is not null;

-- A lane that staff closed stays closed until they open it, whatever becomes of gateway or PLC.
create table sorter_lane (
    device_id bigint not null references device,
    lane integer not null check (lane between 1 and 64),
    closed_by text not null,
    closed_why text not null,
    closed_at timestamptz not null,
    primary key (device_id, lane)
);

-- What staff and waves ask of a lane: done only when the PLC said so.
create table lane_command (
    id bigint generated always as identity primary key,
    device_id bigint not null references device,
    lane integer not null check (lane between 1 and 64),
    op text not null check (op in ('close', 'open', 'purge')),
    why text not null,
    state text not null default 'queued' check (state in ('queued', 'done', 'refused', 'expired')),
    result text,
    asked_by text not null,
    asked_at timestamptz not null,
    expires_at timestamptz not null,
    answered_at timestamptz,
    wave_id bigint references wave,
    check ((state = 'queued') = (answered_at is null))
);
create index lane_command_queued on lane_command (device_id, id) where state = 'queued';
create unique index lane_command_of_wave on lane_command (device_id, lane, wave_id)
    where wave_id is not null;

-- One row while a trouble stands, however often it is noticed.
create table sorter_alarm (
    id bigint generated always as identity primary key,
    device_id bigint not null references device,
    kind text not null,
    subject text not null default '',
    said text not null,
    raised_at timestamptz not null,
    cleared_at timestamptz
);
create unique index sorter_alarm_standing on sorter_alarm (device_id, kind, subject)
    where cleared_at is null;

-- The gateway listens on one channel for all that changes its table of lanes.
create function tell_sorter() returns trigger language plpgsql as $$
begin
    perform pg_notify('sort_route', '');
    return null;
end $$;
create trigger lane_command_told after insert on lane_command
    for each statement execute function tell_sorter();
create trigger sorter_lane_told after insert or update or delete on sorter_lane
    for each statement execute function tell_sorter();
