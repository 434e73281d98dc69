-- Work that has just been written wakes who waits for it; a slow poll finds what a notice missed.
create function tell() returns trigger language plpgsql as $$
begin
    perform pg_notify(tg_table_name, '');
    return null;
end $$;

create trigger job_told after insert on job for each statement execute function tell();
create trigger outbox_told after insert on outbox for each statement execute function tell();
create trigger label_job_told after insert on label_job for each statement execute function tell();
create trigger sort_route_told after insert on sort_route for each statement execute function tell();
