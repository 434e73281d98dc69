-- What holds for a whole order to a supplier; null is what nobody has said.
alter table supplier
    -- What one more order costs us, whatever is in it, in the supplier's currency.
    add column order_cost_minor bigint check (order_cost_minor > 0),
    -- The least that an order has to come to.
    add column minimum_order_minor bigint check (minimum_order_minor > 0),
    -- What one truck takes, which orders are filled up to.
    add column truck_mass_g bigint check (truck_mass_g > 0),
    add column truck_volume_ml bigint check (truck_volume_ml > 0);
