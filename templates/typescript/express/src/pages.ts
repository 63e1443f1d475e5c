// The pages: the files in public/, by express.static.
import express from 'express';
import { FOLDER, fileHeaders } from './service/files.ts';

export { wantsPage } from './service/files.ts';

/** Answers with a file, `/` with index.html; hands on what is not there, and every dot file. */
export const pages = express.static(FOLDER, {
  cacheControl: false,
  setHeaders: (res, path) => res.setHeaders(new Map(Object.entries(fileHeaders(path)))),
});
