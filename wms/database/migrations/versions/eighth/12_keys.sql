-- Keys that are told apart, limited and given up one by one; and a brake on guessed PINs.

-- A shop has two places for live keys and two for those of its sandbox, so that one key can be
-- made before the other is given up. Keys from before that have no place keep on opening.
alter table api_key
    add column slot smallint check (slot in (1, 2)),
    add column made_by text not null default '',
    add column revoked_by text,
    add column last_used_at timestamptz,
    add column requests_per_s double precision check (requests_per_s > 0),
    add column burst integer check (burst > 0);
alter table api_key no force row level security;
update api_key k set slot = n.number
from (select id, row_number() over (
          partition by shop_id, sandbox, 'carrier' = any(scopes) order by id desc) as number
      from api_key where revoked_at is null) n
where n.id = k.id and n.number <= 2;
alter table api_key force row level security;
create unique index api_key_slot
    on api_key (shop_id, sandbox, ('carrier' = any(scopes)), slot) where revoked_at is null;
create index api_key_of_shop on api_key (shop_id, id);

-- A shop sees what its keys are and gives them up; their hashes it may write and never read.
grant select (id, tenant_id, shop_id, prefix, scopes, sandbox, slot, created_at, made_by,
    revoked_at, last_used_at, requests_per_s, burst) on api_key to stowline_shop;
grant insert (tenant_id, shop_id, prefix, secret_hash, scopes, sandbox, slot, created_at, made_by,
    requests_per_s, burst) on api_key to stowline_shop;
grant update (revoked_at, revoked_by) on api_key to stowline_shop;

-- How many requests a key has left, which its workers take in handfuls. A crash refills it.
create unlogged table key_bucket (
    key_id bigint primary key references api_key on delete cascade,
    tokens double precision not null check (tokens >= 0),
    granted integer not null check (granted >= 0),
    at timestamptz not null
) with (fillfactor = 50);

-- How often in a row a badge came with a wrong PIN, known badge or not.
create table sign_in_failure (
    badge_hash bytea primary key,
    failures integer not null check (failures >= 0),
    at timestamptz not null
);
create index sign_in_failure_at on sign_in_failure (at);
