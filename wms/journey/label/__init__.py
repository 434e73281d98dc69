"""Labels as people ask for them, see them and judge them."""
