-- Labels of every format, each print of one a job: who asked for it, what became of it, and which
-- one it stands for. Bins, totes and pallets are the house's own and no tenant's.

alter table label_job
    alter column tenant_id drop not null,
    alter column waybill_id drop not null,
    drop constraint label_job_state_check,
    add constraint label_job_state_check check (state in
        ('queued', 'sent', 'printed', 'unsure', 'failed', 'void')),
    add column format text not null default 'parcel'
        check (format in ('parcel', 'bin', 'tote', 'item', 'pallet')),
    -- What a scanner reads from it; a parcel's is on its waybill.
    add column code text not null default '',
    add column content jsonb not null default '{}',
    add column sends integer not null default 0,
    -- Why nobody can tell whether it was printed, or why it was not.
    add column trouble text,
    add column verified_by text,
    add column verified_at timestamptz,
    add column voided_by text,
    add column voided_at timestamptz,
    add column void_reason text,
    add column reprint_of bigint references label_job,
    add column moved_from text,
    add column moved_at timestamptz,
    add constraint label_job_content check
        (case format when 'parcel' then waybill_id is not null and tenant_id is not null
         else waybill_id is null and code <> '' end);

create index label_job_reprint on label_job (reprint_of) where reprint_of is not null;
create index label_job_of_code on label_job (code, id) where code <> '';
-- What moves to another printer, or waits again, wakes who prints there.
create trigger label_job_moved after update of printer on label_job
    for each statement execute function tell();

-- Null: parcels say who sends them. Else what stands there instead, which may be nothing.
alter table shop add column neutral_sender text check (length(neutral_sender) <= 60);
grant update (neutral_sender) on shop to stowline_shop;
