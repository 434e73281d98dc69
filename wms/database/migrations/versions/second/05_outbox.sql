-- What is asked and what is told, each in one call.

-- Holds a command until the transaction ends, and answers what it was answered before. The lock
-- and the look are two statements, so that the look sees what the lock waited for.
create function claim_command(
    p_tenant bigint, p_scope text, p_id text,
    out o_held boolean, out o_body_hash bytea, out o_status integer, out o_response jsonb
) language plpgsql as $$
begin
    o_held := pg_try_advisory_xact_lock(hashtextextended(p_scope || '/' || p_id, p_tenant));
    if o_held then
        select c.body_hash, c.status, c.response into o_body_hash, o_status, o_response
        from command c where c.tenant_id = p_tenant and c.scope = p_scope and c.id = p_id;
    end if;
end $$;

-- Writes an event, and a message to each endpoint that wants to hear it. What is about an order is
-- told to that order's shop only.
create function emit_event(
    p_tenant bigint, p_type text, p_subject text, p_order bigint, p_data jsonb, p_actor text,
    p_at timestamptz
) returns void language plpgsql as $$
declare
    v_seq bigint;
begin
    insert into event (tenant_id, type, subject, order_id, data, actor, occurred_at)
    values (p_tenant, p_type, p_subject, p_order, p_data, p_actor, p_at) returning seq into v_seq;
    insert into outbox (tenant_id, topic, target, subject, message_id, payload)
    select p_tenant, 'webhook', w.id, p_subject, 'msg_' || v_seq || '_' || w.id,
        jsonb_build_object('type', p_type, 'timestamp', p_at, 'data', p_data)
    from webhook_endpoint w
    where w.tenant_id = p_tenant and w.active and ('*' = any(w.types) or p_type = any(w.types))
      and (p_order is null
           or w.shop_id = (select o.shop_id from shop_order o where o.id = p_order));
end $$;
