-- Asks for a job, once for each subject. One that is being done may have looked too early: it gets
-- another moment to be due at, by which whoever ends it knows that it is to be done once more.
-- One that waits is kept from being begun until who asks for it has committed.
create function ask_job(p_kind text, p_subject text, p_payload jsonb, p_due_at timestamptz)
returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    loop
        insert into job (kind, subject, payload, due_at)
        values (p_kind, p_subject, p_payload, p_due_at)
        on conflict (kind, subject) where done_at is null and dead_at is null do nothing;
        exit when found;
        update job
        set due_at = case when leased_until is null then due_at
                          else greatest(p_due_at, due_at + interval '1 microsecond') end
        where kind = p_kind and subject = p_subject and done_at is null and dead_at is null;
        -- Else it has ended meanwhile.
        exit when found;
    end loop;
end
$$;
revoke execute on function ask_job(text, text, jsonb, timestamptz) from public;
grant execute on function ask_job(text, text, jsonb, timestamptz) to stowline_shop, stowline_staff;
