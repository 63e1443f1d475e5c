// Serves what lies below /store, as npm's registry does: a package's document by its name, and archives.
// In a document HOST stands for the name by which the registry was asked.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

function serve(request, response) {
  const { pathname } = new URL(request.url, 'http://registry');
  const file = path.join('/store', decodeURIComponent(pathname));
  if (fs.existsSync(path.join(file, 'document.json'))) {
    const document = fs.readFileSync(path.join(file, 'document.json'), 'utf8');
    const [host] = request.headers.host.split(':');
    response.setHeader('content-type', 'application/json');
    response.end(document.replaceAll('HOST', host));
  } else if (fs.statSync(file, { throwIfNoEntry: false })?.isFile()) {
    response.end(fs.readFileSync(file));
  } else {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
  }
}

// Two origins with the same content: the registry's, and one that is not.
http.createServer(serve).listen(4873);
http.createServer(serve).listen(4874, () => console.log('listening'));
