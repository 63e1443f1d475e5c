// The application: finds the route of a request.
import { HttpError } from './errors.js';
import { headersOf, securityHeaders } from './headers.js';
import { createServer } from './lifecycle.js';
import { createRoutes } from './routes.js';

/** Builds the service: its server and drain(), as createServer() describes them. */
export function createApp({ config, logger, status }) {
  const context = { config, logger, status, headers: securityHeaders };
  const routes = createRoutes(context);

  return createServer(context, (req, res) => {
    const methods = routes.get(req.url) ?? routes.get(req.url.split('?', 1)[0]); // most have no query
    if (!methods) throw new HttpError(404);
    const route = methods[req.method === 'HEAD' ? 'GET' : req.method];
    if (route) return route(req, res);
    const allowed = [...Object.keys(methods), ...(methods.GET ? ['HEAD'] : []), 'OPTIONS'];
    const allow = allowed.sort().join(', ');
    if (req.method === 'OPTIONS') return res.writeHead(204, headersOf(req, { allow })).end();
    res.setHeader('allow', allow);
    throw new HttpError(405);
  });
}
