// A collector of OpenTelemetry, for the recipe about traces. On 4318 it takes spans, and any other request: how it
// answers, a test says by POST on 8081, where GET returns what it was sent since.
import http from 'node:http';

let mode = 'well';
let sent = { spans: [], posts: 0, traceparents: [] };

const answers = {
  well: (res) => res.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
  'bad request': (res) => res.writeHead(400).end(),
  never: () => {},
};

function plain(attributes) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

function spansOf({ resourceSpans }) {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        attributes: plain(span.attributes),
        resource: plain(resource.attributes),
      })),
    ),
  );
}

// A batch comes every five seconds, which is when Node would close the connection.
http
  .createServer({ keepAliveTimeout: 60_000 }, async (req, res) => {
    const body = (await req.toArray()).join('');
    if (req.url === '/v1/traces') {
      sent.posts += 1;
      sent.spans.push(...spansOf(JSON.parse(body)));
      return answers[mode](res);
    }
    sent.traceparents.push(req.headers.traceparent);
    answers.well(res);
  })
  .listen(4318);

http
  .createServer(async (req, res) => {
    const body = (await req.toArray()).join('');
    if (req.method === 'POST') {
      mode = body;
      sent = { spans: [], posts: 0, traceparents: [] };
    }
    res.end(JSON.stringify(sent));
  })
  .listen(8081);
