// Files for browsers: where they are, which headers they have, and who is shown a page.
import { join } from 'node:path';

// In dist/service this file is at the same depth.
export const FOLDER = join(import.meta.dirname, '../../public');

// A name that ends in eight or more hexadecimal digits, a letter among them, stands for its
// content; digits alone are a date.
const HASHED = /[.-](?=\d*[a-f])[\da-f]{8,}\.\w+$/;
// A page loads what this service has, nothing inline and nothing of another host.
const POLICY = "default-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'";

/** The headers of a file: how long browsers keep it, and what a page may load. */
export function fileHeaders(path: string): Record<string, string> {
  const cache = HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
  return {
    'cache-control': cache,
    ...(path.endsWith('.html') ? { 'content-security-policy': POLICY } : {}),
  };
}

/** Whether an Accept header asks for a page, as browsers do; scripts and curl do not. */
export const wantsPage = (accept?: string) => /\btext\/html\b/i.test(accept ?? '');
