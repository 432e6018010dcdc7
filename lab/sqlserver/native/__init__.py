"""Where Python is too slow: C, compiled once on the machine that runs it."""
