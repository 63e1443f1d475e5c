// The image's HEALTHCHECK: exit 0 if the service is ready; 1 if it is not, is gone, or takes two seconds.
import { loadConfig } from './config.ts';

const net = process.getBuiltinModule('node:net'); // one status line is all it needs, and node:http starts slower
const unhealthy = () => process.exit(1);
const { port } = loadConfig(process.env, unhealthy);
const socket = net.connect(port, '127.0.0.1').on('error', unhealthy).on('close', unhealthy);
socket.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
socket.on('data', (data) => process.exit(String(data).startsWith('HTTP/1.1 200 ') ? 0 : 1));
setTimeout(unhealthy, 2000);
