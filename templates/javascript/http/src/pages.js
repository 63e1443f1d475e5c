// The pages: the files in public/, by send, which express and others use, too.
import send from 'send';
import { HttpError } from './service/errors.js';
import { FOLDER, fileHeaders } from './service/files.js';

export { wantsPage } from './service/files.js';

/** Answers with a file, `/` with index.html; what is not there is a 404, and so is a dot file. */
export function sendFile(req, res) {
  if (req.method !== 'GET' && req.method !== 'HEAD') throw new HttpError(404);
  const [path] = req.url.split('?', 1);
  return new Promise((_resolve, reject) => {
    send(req, path, { root: FOLDER, cacheControl: false })
      .on('headers', (_res, file) => {
        res.setHeaders(new Map(Object.entries(fileHeaders(file))));
      })
      // The links of a folder's page are relative to /folder/; after two slashes stands a host.
      .on('directory', () => {
        const location = req.url.replace(/^\/+([^?]*)/, '/$1/');
        res.writeHead(301, { location }).end();
      })
      .on('error', reject)
      .pipe(res);
  });
}
