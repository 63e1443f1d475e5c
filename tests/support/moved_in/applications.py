"""The applications of tests/docker/moved_in/: the answers of their projects, and what they set by the guide."""

from __future__ import annotations

from support.moved_in.moving import Application, Set

_EVERY = (
    Application(
        "todo",
        {"framework": "http"},
        (
            Set("A path for health checks"),
            Set("A folder that production reads"),
            Set("Files that must be kept"),
            Set("A setting without a default", {"DATA_FILE=/data/items.db": "DATABASE_FILE=/data/todo.db"}),
        ),
        entry="server.js",
        limit=15,
        allowed_scripts={"better-sqlite3": True},
    ),
    Application(
        "nest",
        {"framework": "http", "language": "typescript", "package_manager": "yarn", "port": "8080"},
        (
            Set("A path for health checks"),
            Set("Decorators, enums and path aliases in TypeScript"),
            Set("Decorators that read types"),
            Set("CommonJS in TypeScript"),
            Set("A folder that only development needs", {"e2e": "requests"}),
        ),
        entry="main.ts",
    ),
    Application(
        "media",
        {"framework": "fastify", "language": "typescript"},
        (
            Set("A fastify plugin behind the template's server", {"shop": "media"}),
            Set("Files that must be kept"),
            Set("A setting without a default", {"DATA_FILE=/data/items.db": "DATABASE_URL=mysql://app:app@mysql/app"}),
            Set("A server beside it"),
        ),
        images=("mariadb:11",),
    ),
    Application(
        "shop",
        {"framework": "express", "runtime_image": "distroless"},
        (
            Set("An express application behind the template's server", {"./shop.js": "./shop/app.js"}),
            Set("A setting without a default", {"DATA_FILE=/data/items.db": "SESSION_SECRET=only-for-tests"}),
        ),
    ),
    Application(
        "chat",
        {"framework": "http", "package_manager": "pnpm"},
        (
            Set("A path for health checks", {"/health": "/"}),
            Set("A folder that production reads"),
            Set("CommonJS and the template's linter"),
        ),
        entry="index.js",
    ),
    Application(
        "queue",
        {"framework": "express", "runtime_image": "slim"},
        (
            Set("An express application behind the template's server", {"shop": "queue"}),
            Set("A setting without a default", {"DATA_FILE=/data/items.db": "REDIS_URL=redis://redis:6379"}),
            Set("A server beside it", {"mysql": "redis"}),
            Set("A worker"),
        ),
        images=("redis:8",),
    ),
    Application(
        "notes",
        {"framework": "express"},
        (
            Set("An express application behind the template's server", {"shop": "notes"}),
            Set("A package of a workspace"),
        ),
        package="packages/api",
    ),
    Application(
        "books",
        {"framework": "http", "language": "typescript"},
        (
            Set("A path for health checks"),
            Set("A folder that production reads", {"public public": "prisma prisma"}),
            Set("A setting without a default", {"DATA_FILE=/data/items.db": "DATABASE_URL=mysql://app:app@mysql/app"}),
            Set("A server beside it"),
            Set("Decorators, enums and path aliases in TypeScript"),
            Set("An alias of the compiler's"),
            Set("A generated client"),
        ),
        entry="index.ts",
        limit=15,
        allowed_scripts={"prisma": False, "@prisma/engines": False},
        scripts_instead={"generate": "PRISMA_SCHEMA_ENGINE_BINARY=/bin/true prisma generate"},
        images=("mariadb:11",),
    ),
)
APPLICATIONS = {application.name: application for application in _EVERY}
