"""The floor: a handheld's scenarios, in which each scan leads to the next screen."""
