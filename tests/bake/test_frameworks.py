"""What the frameworks' own documentation shows works unchanged in a generated project, types and lint included."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.baking import BakedProject, bake, not_on_windows
from support.installed import install, node_run
from support.process import started

pytestmark = not_on_windows("SIGTERM")
JSON = {"content-type": "application/json"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
FASTIFY = """// As fastify's documentation shows.
import type { FastifyInstance } from 'fastify';

// As pino-http declares it.
declare module 'http' {
  interface IncomingMessage {
    id: number | string | object;
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    tenant: string;
  }
}

const page = { type: 'object', properties: { page: { type: 'integer' } } };

async function users(app: FastifyInstance) {
  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).send({ own: 'not found' });
  });
  app.get('/', async () => []);
  app.get('/:id', async (request) => ({ tenant: request.tenant }));
  app.put('/:userId', async (request) => request.params);
  app.get('/me', async () => ({ me: true }));
}

/** The plugin with the routes. */
export async function routes(app: FastifyInstance) {
  app.decorateRequest('tenant', '');
  app.addHook('onRequest', async (request) => {
    request.tenant = 'acme';
  });
  app.register(users, { prefix: '/users' });
  app.options('*', (_request, reply) => reply.header('allow', 'anything').send());
  app.get('/items', { schema: { querystring: page } }, async (request) => request.query);
  app.post('/strict', { schema: { body: page } }, async (request) => request.body);
  app.post('/text', { bodyLimit: 200_000 }, async (request) => ({
    n: String(request.body).length,
  }));
  app.get('/limited', async (_request, reply) => {
    reply.header('retry-after', '60');
    throw Object.assign(new Error('too many'), { statusCode: 429 });
  });
  app.get('/encoded', async (_request, reply) => {
    reply.headers({ 'content-encoding': 'gzip', etag: '"1"', 'retry-after': '60' });
    throw Object.assign(new Error('not a limit'), { statusCode: 401 });
  });
  app.get('/busy', async () => {
    throw Object.assign(new Error('busy'), { statusCode: 503, code: 'FST_UNDER_PRESSURE' });
  });
  app.get('/raw', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'Content-Type': 'text/event-stream' });
    reply.raw.end('data: 1\\n\\n');
  });
  app.get('/log', async (request) => {
    request.log.info('own line');
    return { trace: request.raw.traceId };
  });
  app.get('/upstream', async () => {
    throw Object.assign(new Error('invalid key'), { status: 401, statusCode: 401 });
  });
}
"""
EXPRESS = """// As express's documentation shows.
import express from 'express';
import type { Context } from './service/server.ts';

/** Builds the router. */
export function createRoutes(_context: Context) {
  const router = express.Router();
  const users = express.Router();
  users.get('/', (_req, res) => {
    res.json([]);
  });
  router.use('/users', users);
  const setHeaders = (res: express.Response) => res.set('Content-Security-Policy', 'own');
  router.use('/static', express.static('static', { maxAge: '1d' }));
  router.use('/own', express.static('static', { setHeaders }));
  router.post('/text', express.text({ limit: '200kb' }), (req, res) => {
    res.json({ n: req.body.length });
  });
  router.post('/inflated', express.json(), (req, res) => {
    res.json(req.body);
  });
  router.get('/limited', () => {
    throw Object.assign(new Error('busy'), { status: 503, expose: false });
  });
  router.get('/upstream', async () => {
    throw Object.assign(new Error('invalid key'), { status: 401 });
  });
  router.get('/upload', () => {
    throw Object.assign(new Error('too large'), { name: 'MulterError', code: 'LIMIT_FILE_SIZE' });
  });
  return router;
}
"""


@dataclass
class Response:
    """An HTTP response; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass
class Client:
    """Sends requests to a service on this machine."""

    port: int
    log: list[dict[str, Any]] = field(default_factory=list)

    def __call__(
        self, method: str, path: str, body: str | bytes | None = None, headers: dict[str, str] | None = None
    ) -> Response:
        """Send one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, {**(headers or {}), "connection": "close"})
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Response(response.status, names, response.read())


@contextmanager
def served(project: BakedProject) -> Iterator[Client]:
    """Run the sources until the block ends; yields what asks it, with its log once the block has ended."""
    with started(project) as process:
        ask = Client(process.port)
        yield ask
        assert process.stop() == 0, process.printed
        ask.log = [json.loads(line) for line in process.printed.splitlines()]


def with_routes(folder: Path, framework: str, routes: str) -> BakedProject:
    """Bake a TypeScript project with other routes; its packages are installed."""
    project = install(bake(folder, language="typescript", framework=framework, node_version="24"))
    (project.path / "src" / "routes.ts").write_text(routes)
    for test in project.path.glob("test/*.test.ts"):
        test.unlink()
    return project


def checked(project: BakedProject) -> None:
    """Fail unless types and lint of the project pass."""
    result = node_run(project, "--run", "lint")
    assert result.returncode == 0, result.stdout[-6000:]


def test_fastify(tmp_path: Path) -> None:
    project = with_routes(tmp_path, "fastify", FASTIFY)
    checked(project)
    with served(project) as ask:
        assert ask("GET", "/users").status == ask("GET", "/users/").status == 200
        assert ask("GET", "/users/7").json == {"tenant": "acme"}
        assert ask("PUT", "/users/7", "{}", JSON).json == {"userId": "7"}
        refused = ask("DELETE", "/users/me")
        assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS, PUT")
        assert ask("GET", "/users/7/8").json == {"own": "not found"}
        assert ask("GET", "/nothing").status == 404
        assert ask("OPTIONS", "/items").headers["allow"] == "anything"
        assert ask("GET", "/items?page=2").json == {"page": 2}
        assert ask("GET", "/items?page=x").json["detail"] == "querystring/page must be integer"
        assert ask("POST", "/strict", '{"page":"2"}', JSON).json["detail"] == "body/page must be integer"
        assert ask("POST", "/text", "x" * 150_000, {"content-type": "text/plain"}).json == {"n": 150_000}
        assert ask("GET", "/limited").status == 429
        encoded = ask("GET", "/encoded")
        assert encoded.json == {"type": "about:blank", "title": "Internal Server Error", "status": 500}
        assert not {"content-encoding", "etag"} & set(encoded.headers)
        assert ask("GET", "/busy").status == 503
        assert ask("GET", "/raw").headers["x-content-type-options"] == "nosniff"
        traced = ask("GET", "/log", None, {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
        assert traced.json == {"trace": TRACE}
        assert ask("GET", "/upstream").status == 500
    assert [line["trace_id"] for line in ask.log if "trace_id" in line] == [TRACE, TRACE]
    faults = [line["err"]["message"] for line in ask.log if line["msg"] == "request failed"]
    assert faults == ["not a limit", "busy", "invalid key"]


def test_express(tmp_path: Path) -> None:
    project = with_routes(tmp_path, "express", EXPRESS)
    static = project.path / "static"
    static.mkdir()
    (static / "index.html").write_text("<!doctype html><title>page</title>")
    checked(project)
    with served(project) as ask:
        assert ask("GET", "/users").status == ask("GET", "/users/").status == 200
        assert ask("OPTIONS", "/users").headers["allow"] == "GET, HEAD"
        page = ask("GET", "/static/index.html").headers
        assert page["cache-control"] == "public, max-age=86400"
        assert page["content-security-policy"].startswith("default-src 'self';")
        assert page["x-content-type-options"] == "nosniff"
        assert ask("GET", "/own/index.html").headers["content-security-policy"] == "own"
        assert ask("POST", "/text", "x" * 150_000, {"content-type": "text/plain"}).json == {"n": 150_000}
        zipped = gzip.compress(b'{"a":1}')
        assert ask("POST", "/inflated", zipped, {**JSON, "content-encoding": "gzip"}).json == {"a": 1}
        assert ask("GET", "/limited").status == 503
        assert ask("GET", "/upload").status == 413
        assert ask("GET", "/upstream").status == 500
    faults = [line["err"]["message"] for line in ask.log if line["msg"] == "request failed"]
    assert faults == ["busy", "invalid key"]
