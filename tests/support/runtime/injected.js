// Makes a service dawdle or fail when a request asks for it. Loaded by --import, so that the image stays as it is.
const http = process.getBuiltinModule('node:http');
const { writeHead, end } = http.ServerResponse.prototype;
const { emit } = http.Server.prototype;
const { stringify } = JSON;
const kept = [];

/** What a query asks for: ?inject=NAME. */
const inject = ({ url }) => new URLSearchParams(url.split('?')[1]).get('inject');

const faults = {
  throw: () => setTimeout(() => { throw new Error('injected-secret'); }),
  reject: () => { Promise.reject(new Error('injected-secret')); },
  leak: () => setInterval(() => kept.push(Array.from({ length: 1e5 }, () => ({ some: kept.length })))),
  unlisten: (server) => server.close(),
};

http.Server.prototype.emit = function (event, ...values) {
  if (event === 'request') faults[inject(values[0])]?.(this);
  return emit.call(this, event, ...values);
};

// A route that takes a second: neither head nor body leaves before.
http.ServerResponse.prototype.writeHead = function (...values) {
  if (inject(this.req) !== 'slow' || this.waited) return writeHead.apply(this, values);
  this.head = values;
  return this;
};
http.ServerResponse.prototype.end = function (...values) {
  if (inject(this.req) !== 'slow' || this.waited) return end.apply(this, values);
  setTimeout(() => {
    this.waited = true;
    if (this.head) writeHead.apply(this, this.head);
    end.apply(this, values);
  }, 1000);
  return this;
};

// A fault inside the handler of POST /echo, which encodes its answer.
JSON.stringify = (value, ...rest) => {
  if (value?.message === 'inject-fault') throw new Error('injected-secret');
  return stringify(value, ...rest);
};
