-- Tenants, their owners and shops, keys, and the staff of the house.
-- Staff and places belong to the operator of the warehouse, all else to a tenant.

create function stowline_tenant() returns bigint language sql stable parallel safe as
$$ select nullif(current_setting('stowline.tenant', true), '')::bigint $$;

create table tenant (
    id bigint generated always as identity primary key,
    name text not null unique check (name <> ''),
    created_at timestamptz not null default now()
);

create table owner (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    name text not null check (name <> ''),
    unique (tenant_id, name)
);

create table shop (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    owner_id bigint not null references owner,
    name text not null check (name <> ''),
    created_at timestamptz not null default now(),
    unique (tenant_id, name)
);

create table api_key (
    id bigint generated always as identity primary key,
    tenant_id bigint not null references tenant,
    shop_id bigint not null references shop,
    prefix text not null unique,
    secret_hash bytea not null,
    scopes text[] not null default '{}',
    sandbox boolean not null default false,
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);

create table staff (
    id bigint generated always as identity primary key,
    name text not null check (name <> ''),
    role text not null check (role in ('operator', 'planner', 'supervisor', 'admin')),
    badge text not null unique check (badge <> ''),
    pin_hash text not null,
    created_at timestamptz not null default now(),
    disabled_at timestamptz
);

create table staff_session (
    id bigint generated always as identity primary key,
    token_hash bytea not null unique,
    staff_id bigint not null references staff,
    device text not null,
    scenario text not null default 'menu',
    state jsonb not null default '{}',
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
