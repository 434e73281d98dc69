"""The audit log, who saw whose data, and buyers that are forgotten."""
