// The security headers (OWASP REST Security Cheat Sheet, "Security Headers"), and answers that carry them.

/** Header names and values; they go on every answer. */
export const securityHeaders = new Map([
  ['Cache-Control', 'no-store'],
  ['Content-Security-Policy', "default-src 'none';frame-ancestors 'none'"],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Referrer-Policy', 'no-referrer'],
  ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
]);

const flat = [...securityHeaders].flat();

/** Sends a whole answer. One flat list is the cheapest way to give headers to Node. */
export function send(req, res, status, headers, body) {
  const length = body === undefined ? [] : ['content-length', Buffer.byteLength(body)];
  res.writeHead(status, [...flat, 'x-request-id', req.id, ...headers, ...length]);
  res.end(body);
}
