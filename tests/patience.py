"""How long tests wait for what must come: no promise of speed, only an end for what hangs."""

PATIENCE_S = 60.0
PATIENCE_MS = 60_000
