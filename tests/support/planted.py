"""What the tests of the image plant into a baked project: packages of its own, patches, addons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import docker
import yaml

from support.baking import BakedProject

PATCH = "@@ -1,3 +1,4 @@\n+globalThis.patched = true;\n /**\n  * Helpers.\n  */\n"
# An addon that links a library which only the machine that built it has.
LACKING = """
mkdir /tmp/lib && cd /tmp/lib && echo 'int f(void) { return 1; }' > f.c
gcc -shared -o libnowhere.so f.c && echo 'int f(void); int g(void) { return f(); }' > g.c
gcc -shared -o /out/addon.node g.c -L. -lnowhere
"""
# A module that reads its name by a link.
LINKED = """import { readFileSync } from 'node:fs';

export const name = readFileSync(new URL('./name.txt', import.meta.url), 'utf8');
"""


def edit_manifest(project: BakedProject, **fields: Any) -> None:
    """Merge fields into package.json, one level deep, indented by tabs and with CRLF as some editors write it."""
    manifest = json.loads(project.read("package.json"))
    for name, value in fields.items():
        manifest[name] = {**manifest.get(name, {}), **value} if isinstance(value, dict) else value
    text = json.dumps(manifest, indent="\t").replace("\n", "\r\n")
    (project.path / "package.json").write_bytes(text.encode())


def write(project: BakedProject, path: str, text: str) -> None:
    """Write a file of the project, with its folders."""
    file = project.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def set_in(project: BakedProject, file: str, **values: object) -> None:
    """Set values in a YAML file."""
    content = {**yaml.safe_load(project.read(file)), **values}
    (project.path / file).write_text(yaml.safe_dump(content), encoding="utf-8")


def exempt(project: BakedProject, name: str) -> None:
    """Let versions of a package, or of `@scope/*`, in at any age, as the README says."""
    manager = project.answers["package_manager"]
    if manager == "npm":
        npmrc = f"{project.read('.npmrc')}min-release-age-exclude[]={name}\n"
        (project.path / ".npmrc").write_text(npmrc, encoding="utf-8")
    elif manager == "pnpm":
        set_in(project, "pnpm-workspace.yaml", minimumReleaseAgeExclude=[name])
    else:
        set_in(project, ".yarnrc.yml", npmPreapprovedPackages=[name])


def allow_script(project: BakedProject, name: str) -> None:
    """Let a package's install script run, as the line in the log says."""
    manager = project.answers["package_manager"]
    if manager == "npm":
        edit_manifest(project, allowScripts={name: True})
    elif manager == "pnpm":
        set_in(project, "pnpm-workspace.yaml", allowBuilds={name: True})
    else:
        edit_manifest(project, dependenciesMeta={name: {"built": True}})


def forget_scripts(project: BakedProject) -> None:
    """Take out what `make add` has written about install scripts of npm's packages, as if they had come without it."""
    manifest = json.loads(project.read("package.json"))
    manifest.pop("allowScripts", None)
    (project.path / "package.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def plant_packages(project: BakedProject) -> None:
    """Add a workspace with links, a `file:` package, a patch, hooks of git, another manager, and foreign addons."""
    for folder, name in (("packages/lib", "@x/lib"), ("local/greeter", "greeter")):
        package: dict[str, Any] = {"name": name, "version": "1.0.0", "type": "module", "exports": "./index.js"}
        if name == "@x/lib":
            # For a checkout, as the project's own: no image has the tool.
            package["scripts"] = {"prepare": "husky"}
        write(project, f"{folder}/package.json", json.dumps(package))
        write(project, f"{folder}/index.js", f"export const name = '{name}';\n")
    # By links, as two packages share files.
    write(project, "shared/name.txt", "@x/lib")
    (project.path / "packages/lib/shared").symlink_to("../../shared")
    (project.path / "packages/lib/name.txt").symlink_to("shared/name.txt")
    write(project, "packages/lib/index.js", LINKED)
    manager = project.answers["package_manager"]
    dependencies = {"bullmq": "5.61.0", "greeter": "file:./local/greeter", "ms": "2.1.3"}
    fields: dict[str, Any] = {
        "scripts": {"prepare": "husky"},
        "devDependencies": {"husky": "9.1.7"},
        "packageManager": f"{manager}@{ {'npm': '10.1.0', 'pnpm': '11.1.0', 'yarn': '4.1.0'}[manager] }",
    }
    if manager == "npm":
        fields |= {"workspaces": ["packages/*"]}
        fields["scripts"]["postinstall"] = "patch-package"
        dependencies |= {"@x/lib": "*", "patch-package": "8.0.0"}
        write(project, "patches/ms+2.1.3.patch", patch("node_modules/ms/index.js"))
    elif manager == "pnpm":
        settings = "packages: [packages/*]\npatchedDependencies: { ms@2.1.3: patches/ms.patch }\n"
        write(project, "pnpm-workspace.yaml", project.read("pnpm-workspace.yaml") + settings
              + "allowBuilds: { msgpackr-extract: true }\n")  # fmt: skip
        dependencies |= {"@x/lib": "workspace:*"}
        write(project, "patches/ms.patch", patch("index.js"))
    else:
        fields |= {"workspaces": ["packages/*"], "dependenciesMeta": {"msgpackr-extract": {"built": True}}}
        dependencies |= {"@x/lib": "workspace:*", "ms": "patch:ms@npm%3A2.1.3#~/.yarn/patches/ms.patch"}
        write(project, ".yarn/patches/ms.patch", patch("index.js"))
    edit_manifest(project, **fields, dependencies=dependencies)


def patch(file: str) -> str:
    """Return a patch of the package ms that leaves a mark when it is imported."""
    return f"diff --git a/{file} b/{file}\n--- a/{file}\n+++ b/{file}\n{PATCH}"


def plant_lacking_addon(project: BakedProject, client: docker.DockerClient, image: str) -> None:
    """Add a `file:` package with an addon that links libnowhere.so, compiled in an image that has gcc."""
    write(project, "local/addon/package.json", '{"name": "addon", "version": "1.0.0"}\n')
    folder: Path = project.path / "local" / "addon"
    client.containers.run(image, ["sh", "-ec", LACKING], volumes=[f"{folder}:/out"], remove=True)
    edit_manifest(project, dependencies={"addon": "file:./local/addon"})
