"""The exact files of a generated project, as a function of its answers."""

from __future__ import annotations

ALWAYS = """
.devcontainer.json .dockerignore .env.example .gitattributes .gitignore .node-multi-stage.json .vscode/launch.json
Dockerfile LICENSE Makefile README.md biome.json compose.yaml package.json
scripts/compare.mjs scripts/compose.sh scripts/dev.sh scripts/doctor.sh scripts/env.awk
scripts/node.sh scripts/pin.sh scripts/run.sh scripts/scan.sh scripts/size.awk scripts/test.sh scripts/version.awk
scripts/why.sh
test/app.test.{ext} test/service/process.test.{ext} test/service/server.test.{ext}
scripts/image/install.sh scripts/image/libraries.sh scripts/image/manifests.mjs scripts/image/native.mjs
scripts/image/production.mjs scripts/image/times.mjs
src/app.{ext} src/config.{ext} src/routes.{ext} src/server.{ext}
src/service/errors.{ext} src/service/headers.{ext} src/service/healthcheck.{ext} src/service/logger.{ext}
src/service/proxies.{ext} src/service/refusals.{ext} src/service/requests.{ext}
src/service/server.{ext} src/service/settings.{ext} src/service/signals.{ext} src/service/start.{ext}
"""
BY_ANSWER = {
    ("language", "typescript"): """
        scripts/assets.mjs scripts/from-dist.mjs tsconfig.build.json tsconfig.json""",
    ("package_manager", "npm"): ".npmrc package-lock.json scripts/image/allow-scripts.mjs",
    ("package_manager", "pnpm"): "pnpm-lock.yaml pnpm-workspace.yaml scripts/image/package.json",
    ("package_manager", "yarn"): ".yarnrc.yml scripts/image/package.json yarn.lock",
    ("ci", "github"): ".github/dependabot.yml .github/workflows/ci.yml .github/workflows/scan.yml",
    ("ci", "gitlab"): ".gitlab-ci.yml renovate.json",
    ("orchestrator", "kubernetes"): """
        deploy/kubernetes/base/deployment.yaml deploy/kubernetes/base/kustomization.yaml
        deploy/kubernetes/base/network.yaml deploy/kubernetes/overlays/dev/kustomization.yaml
        deploy/kubernetes/overlays/production/kustomization.yaml deploy/kubernetes/overlays/production/scaling.yaml
        scripts/roll-out.sh""",
    ("orchestrator", "swarm"): "deploy/haproxy.cfg deploy/stack.yaml",
    ("pages", "static"): """
        public/icon.svg public/index.html public/main.js public/style.css
        src/pages.{ext} src/service/files.{ext} test/pages.test.{ext}""",
    ("metrics", "prometheus"): """
        src/service/metrics.{ext} src/service/route.{ext}
        test/service/metrics.test.{ext} test/service/route.test.{ext}""",
    ("framework", "fastify"): "test/routes.test.{ext}",
    ("framework", "http"): "test/service/logger.test.{ext}",
}


# With a database, whichever it is.
WITH_DATABASE = """
migrations/0001-notes.sql
src/database.{ext} src/migrate.{ext} src/notes.{ext} src/notes-store.{ext}
test/database.test.{ext} test/fresh-database.{ext} test/migrate.test.{ext} test/migrating.{ext} test/notes.test.{ext}
scripts/migrate.sh
"""
BY_ANSWER |= {
    ("database", "sqlite"): f"{WITH_DATABASE} scripts/sqlite.mjs scripts/sqlite.sh",
    ("database", "postgres"): f"{WITH_DATABASE} scripts/old-data.sh",
}
# With Postgres and an orchestrator: what migrates before a roll-out.
MIGRATING = {
    "none": "",
    "kubernetes": "deploy/kubernetes/base/migration.yaml",
    "swarm": "scripts/migrate-once.sh",
}


def expected_files(answers: dict[str, str]) -> list[str]:
    """Return every file of the project that these answers make, relative, sorted."""
    extension = "ts" if answers["language"] == "typescript" else "js"
    optional = [files for (question, choice), files in BY_ANSWER.items() if answers[question] == choice]
    if answers["database"] == "postgres":
        optional.append(MIGRATING[answers["orchestrator"]])
    return sorted(" ".join([ALWAYS, *optional]).format(ext=extension).split())
