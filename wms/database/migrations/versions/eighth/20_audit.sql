-- Who did what, when, to which object: copied from events, commands and notes into batches, each of
-- which has a keyed hash over its entries and over the batch before it. Writers wait for none of it.

-- Of which request something is, where it is of one.
create function stowline_request() returns text language sql stable parallel safe as
$$ select nullif(current_setting('stowline.request', true), '') $$;

-- What stays of data when the persons in it are forgotten: each token gives way to a word, so that
-- whoever reads the rest finds it in its place.
create function forgotten(p_data jsonb) returns jsonb language plpgsql immutable parallel safe as $$
begin
    if p_data is null or strpos(p_data::text, '{"~') = 0 then
        return p_data;
    elsif jsonb_typeof(p_data) = 'array' then
        return (select coalesce(jsonb_agg(forgotten(a.value) order by a.ordinality), '[]')
                from jsonb_array_elements(p_data) with ordinality a);
    elsif jsonb_typeof(p_data) <> 'object' then
        return p_data;
    elsif p_data - '~' = '{}' and p_data ->> '~' ~ '^[a-z0-9]{1,20}\.[A-Za-z0-9_-]{38,}=*$' then
        return '"erased"';
    elsif p_data - '~n' = '{}' and p_data ->> '~n' ~ '^[a-z0-9]{1,20}\.[A-Za-z0-9_-]{38,}=*$' then
        return 'null';
    end if;
    return (select coalesce(jsonb_object_agg(e.key, forgotten(e.value)), '{}')
            from jsonb_each(p_data) e);
end $$;

alter table event add column request_id text;
alter table event alter column request_id set default stowline_request();
alter table command add column request_id text, add column xid xid8;
alter table command
    alter column request_id set default stowline_request(),
    alter column xid set default pg_current_xact_id();
create index command_of_tenant on command (tenant_id, xid);

-- What is to be known although no event and no command tells it, as who looked at whose data.
create table audit_note (
    id bigint generated always as identity primary key,
    tenant_id bigint not null,
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null,
    actor text not null,
    action text not null,
    object text not null,
    order_id bigint,
    request_id text default stowline_request(),
    detail jsonb not null default '{}'
);
create index audit_note_of_tenant on audit_note (tenant_id, xid);
create index audit_note_of_order on audit_note (order_id, id) where order_id is not null;
create index audit_note_of_list on audit_note using gin ((detail -> 'orders') jsonb_path_ops)
    where detail ? 'orders';

-- A batch takes all that was written by transactions after the one before it, up to `upto`, all of
-- which have ended: nothing comes in between later. Tenant 0 is the house itself.
create table audit_batch (
    tenant_id bigint not null,
    number bigint not null check (number > 0),
    entries integer not null check (entries > 0),
    upto xid8 not null,
    previous bytea not null,
    hash bytea not null,
    made_at timestamptz not null,
    primary key (tenant_id, number)
);

-- The last batch of each chain, under a seal that only the keys make: batches that are cut off the
-- end are missed, and none is put in their place. An old head that somebody kept tells no such
-- thing, so that `stowline check audit` shows the heads, to be kept elsewhere.
create table audit_head (
    tenant_id bigint primary key,
    number bigint not null check (number > 0),
    hash bytea not null,
    seal bytea not null
);

create table audit_entry (
    tenant_id bigint not null,
    batch bigint not null,
    line integer not null,
    source text not null check (source in ('event', 'command', 'note')),
    source_id text not null,
    xid xid8 not null,
    at timestamptz not null,
    actor text not null,
    action text not null,
    object text not null,
    order_id bigint,
    request_id text,
    detail jsonb not null,
    primary key (tenant_id, batch, line),
    unique (tenant_id, source, source_id)
);
create index audit_entry_of_order on audit_entry (order_id, xid) where order_id is not null;
create index audit_entry_of_object on audit_entry (object, xid);

-- What there is to enter, in the words of an entry; the hash is made over `said`, and a source
-- that says something else later than its entry does was changed.
create view audit_source with (security_invoker = true) as
select e.tenant_id, 'event' as source, e.seq::text as source_id, e.xid, 1 as rank, e.seq as number,
    e.occurred_at as at, e.actor, e.type as action, e.subject as object, e.order_id, e.request_id,
    forgotten(e.data) as detail
from event e
union all
select c.tenant_id, 'command', c.scope || '/' || encode(sha256(convert_to(c.id, 'UTF8')), 'hex'),
    c.xid, 2, 0, c.at, c.actor, c.kind,
    case when c.response ? 'ship_to' then 'order/' || (c.response ->> 'id')
         else c.scope end,
    case when c.response ? 'ship_to' then (c.response ->> 'id')::bigint end, c.request_id,
    jsonb_build_object('status', c.status)
from command c where c.xid is not null
union all
select n.tenant_id, 'note', n.id::text, n.xid, 3, n.id, n.at, n.actor, n.action, n.object,
    n.order_id, n.request_id, n.detail
from audit_note n;
