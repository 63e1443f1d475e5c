// Another service, for the recipe that calls one. HTTPS on 8443: how it answers, a test says by POST on 8081, where GET
// returns what it was asked since.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const SECRET = '{"name":"a customer"}';
let mode = 'well';
let calls = [];

function send(res, status, body) {
  res.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

const answers = {
  well: (res) => send(res, 200, '[{"id":1}]'),
  'well at the second call': (res) => (calls.length === 1 ? send(res, 503, SECRET) : answers.well(res)),
  '503': (res) => send(res, 503, SECRET),
  '403': (res) => send(res, 403, SECRET),
  'no JSON': (res) => send(res, 200, '<!doctype html>'),
  never: () => {},
  'half a body': (res) => res.writeHead(200, { 'content-type': 'application/json' }).write('[{"id":'),
};

const tls = { key: readFileSync('tls.key'), cert: readFileSync('tls.pem') };
https
  .createServer(tls, ({ method, url, headers: { traceparent } }, res) => {
    calls.push({ method, url, traceparent });
    answers[mode](res);
  })
  .listen(8443);

http
  .createServer(async (req, res) => {
    if (req.method === 'POST') {
      calls = [];
      mode = (await req.toArray()).join('');
    }
    send(res, 200, JSON.stringify(calls));
  })
  .listen(8081);
