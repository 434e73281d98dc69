"""What is picked up here and delivered there, ruined and recreated."""
