"""How much to order, and when: each policy a function of demand's law and of what things cost."""
