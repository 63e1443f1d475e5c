// What goes wrong in the services that people write, one function for each: GET /fault/NAME runs it.
import cluster from 'node:cluster';
import { spawn } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';

const derive = promisify(pbkdf2);
const kept = [];
const threads = () => Number(/Threads:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const faults = {
  hang() {
    for (;;);
  },
  heap() {
    setInterval(() => kept.push(Array.from({ length: 1e5 }, () => ({ some: kept.length }))));
    return 'leaking';
  },
  buffers() {
    setTimeout(() => {
      for (;;) kept.push(Buffer.alloc(1e7, 1));
    }, 200);
    return 'growing';
  },
  tmp() {
    writeFileSync(`/tmp/${process.hrtime.bigint()}`, Buffer.alloc(80 * 2 ** 20));
    return 'written';
  },
  volume() {
    writeFileSync('/data/large', Buffer.alloc(16 * 2 ** 20));
    return 'written';
  },
  async pool() {
    const all = Array.from({ length: 200 }, () => derive('a', 'b', 10_000, 64, 'sha512'));
    await wait(100);
    const running = threads();
    await Promise.all(all);
    return running;
  },
  async workers() {
    const code = 'setInterval(() => {}, 1e6)';
    const all = Array.from({ length: 60 }, () => new Worker(code, { eval: true }));
    const online = all.map((worker) => new Promise((done, failed) => {
      worker.once('online', done).once('error', failed);
    }));
    await Promise.all(online);
    const running = threads();
    await Promise.all(all.map((worker) => worker.terminate()));
    return running;
  },
  async cluster() {
    cluster.setupPrimary({ exec: '/app/package.json', execArgv: ['--eval', 'setInterval(() => {}, 1e6)'] });
    for (let n = 0; n < 6; n += 1) cluster.fork();
    await wait(2000);
    return Object.values(cluster.workers).filter((worker) => worker.isConnected()).length;
  },
  async orphans() {
    // Each child leaves a process behind that ends a moment later.
    const grandchild = "setTimeout(() => {}, 300)";
    const child = `require('node:child_process').spawn(process.execPath, ['-e', \`${grandchild}\`], { detached: true, stdio: 'ignore' }).unref()`;
    await Promise.all(Array.from({ length: 10 }, () => new Promise((done) => {
      spawn(process.execPath, ['-e', child]).once('exit', done);
    })));
    await wait(2500);
    const states = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => { try { return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1][0]; } catch { return ''; } });
    return states.filter((state) => state === 'Z').length;
  },
  async clock() {
    // What libfaketime, which the image preloads, reads anew at every look at the clock.
    const before = Date.now();
    writeFileSync('/tmp/clock', '+1h');
    const forward = Date.now() - before;
    writeFileSync('/tmp/clock', '-1h');
    const back = Date.now() - before;
    return [Math.round(forward / 60_000), Math.round(back / 60_000)];
  },
  async dns() {
    await lookup('shop.example');
  },
};
