// express with what people add to it: pino-http and helmet, both with their defaults.
import express from 'express';
import helmet from 'helmet';
import pinoHttp from 'pino-http';

const app = express();
app.use(pinoHttp());
app.use(helmet());
app.get('/', (_req, res) => res.type('text/plain').send('Hello, Docker Multi-Stage Build!'));
app.listen(3000);
process.on('SIGTERM', () => process.exit(0));
