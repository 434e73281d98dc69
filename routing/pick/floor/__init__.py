"""The floor that pickers walk: aisles, cross aisles, walkways, and the pace on them."""
