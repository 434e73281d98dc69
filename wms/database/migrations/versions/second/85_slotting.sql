-- Proposals of where goods should lie, what that would spare, and the moves that were accepted.

create table slotting_proposal (
    id bigint generated always as identity primary key,
    warehouse_id bigint not null references warehouse,
    state text not null default 'requested'
        check (state in ('requested', 'proposed', 'nothing', 'accepted', 'done')),
    moves_max integer not null check (moves_max > 0),
    asked_by text not null,
    asked_at timestamptz not null,
    planned_at timestamptz,
    since timestamptz,
    method text,
    orders integer,
    walks integer,
    days integer,
    today_mm bigint,
    proposed_mm bigint,
    reason text not null default '',
    accepted_by text,
    accepted_at timestamptz,
    done_at timestamptz
);
create index slotting_proposal_open on slotting_proposal (id) where state = 'accepted';

create table slotting_move (
    id bigint generated always as identity primary key,
    proposal_id bigint not null references slotting_proposal,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    item_id bigint not null references item,
    lot text not null default '',
    serial text not null default '',
    status text not null default 'available',
    from_place_id bigint not null references place,
    to_place_id bigint not null references place,
    quantity bigint not null check (quantity > 0),
    chain integer not null,
    step integer not null,
    swap boolean not null,
    state text not null default 'waiting' check (state in ('waiting', 'tasked', 'done', 'void')),
    move_task_id bigint references move_task,
    note text not null default '',
    unique (proposal_id, chain, step),
    check (from_place_id <> to_place_id)
);
