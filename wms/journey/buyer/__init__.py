"""A buyer: what they are told, sent and asked, and what they do by the links they get."""
