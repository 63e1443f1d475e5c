"""Mutants of what a build sees, of the image, and of how its container is started."""

from __future__ import annotations

from mutants.mutant import Mutant

DOCKERIGNORE = "project/.dockerignore"
CONTEXT = "bake/test_build_context.py::test_secrets_and_outputs_stay_and_the_rest_arrives"
COMPOSE = "project/compose.yaml"
COMPOSE_TESTS = "bake/test_compose.py::"
DOCKERFILE = "project/Dockerfile"
CONTENTS = "docker/image/test_contents.py::"
SAME_LAYERS = "docker/company/test_pins.py::test_same_tree_gives_the_same_layers[default]"

BUILD_CONTEXT = [
    Mutant(
        name="every file of a package has the same time",
        file="project/scripts/image/times.mjs",
        old="entry.isFile() ? timeOf(name) : 0",
        new="0",
        test="bake/test_file_times.py::test_a_time_stands_for_a_content",
        why="a browser keeps the old page of a package, because both versions have one ETag",
    ),
    Mutant(
        name=".dockerignore admits .env",
        file=DOCKERIGNORE,
        old="**/.env*\n",
        new="",
        test=CONTEXT,
        why="passwords of the owner's machine would stay in a layer",
    ),
    Mutant(
        name=".dockerignore admits a .env of a subfolder",
        file=DOCKERIGNORE,
        old="**/.env*\n",
        new=".env*\n",
        test=CONTEXT,
        why="a workspace has its settings in its own folder",
    ),
    Mutant(
        name=".dockerignore admits private keys",
        file=DOCKERIGNORE,
        old="**/*.key\n",
        new="",
        test="docker/image/test_build_context.py::test_no_secret_reaches_a_build",
        why="a key in a layer is a key that everybody has who pulls the image",
    ),
    Mutant(
        name=".dockerignore admits node_modules",
        file=DOCKERIGNORE,
        old="**/node_modules\n",
        new="",
        test=CONTEXT,
        why="addons of the owner's system would replace those of the image",
    ),
    Mutant(
        name=".dockerignore hides what an owner adds",
        file=DOCKERIGNORE,
        old="coverage\ndist\n",
        new="coverage\ndist\npublic\n",
        test=CONTEXT,
        why="it would be there in development and missing in production",
    ),
    Mutant(
        name=".dockerignore hides modules named after SQL",
        file=DOCKERIGNORE,
        old="**/*.sql.gz\n",
        new="**/*.sql.*\n",
        test=CONTEXT,
        why="query.sql.ts, which a code generator writes, could not be imported in any image",
    ),
    Mutant(
        name=".dockerignore hides migrations about dumps",
        file=DOCKERIGNORE,
        old="**/dump.sql\n",
        new="**/dump*.sql\n",
        test=CONTEXT,
        why="a migration would be skipped, and only in production",
    ),
    Mutant(
        name=".dockerignore hides modules about kubeconfigs",
        file=DOCKERIGNORE,
        old="**/kubeconfig.y*ml\n",
        new="**/kubeconfig*\n",
        test=CONTEXT,
        why="src/kubeconfig.js could not be imported in any image",
    ),
    Mutant(
        name=".dockerignore admits compressed dumps",
        file=DOCKERIGNORE,
        old="**/*.sql.gz\n",
        new="",
        test=CONTEXT,
        why="everybody who pulls the image would have the data",
    ),
    Mutant(
        name=".dockerignore hides the example of .env",
        file=DOCKERIGNORE,
        old="!**/.env.example\n",
        new="",
        test=CONTEXT,
        why="a test that reads it would fail in the image only",
    ),
]

CONTAINER = [
    Mutant(
        name="inspector published on 0.0.0.0",
        file=COMPOSE,
        old="- 127.0.0.1:${APP_DEBUG_PORT",
        new="- 0.0.0.0:${APP_DEBUG_PORT",
        test=f"{COMPOSE_TESTS}test_the_inspector_is_published_on_loopback_only",
        why="everybody in the network could run code on the owner's machine",
    ),
    Mutant(
        name="inspector published where the service is",
        file=COMPOSE,
        old="- 127.0.0.1:${APP_DEBUG_PORT",
        new="- ${APP_HOST_IP:-127.0.0.1}:${APP_DEBUG_PORT",
        test=f"{COMPOSE_TESTS}test_the_inspector_is_published_on_loopback_only",
        why="who shows the service to a colleague would give away the machine",
    ),
    Mutant(
        name="published on every address",
        file=COMPOSE,
        old="${APP_HOST_IP:-127.0.0.1}",
        new="${APP_HOST_IP:-0.0.0.0}",
        test=f"{COMPOSE_TESTS}test_ports_are_published_on_loopback_unless_asked_otherwise",
        why="Docker opens the port past the machine's firewall",
        times=2,
    ),
    Mutant(
        name="dev as root",
        file=COMPOSE,
        old="    user: node\n",
        new="    user: root\n",
        test=f"{COMPOSE_TESTS}test_nothing_runs_as_root",
        why="what development may do and production may not is found too late",
    ),
    Mutant(
        name="the dev stage as root",
        file=DOCKERFILE,
        old='USER 1000:1000\nCMD ["node", "--run", "dev"]\n',
        new='CMD ["node", "--run", "dev"]\n',
        test=f"{COMPOSE_TESTS}test_nothing_runs_as_root",
        why="tests would pass that need root",
    ),
    Mutant(
        name="production as root",
        file=DOCKERFILE,
        old="COPY --from=libraries /out/libraries /\nUSER 1000:1000\n",
        new="COPY --from=libraries /out/libraries /\n",
        test=f"{COMPOSE_TESTS}test_nothing_runs_as_root",
        why="who breaks in would be root",
    ),
    Mutant(
        name="compose: capabilities kept",
        file=COMPOSE,
        old="    cap_drop: [ALL]\n",
        new="",
        times=2,
        test=f"{COMPOSE_TESTS}test_the_service_is_hardened",
        why="a service needs none of them",
    ),
    Mutant(
        name="compose: privileges can be gained",
        file=COMPOSE,
        old='    security_opt: ["no-new-privileges:true"]\n',
        new="",
        times=2,
        test=f"{COMPOSE_TESTS}test_the_service_is_hardened",
        why="a setuid program in a dependency's image would be root",
    ),
    Mutant(
        name="compose: writable",
        file=COMPOSE,
        old="    read_only: true\n",
        new="",
        times=2,
        test=f"{COMPOSE_TESTS}test_the_service_is_hardened",
        why="who breaks in could leave programs behind",
    ),
    Mutant(
        name="compose: killed before its drain ends",
        file=COMPOSE,
        old="    stop_grace_period: ${APP_STOP_GRACE:-10s}\n",
        new="    stop_grace_period: 5s\n",
        test="bake/test_grace.py",
        why="requests in flight would be cut",
    ),
]

IMAGE = [
    Mutant(
        name="folders have the time of their build",
        file=DOCKERFILE,
        old=" \\\n    && find /out/production -exec touch --date @0 {} +\n",
        new="\n",
        test=SAME_LAYERS,
        why="every build would push and pull a layer that holds nothing new",
    ),
    Mutant(
        name="Node and its certificates have the time of their build",
        file=DOCKERFILE,
        old=" > etc/group; \\\n    find . -exec touch --date @0 {} +\n",
        new=" > etc/group\n",
        test=SAME_LAYERS,
        why="every build would push and pull 120 MB that have not changed",
    ),
    Mutant(
        name="libraries have the time of their build",
        file=DOCKERFILE,
        old=" \\\n    && find . -exec touch -h --date @0 {} +\n",
        new="\n",
        test=SAME_LAYERS,
        why="every build would push and pull a layer that holds nothing new",
    ),
    Mutant(
        name="local packages keep a strict umask",
        file=DOCKERFILE,
        old="    && chmod -R a+rX,go-w . \\\n",
        new="",
        test="docker/image/test_odd_projects.py::test_strict_umask_of_a_git_checkout",
        why="the service could not read the packages of its own project",
    ),
    Mutant(
        name="a worker beside its module is not found",
        file="project/scripts/assets.mjs",
        old="modules.has(name) ? codeOf(name) : name",
        new="name",
        test="docker/image/test_context.py::test_assets_traces_and_times_of_typescript",
        why="a worker would run in development and be missing in production",
    ),
    Mutant(
        name="old build steps are kept for ever",
        file="tools/engine/client.py",
        old="                private.prune_builds(paths)\n",
        new="",
        test="docker/engine/test_private_engine.py::test_old_build_steps_are_forgotten_by_the_next_run",
        why="after some days every test would take twice as long",
    ),
    Mutant(
        name="BuildKit's records grow for ever",
        file="tools/engine/private.py",
        old="        shutil.rmtree(folder)\n",
        new="",
        test="docker/engine/test_private_engine.py::test_old_build_steps_are_forgotten_by_the_next_run",
        why="after some days each build would take ten times as long",
    ),
    Mutant(
        name="a patch that does not apply passes",
        file="project/scripts/image/install.sh",
        old="export CI=true\n",
        new="",
        test="docker/company/test_readme_errors.py::test_a_patch_of_another_version[npm]",
        why="production would run the unpatched package without a word",
    ),
    Mutant(
        name="sources that the service may change",
        file=DOCKERFILE,
        old="COPY --chmod=555 src src\n",
        new="COPY --chmod=777 src src\n",
        test=f"{CONTENTS}test_nothing_is_writable_by_the_service",
        why="who breaks in could change what runs, where the root file system is not read-only",
    ),
    Mutant(
        name="the binary keeps its symbols",
        file=DOCKERFILE,
        old="    strip --strip-all -o usr/local/bin/node /usr/local/bin/node; \\\n",
        new="    cp /usr/local/bin/node usr/local/bin/node; \\\n",
        test=f"{CONTENTS}test_size_budget",
        why="33 MB that nobody uses would be pulled by every node",
    ),
]

MUTANTS = [*BUILD_CONTEXT, *CONTAINER, *IMAGE]
