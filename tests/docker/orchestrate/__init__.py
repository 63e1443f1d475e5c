"""The orchestrator answers, built and run: Kubernetes manifests under podman, the stack on a real Swarm."""
