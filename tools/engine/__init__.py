"""The Docker engine and the base images that the tests need; see `python -m engine --help`."""
