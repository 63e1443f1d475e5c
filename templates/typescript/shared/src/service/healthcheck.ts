// The image's HEALTHCHECK: exit 0 if HEALTHCHECK_PATH returns 2xx or 3xx (without a path: if the
// port accepts connections), else 1 and the reason on stdout. It imports nothing, so that it works
// beside any server and module system.
function main() {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const net = process.getBuiltinModule('node:net');
  const { env } = process;

  function setting(name: string, fallback: string) {
    const path = env[`${name}_FILE`];
    return path === undefined ? (env[name] ?? fallback) : readFileSync(path, 'utf8').trim();
  }

  const port = setting('PORT', '3000');
  const listening = setting('HOST', '::');
  const host = ['::', '0.0.0.0'].includes(listening) ? '127.0.0.1' : listening;
  const path = setting('HEALTHCHECK_PATH', '/readyz');
  const what = `${path} on ${host} port ${port}`;

  function unhealthy(reason: string): never {
    console.log(`${what}: ${reason}`);
    process.exit(1);
  }

  setTimeout(() => unhealthy('no answer within 2 s'), 2000);
  // One status line is all it needs, and node:http starts slower.
  const socket = net.connect({ port: Number(port), host });
  socket.on('error', (error) => unhealthy(error.message));
  socket.on('connect', () => {
    if (path === '') process.exit(0);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  });
  let head = '';
  socket.on('data', (data) => {
    head += data.toString('latin1');
    const [line, ...rest] = head.split('\r\n');
    if (rest.length === 0) return;
    if (/^HTTP\/1\.[01] [23]\d\d\b/.test(line)) process.exit(0);
    unhealthy(line.slice(0, 80));
  });
  socket.on('end', () => unhealthy('closed without an answer'));
}

try {
  main();
} catch (error) {
  console.log(String(error));
  process.exit(1);
}
