"""Mixed fleets: slack induction by string removals for vehicles that are not alike."""
