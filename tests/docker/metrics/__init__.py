"""The answer metrics=prometheus on running containers, scraped by a real Prometheus."""
