"""Uploads: what is answered is whole, whatever its sender, the disk or a stop does to it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

import pytest

from support.running import Service, wait_until
from support.runtime.raw import Connection, Reply, ask, chunked, message

LIMIT = 3 * 2**20  # bytes of a file
DISK = 8 * 2**20  # bytes of the volume that is full
LARGE = 95 * 2**20  # bytes; with the service's own memory more than MEMORY
MEMORY = "128m"
BOUNDARY = "limit-of-parts"
FORM = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
FILE = b"\x00\xff\r\n--limit-of" * 5000
ID = r"[\da-f]{32}"


def part(content: bytes, name: str | None = "a.txt") -> bytes:
    """Return a part of a form: a file, or without a name an ordinary field."""
    file = "" if name is None else f'; filename="{name}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"{file}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    """Return a whole form."""
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


BAD = {
    "no part": form(),
    "no body": b"",
    "a field": form(part(b"x", None)),
    "a field beside the file": form(part(b"x", None), part(FILE)),
    "another name": form(part(FILE).replace(b'name="file"', b'name="other"')),
    "two files": form(part(FILE), part(FILE)),
    "no name": form(part(FILE, "..")),
    "a NUL in its name": form(part(FILE, "evil\x00")),
    "no end": part(FILE),
    "half a file": part(FILE)[:1000],
    "half a head": part(FILE)[:40],
    "no form": b"hello",
}


def upload(service: Service, body: bytes) -> Reply:
    """Send a form."""
    return ask(service.port, "POST", "/files", FORM, body=body)


def folder(service: Service) -> list[str]:
    """Return the names of what is on the volume."""
    script = "JSON.stringify(fs.readdirSync('/data'))"
    output: bytes = service.container.exec_run(["node", "-p", script]).output  # type: ignore[assignment]
    names: list[str] = json.loads(output)
    return sorted(names)


def errors(service: Service) -> list[str]:
    """Return the lines of the log that are errors."""
    return [line for line in service.logs() if '"level":"error"' in line]


# Checks of an owner's: one before the form is read, by framework, and one of its file.
BEFORE = {
    "express": (
        ".route('/files')\n",
        ".route('/files')\n.all(({ headers }, _res, next) => {\n"
        "  next(headers['x-before'] ? new HttpError(401) : undefined);\n})\n",
    ),
    "fastify": (
        "app.post('/files', (",
        "app.addHook('onRequest', async ({ headers }) => {\n"
        "  if (headers['x-before']) throw new HttpError(401);\n});\napp.post('/files', (",
    ),
    "http": (
        "{ POST: upload }",
        "{ POST: (req, res) => {\n"
        "  if (req.headers['x-before']) throw new HttpError(401);\n  return upload(req, res);\n} }",
    ),
}
OF_FILE = (
    "multer({ dest: config.uploadFolder, limits })",
    "multer({ dest: config.uploadFolder, limits, fileFilter: ({ headers }, _file, done) => {\n"
    "  if (!headers['x-file']) return done(null, true);\n"
    "  done(headers['x-file'] === 'refused' ? new HttpError(403) : new TypeError('a mistake'));\n} })",
)


def add_checks(service: Service) -> None:
    """Write the checks above into the service, as an owner would."""
    framework = service.project.answers["framework"]
    end = {"typescript": "ts", "javascript": "js"}[service.project.answers["language"]]
    name = "uploads" if framework == "fastify" else "routes"
    source = service.project.path / "src" / f"{name}.{end}"
    text = source.read_text(encoding="utf-8")
    for old, new in (BEFORE[framework], OF_FILE):
        assert text.count(old) == 1
        text = text.replace(old, new)
    source.write_text(text, encoding="utf-8")


def configure(service: Service, **settings: object) -> None:
    """Start the service with these settings, on a volume that is empty."""
    assert service.project.make("stop").returncode == 0
    for volume in service.client.volumes.list(filters={"name": f"{service.project.slug}_data"}):
        volume.remove()
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    (service.project.path / ".env").write_text("".join(lines), encoding="utf-8")
    service.run()


@pytest.fixture(scope="module")
def service(recipe: Service) -> Iterator[Service]:
    """The service as the page leaves it, with a smaller limit and checks by header; the volume goes too."""
    add_checks(recipe)
    configure(recipe, UPLOAD_LIMIT_BYTES=LIMIT)
    yield recipe
    assert recipe.project.make("stop").returncode == 0
    recipe.client.volumes.get(f"{recipe.project.slug}_data").remove()


def content_of(service: Service, identity: str) -> bytes:
    """Return what is on the volume under this id."""
    script = f"process.stdout.write(fs.readFileSync('/data/{identity}'))"
    output: bytes = service.container.exec_run(["node", "-e", script]).output  # type: ignore[assignment]
    return output


def stored_id(service: Service, content: bytes) -> str:
    """Send a file that is taken; return its id."""
    reply = upload(service, form(part(content)))
    assert reply.status == 201, reply
    answer = json.loads(reply.body)
    assert answer["size"] == len(content)
    identity: str = answer["id"]
    return identity


def test_a_file_is_on_the_volume_as_it_was(service: Service) -> None:
    for content in (FILE, b"", b"x" * LIMIT):
        assert content_of(service, stored_id(service, content)) == content


def test_it_outlives_the_container(service: Service) -> None:
    identity = stored_id(service, FILE)
    assert service.project.make("stop").returncode == 0
    service.run()
    assert content_of(service, identity) == FILE


def test_the_senders_name_decides_nothing(service: Service) -> None:
    for name in ("../../tmp/evil", "/data/evil", "a.html"):
        assert upload(service, form(part(FILE, name))).status == 201
    assert [name for name in folder(service) if not re.fullmatch(ID, name)] == []


def test_too_large_is_a_413(service: Service) -> None:
    before = folder(service)
    for body in (form(part(b"x" * (LIMIT + 1))), form(part(b"x" * (LIMIT + 20_000)))):
        reply = upload(service, body)
        assert (reply.status, reply.problem["title"]) == (413, "Payload Too Large")
        with Connection(service.port) as connection:
            connection.send(message("POST", "/files", FORM, "Transfer-Encoding: chunked") + chunked(body))
            unknown = connection.reply()
        assert unknown is not None
        assert unknown.status == 413
    assert folder(service) == before


@pytest.mark.parametrize("what", BAD)
def test_what_is_not_one_file_is_a_400(service: Service, what: str) -> None:
    before = folder(service)
    reply = upload(service, BAD[what])
    assert (reply.status, reply.problem["title"]) == (400, "Bad Request")
    assert folder(service) == before


@pytest.mark.parametrize(
    ("check", "status"),
    [("X-Before: refused", 401), ("X-File: refused", 403), ("X-File: fails", 500)],
    ids=["before the form", "of its file", "a mistake"],
)
def test_what_an_owners_check_throws_keeps_its_status(service: Service, check: str, status: int) -> None:
    """Only what the parser throws is a malformed form."""
    before, logged = folder(service), len(errors(service))
    reply = ask(service.port, "POST", "/files", FORM, check, body=form(part(FILE)))
    assert (reply.status, reply.problem["status"]) == (status, status)
    assert folder(service) == before
    assert wait_until(lambda: len(errors(service)) == logged + (status == 500), 5)


def test_what_is_no_form_is_refused_and_other_routes_take_none(service: Service) -> None:
    boundless = ask(service.port, "POST", "/files", "Content-Type: multipart/form-data", body=form(part(FILE)))
    assert boundless.status == 400
    for kind in ("text/plain", "application/json"):
        content = b'{"filename":"mine","size":1}'
        assert ask(service.port, "POST", "/files", f"Content-Type: {kind}", body=content).status == 400
    status = 415 if service.project.answers["framework"] == "fastify" else 400
    assert ask(service.port, "POST", "/files", "Content-Type: image/png", body=b"x").status == status
    assert ask(service.port, "POST", "/echo", FORM, body=form(part(FILE))).status == 415
    wrong = ask(service.port, "DELETE", "/files")
    assert (wrong.status, wrong.headers["allow"]) == (405, "OPTIONS, POST")


def test_a_sender_who_leaves_leaves_nothing(service: Service) -> None:
    before, logged = folder(service), len(errors(service))
    head = message("POST", "/files", FORM, f"Content-Length: {len(form(part(FILE)))}")
    for sent in (b"", part(FILE)[:30], part(FILE)[:30_000]):
        for leave in (Connection.reset, Connection.finish):
            with Connection(service.port) as connection:
                connection.send(head + sent)
                if len(sent) > 1000:
                    assert wait_until(lambda: folder(service) != before, 5)
                leave(connection)
                assert wait_until(lambda: folder(service) == before, 5)
    assert stored_id(service, FILE)
    assert len(errors(service)) == logged


def test_an_upload_in_flight_is_finished_at_a_stop(service: Service) -> None:
    body, before, container = form(part(FILE)), folder(service), service.container
    with Connection(service.port) as connection:
        connection.send(message("POST", "/files", FORM, f"Content-Length: {len(body)}") + body[:30_000])
        assert wait_until(lambda: folder(service) != before, 5)
        container.kill("SIGTERM")
        time.sleep(1)
        connection.send(body[30_000:])
        reply = connection.reply()
    assert reply is not None
    assert (reply.status, reply.headers["connection"]) == (201, "close")
    assert container.wait(timeout=10)["StatusCode"] == 0
    service.run()
    assert content_of(service, json.loads(reply.body)["id"]) == FILE


def test_a_large_file_needs_no_memory(service: Service) -> None:
    (service.project.path / ".env").write_text(f"APP_MEMORY={MEMORY}\n", encoding="utf-8")
    service.run()
    content = b"x" * LARGE
    with Connection(service.port, 60) as connection:
        body = form(part(content))
        connection.send(message("POST", "/files", FORM, body=body))
        reply = connection.reply()
    assert reply is not None
    assert (reply.status, json.loads(reply.body)["size"]) == (201, LARGE)
    assert service.container.attrs["RestartCount"] == 0


def test_a_full_disk_is_a_logged_500_and_what_is_answered_is_whole(service: Service) -> None:
    compose = service.project.path / "compose.yaml"
    text = compose.read_text(encoding="utf-8")
    size = f'driver_opts: {{ type: tmpfs, device: tmpfs, o: "size={DISK},mode=1777" }}'
    assert text.count("volumes:\n  data:\n") == 1
    assert service.project.make("stop").returncode == 0
    compose.write_text(text.replace("volumes:\n  data:\n", f"volumes:\n  data:\n    {size}\n"), encoding="utf-8")
    configure(service, UPLOAD_LIMIT_BYTES=LIMIT)
    body = form(part(b"x" * LIMIT))
    assert [upload(service, body).status for _ in range(2)] == [201, 201]
    stored = folder(service)
    for _ in range(3):
        reply = upload(service, body)
        assert (reply.status, "detail" in reply.problem) == (500, False)
        assert folder(service) == stored
    assert wait_until(lambda: sum("ENOSPC" in line for line in errors(service)) == 3, 5)
    # What arrives in one piece is written when its form has been read to the end.
    small = FILE[:30_000]
    answered = []
    while (reply := upload(service, form(part(small)))).status == 201:
        answered.append(json.loads(reply.body)["id"])
    assert reply.status == 500
    assert {content_of(service, identity) for identity in answered} == {small}
