"""What scanners say, however it comes: wedge, intent and telegram, and the rules of a read."""
