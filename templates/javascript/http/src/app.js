// The application: finds the route of a request.
//% if cookiecutter.pages == 'static'
import { sendFile } from './pages.js';
//% endif
import { createRoutes } from './routes.js';
import { HttpError } from './service/errors.js';
import { createServer } from './service/server.js';

/** Builds the service: its server and drain(), as createServer() describes them. */
export function createApp(context) {
  const routes = createRoutes(context);

  return createServer(context, (req, res) => {
    // The second look-up is for a URL with a query.
    const methods = routes.get(req.url) ?? routes.get(req.url.split('?', 1)[0]);
    //% if cookiecutter.pages == 'static'
    if (!methods) return sendFile(req, res);
    //% else
    if (!methods) throw new HttpError(404);
    //% endif
    //% if cookiecutter.metrics == 'prometheus'
    req.route = routes.has(req.url) ? req.url : req.url.split('?', 1)[0];
    //% endif
    const route = methods[req.method === 'HEAD' ? 'GET' : req.method];
    if (route) return route(req, res);
    const allowed = [...Object.keys(methods), ...(methods.GET ? ['HEAD'] : []), 'OPTIONS'];
    const allow = allowed.sort().join(', ');
    if (req.method === 'OPTIONS') return res.writeHead(204, { allow }).end();
    res.setHeader('allow', allow);
    throw new HttpError(405);
  });
}
