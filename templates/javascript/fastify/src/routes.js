// The routes: what the service answers, and which input it accepts.
//% if cookiecutter.pages == 'static'
import { registerPages, wantsPage } from './pages.js';
//% endif
import { HttpError } from './service/errors.js';

const JSON_TYPE = 'application/json';

const echoBody = {
  type: 'object',
  properties: { message: { type: 'string', minLength: 1, maxLength: 1000 } },
  required: ['message'],
  additionalProperties: false,
};

/** Accepts JSON only: 415 for another media type, and for a compressed body. */
async function acceptJson({ headers, mediaType }) {
  const compressed = (headers['content-encoding'] ?? 'identity') !== 'identity';
  if (compressed || (mediaType ?? JSON_TYPE) !== JSON_TYPE) throw new HttpError(415);
}

//% if cookiecutter.database != 'none'
export { acceptJson };

//% endif
/** The plugin with the routes; a second parameter would be the context of createApp(). */
export async function routes(app) {
  //% if cookiecutter.pages == 'static'
  await registerPages(app);

  app.get('/', (request, reply) => {
    const others = reply.getHeader('vary');
    reply.header('vary', others ? `${others}, accept` : 'accept');
    // A browser is shown the page.
    if (wantsPage(request.headers.accept)) return reply.sendFile('index.html');
    return reply.type('text/plain; charset=utf-8').send('Hello, Docker Multi-Stage Build!\n');
  });

  //% else
  app.get('/', (_request, reply) => {
    reply.type('text/plain; charset=utf-8').send('Hello, Docker Multi-Stage Build!\n');
  });

  //% endif
  app.post('/echo', { onRequest: acceptJson, schema: { body: echoBody } }, (request, reply) => {
    reply.send(request.body);
  });
}
