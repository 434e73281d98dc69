"""An order: taken in, paid, given waybills, held, cancelled, shown."""
