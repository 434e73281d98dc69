"""The scenario: real invoices, and by a documented rule all that they lack."""
