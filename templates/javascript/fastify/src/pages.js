// The pages: the files in public/, by @fastify/static.
import files from '@fastify/static';
import { FOLDER, fileHeaders } from './service/files.js';

export { wantsPage } from './service/files.js';

/** Registers the files; what is not there is a 404, and so is every dot file. */
export async function registerPages(app) {
  await app.register(files, {
    root: FOLDER,
    cacheControl: false,
    dotfiles: 'ignore',
    // /folder to /folder/, to which the links of its page are relative.
    redirect: true,
    setHeaders: (reply, path) => {
      for (const [name, value] of Object.entries(fileHeaders(path))) reply.header(name, value);
    },
  });
}
