"""Real packages: they load and work in production as where they were installed."""
