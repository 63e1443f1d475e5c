"""Builds where teams really build: private CAs, registries, proxies, mirrors, pins, podman, arm64."""
