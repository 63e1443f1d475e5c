// An issuer of tokens, for the recipe that checks them. Its key set is on 8080; on 8081 a test asks for tokens and for
// the number of times that the key set was fetched, and says how that is answered and which keys are in it.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import http from 'node:http';

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys = { rsa: rsa(), next: rsa(), stranger: rsa(), ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
let published = ['rsa', 'ec'];
let mode = 'well';
let fetches = 0;

const keySet = () => ({ keys: published.map((kid) => ({ ...keys[kid].publicKey.export({ format: 'jwk' }), kid })) });

const answers = {
  well: (res) => res.end(JSON.stringify(keySet())),
  503: (res) => res.writeHead(503).end(),
  'no JSON': (res) => res.end('<!doctype html>'),
  'no key set': (res) => res.end('{}'),
  never: () => {},
};

const signatures = {
  none: () => '',
  HS256: (data, { publicKey }) =>
    createHmac('sha256', publicKey.export({ format: 'pem', type: 'spki' })).update(data).digest('base64url'),
  RS256: (data, { privateKey }) => sign('sha256', data, privateKey).toString('base64url'),
  RS512: (data, { privateKey }) => sign('sha512', data, privateKey).toString('base64url'),
  ES256: (data, { privateKey: key }) => sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
};

function token({ alg, kid, key, claims }) {
  const parts = [{ alg, kid }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const data = parts.join('.');
  return `${data}.${signatures[alg](Buffer.from(data), keys[key])}`;
}

const control = {
  '/up': () => '',
  '/token': (body) => token(JSON.parse(body)),
  '/fetches': () => String(fetches),
  '/answer': (body) => {
    mode = body;
    fetches = 0;
  },
  '/publish': (body) => {
    published = body.split(',');
  },
};

http
  .createServer((_req, res) => {
    fetches += 1;
    answers[mode](res);
  })
  .listen(8080);

http
  .createServer(async (req, res) => {
    const body = (await req.toArray()).join('');
    res.end(control[req.url](body));
  })
  .listen(8081);
