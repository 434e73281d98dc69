-- Where somebody works: a handheld offers, and takes, only what is of its session's warehouse.
alter table staff_session add column warehouse_id bigint references warehouse;
