// The headers of every response: the request's id, and what protects an API in browsers.

const { ServerResponse } = process.getBuiltinModule('node:http');

const CSP = 'content-security-policy';
const API_POLICY = "default-src 'none';frame-ancestors 'none'";
// Pages load their own scripts and styles.
const PAGE_POLICY =
  "default-src 'self';frame-ancestors 'none';img-src 'self' data:;style-src 'self' 'unsafe-inline'";

// OWASP REST Security Cheat Sheet, "Security Headers".
const defaults = {
  'cache-control': 'no-store',
  [CSP]: API_POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const idPrefix = Math.random().toString(36).slice(2, 10);
let idCount = 0;

/** The client's request id if it is well formed, else one unique across restarts and replicas. */
export function requestId(given) {
  if (typeof given === 'string' && /^[\w.-]{1,64}$/.test(given)) return given;
  return `${idPrefix}-${++idCount}`;
}

/**
 * A response with the headers above and the request's id. What a route, plugin or middleware sets
 * replaces them, in whatever order; `res.removeHeader(name)` removes one.
 */
export class Response extends ServerResponse {
  removed = [];

  removeHeader(name) {
    this.removed.push(name.toLowerCase());
    super.removeHeader(name);
  }

  writeHead(status, ...rest) {
    const reason = typeof rest[0] === 'string' ? rest[0] : undefined;
    const last = rest.at(-1);
    const given = typeof last === 'object' ? last : undefined;
    const headers = {
      ...defaults,
      'x-request-id': String(this.req.id),
    };
    for (const name of this.removed) delete headers[name];
    for (const name of this.getHeaderNames()) {
      if (name in headers) headers[name] = this.getHeader(name);
    }
    if (Array.isArray(given)) {
      this.setHeaders(new Map(Object.entries(headers)));
      return super.writeHead(status, reason, given);
    }
    for (const name in given) headers[name.toLowerCase()] = given[name];
    const type = String(headers['content-type'] ?? this.getHeader('content-type'));
    if (headers[CSP] === API_POLICY && /^text\/html\b/i.test(type)) headers[CSP] = PAGE_POLICY;
    return super.writeHead(status, reason, headers);
  }
}
