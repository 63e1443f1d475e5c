// The application: finds the route of a request.
//% if false
// biome-ignore-all lint/suspicious/noRedeclare: one of two, by the answers
// biome-ignore-all lint/correctness/noUnusedVariables: one of two, by the answers
//% endif
import type { Config } from './config.ts';
//% if cookiecutter.database != 'none'
import { createNotes } from './notes.ts';
//% endif
//% if cookiecutter.pages == 'static'
import { sendFile } from './pages.ts';
//% endif
import { createRoutes } from './routes.ts';
import { HttpError } from './service/errors.ts';
import { type Context, createServer } from './service/server.ts';

//% if cookiecutter.database != 'none' or cookiecutter.metrics != 'none'
/** The path of a URL; for one that is not in the table, the one with :id at its end. */
function keyOf(url: string, table: { has: (path: string) => boolean }) {
  if (table.has(url)) return url; // most have no query
  const [path] = url.split('?', 1);
  const end = path.lastIndexOf('/') + 1;
  return table.has(path) || end === path.length ? path : `${path.slice(0, end)}:id`;
}

//% endif
/** Builds the service: its server and drain(), as createServer() describes them. */
export function createApp(context: Context<Config>) {
  //% if cookiecutter.database == 'none'
  const routes = createRoutes(context);

  //% else
  const routes = new Map([...createRoutes(context), ...createNotes(context)]);

  //% endif
  return createServer(context, (req, res) => {
    //% if cookiecutter.database == 'none' and cookiecutter.metrics == 'none'
    // The second lookup is for a URL with a query.
    const methods = routes.get(req.url) ?? routes.get(req.url.split('?', 1)[0]);
    //% else
    const path = keyOf(req.url, routes);
    const methods = routes.get(path);
    //% endif
    //% if cookiecutter.pages == 'static'
    if (!methods) return sendFile(req, res);
    //% else
    if (!methods) throw new HttpError(404);
    //% endif
    //% if cookiecutter.metrics == 'prometheus'
    req.route = path;
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
