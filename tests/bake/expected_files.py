"""The exact files of a generated project, as a function of its answers."""

from __future__ import annotations

ALWAYS = """
.devcontainer.json .dockerignore .env.example .gitattributes .gitignore .vscode/launch.json
Dockerfile LICENSE Makefile README.md biome.json compose.yaml package.json
scripts/doctor.sh test/app.test.{ext} test/lifecycle.test.{ext}
src/app.{ext} src/config.{ext} src/errors.{ext} src/healthcheck.{ext} src/lifecycle.{ext} src/logger.{ext}
src/routes.{ext} src/server.{ext}
"""
BY_ANSWER = {
    ("language", "typescript"): "tsconfig.json",
    ("package_manager", "npm"): ".npmrc package-lock.json",
    ("package_manager", "pnpm"): "pnpm-lock.yaml pnpm-workspace.yaml",
    ("package_manager", "yarn"): ".yarnrc.yml yarn.lock",
    ("ci", "github"): ".github/dependabot.yml .github/workflows/ci.yml",
    ("ci", "gitlab"): ".gitlab-ci.yml renovate.json",
    ("orchestrator", "kubernetes"): """
        deploy/kubernetes/base/deployment.yaml deploy/kubernetes/base/kustomization.yaml
        deploy/kubernetes/base/network.yaml deploy/kubernetes/overlays/dev/kustomization.yaml
        deploy/kubernetes/overlays/production/kustomization.yaml deploy/kubernetes/overlays/production/scaling.yaml""",
    ("orchestrator", "swarm"): "deploy/haproxy.cfg deploy/stack.yaml",
    ("framework", "fastify"): "test/routes.test.{ext}",
    ("framework", "http"): "src/headers.{ext}",
}


def expected_files(answers: dict[str, str]) -> list[str]:
    """Return every file of the project that these answers make, relative, sorted."""
    extension = "ts" if answers["language"] == "typescript" else "js"
    optional = [files for (question, choice), files in BY_ANSWER.items() if answers[question] == choice]
    return sorted(" ".join([ALWAYS, *optional]).format(ext=extension).split())
