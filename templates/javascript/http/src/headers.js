// The security headers of every answer: OWASP REST Security Cheat Sheet, "Security Headers".

/** Header names and values, as ServerResponse.setHeaders() takes them. */
export const securityHeaders = new Map([
  ['Cache-Control', 'no-store'],
  ['Content-Security-Policy', "default-src 'none';frame-ancestors 'none'"],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Referrer-Policy', 'no-referrer'],
  ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
]);

const fixedHeaders = Object.fromEntries(securityHeaders);

/** All headers of an answer, for writeHead(): those above, the request's id and the given ones. */
export function headersOf(req, headers) {
  return { ...fixedHeaders, 'x-request-id': req.id, ...headers };
}
