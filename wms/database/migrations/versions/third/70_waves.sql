-- What a plan can tell of itself, why its wave was asked for, and which walks go first.

-- `choice` is how its orders were chosen where more waited than it takes; `replans` is whether it
-- took walks back that had been released.
alter table wave
    add column bound_mm bigint check (bound_mm >= 0),
    add column walk_s double precision check (walk_s >= 0),
    add column solve_s double precision check (solve_s >= 0),
    add column solve_s_max double precision check (solve_s_max >= 0),
    add column choice jsonb,
    add column reason text not null default '',
    add column replans boolean not null default false;
create index wave_of_warehouse on wave (warehouse_id, id) where state in ('requested', 'released');
create index wave_replans on wave (warehouse_id, created_at) where replans;

-- Until when a walk's goods have to leave, and with how many tasks it was planned: what a short
-- pick adds to it comes after these.
alter table pick_batch
    add column due_at timestamptz,
    add column walk_s double precision check (walk_s >= 0),
    add column tasks_planned integer check (tasks_planned >= 0);
