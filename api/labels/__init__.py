"""Labels over HTTP: asked for, looked at, judged."""
