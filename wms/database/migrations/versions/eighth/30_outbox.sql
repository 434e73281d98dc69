-- What shops hear: every event numbered within its subject, each delivery kept with what came of
-- it, and topics that leave by one sender.

-- An event's number within its subject, without gaps: whoever hears of a subject can put its
-- events in order, and knows when one is missing. Rows are only ever added, so that the newest
-- number is in the index; the owner is let past the row security while old rows get theirs.
alter table event add column subject_seq bigint;
alter table event no force row level security;
update event e set subject_seq = n.number
from (select seq, row_number() over (partition by tenant_id, subject order by seq) as number
      from event) n
where n.seq = e.seq;
alter table event force row level security;
alter table event alter column subject_seq set not null;
create unique index event_of_subject on event (tenant_id, subject, subject_seq);
create index event_at on event using brin (occurred_at);

-- Why an endpoint hears nothing any more, and the secret before this one, which signs beside it
-- until its time is over.
alter table webhook_endpoint
    add column old_secret text,
    add column old_secret_until timestamptz,
    add column disabled_at timestamptz,
    add column disabled_reason text;
alter table webhook_endpoint no force row level security;
update webhook_endpoint set disabled_at = now(), disabled_reason = 'disabled' where not active;
alter table webhook_endpoint force row level security;
alter table webhook_endpoint
    add constraint webhook_endpoint_old_secret
        check ((old_secret is null) = (old_secret_until is null)),
    add constraint webhook_endpoint_active check (active = (disabled_at is null));
create index webhook_endpoint_of_shop on webhook_endpoint (tenant_id, shop_id, id);

-- A message's place in its object's line is its event's, so that one that is queued late stands
-- where it belongs. due_at is the next try, the end of a lease, or `infinity`: behind an older one.
-- seen_at is when somebody of the staff saw that it was given up, or of its shop.
alter table outbox
    drop constraint outbox_topic_check,
    add constraint outbox_topic_check check (topic in ('webhook', 'carrier', 'mail')),
    add column event_seq bigint,
    add column test boolean not null default false,
    add column tried_at timestamptz,
    add column last_status integer,
    add column replays integer not null default 0,
    add column replayed_at timestamptz,
    add column seen_at timestamptz;
alter table outbox no force row level security;
update outbox set event_seq = split_part(message_id, '_', 2)::bigint where topic = 'webhook';
alter table outbox force row level security;
alter table outbox
    add column rank bigint not null generated always as (coalesce(event_seq, id)) stored;

drop index outbox_waiting;
drop index outbox_order;
create index outbox_waiting on outbox (topic, target, due_at, rank)
    where done_at is null and dead_at is null;
create index outbox_order on outbox (topic, target, subject, rank)
    where done_at is null and dead_at is null;
create index outbox_dead on outbox (topic, target) where dead_at is not null;
create index outbox_unseen on outbox (topic, target)
    where dead_at is not null and seen_at is null;
create index outbox_of_endpoint on outbox (target, id) where topic = 'webhook';

-- The same of jobs, which are tried again and given up as messages are.
alter table job add column seen_at timestamptz;
create index job_unseen on job (kind)
    where dead_at is not null and done_at is null and seen_at is null;

-- What a receiver is told of an event.
create function webhook_body(
    p_type text, p_at timestamptz, p_subject text, p_number bigint, p_data jsonb
) returns jsonb language sql stable as $$
    select jsonb_build_object('type', p_type, 'timestamp', p_at, 'subject', p_subject,
        'sequence', p_number, 'data', p_data)
$$;

-- Whether a shop hears of a subject that is of no order. A ticket of a queue, a request for a human
-- and a connector are one shop's matter; of stock, items and the house all shops of a tenant hear.
create function heard_by(p_subject text, p_shop bigint) returns boolean
language plpgsql stable as $$
declare
    v_id bigint := substring(p_subject from '^(?:admission|handoff|connector)/([0-9]{1,18})$');
begin
    if v_id is null then
        return true;
    end if;
    return case split_part(p_subject, '/', 1)
        when 'admission' then
            exists (select 1 from admission_ticket t where t.id = v_id and t.shop_id = p_shop)
        when 'handoff' then
            exists (select 1 from handoff h where h.id = v_id and h.shop_id = p_shop)
        else exists (select 1 from connector c where c.id = v_id and c.shop_id = p_shop) end;
end $$;

-- Writes an event, and a message to each endpoint that wants to hear it. What is about an order is
-- told to that order's shop only, and what is of no order to those that it concerns. Of two
-- transactions that number events of one subject the second waits at the index for the first, and
-- looks again: numbers follow the order of commits, and one that is undone leaves no gap.
create or replace function emit_event(
    p_tenant bigint, p_type text, p_subject text, p_order bigint, p_data jsonb, p_actor text,
    p_at timestamptz
) returns void language plpgsql as $$
declare
    v_seq bigint;
    v_number bigint;
begin
    loop
        insert into event
            (tenant_id, type, subject, subject_seq, order_id, data, actor, occurred_at)
        select p_tenant, p_type, p_subject,
            coalesce((select e.subject_seq from event e
                      where e.tenant_id = p_tenant and e.subject = p_subject
                      order by e.subject_seq desc limit 1), 0) + 1,
            p_order, p_data, p_actor, p_at
        on conflict (tenant_id, subject, subject_seq) do nothing
        returning seq, subject_seq into v_seq, v_number;
        exit when found;
    end loop;
    insert into outbox (tenant_id, topic, target, subject, message_id, event_seq, payload)
    select p_tenant, 'webhook', w.id, p_subject, 'msg_' || v_seq || '_' || w.id, v_seq,
        webhook_body(p_type, p_at, p_subject, v_number, p_data)
    from webhook_endpoint w
    where w.tenant_id = p_tenant and w.active and ('*' = any(w.types) or p_type = any(w.types))
      and case when p_order is null then heard_by(p_subject, w.shop_id)
               else w.shop_id = (select o.shop_id from shop_order o where o.id = p_order) end;
end $$;

grant delete on webhook_endpoint to stowline_shop;
