// Recognises native code, and which of it only another platform can run.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

/** The first bytes of a file. */
export function headOf(file) {
  const buffer = Buffer.alloc(1024);
  const handle = fs.openSync(file);
  fs.readSync(handle, buffer);
  fs.closeSync(handle);
  return buffer;
}

/** Whether a file that begins so is an ELF file: code of Linux and other Unix systems. */
export function isElf(head) {
  return head.readUInt32BE(0) === 0x7f454c46;
}

/** Whether it begins as code of Windows or macOS; Java's classes begin so, with a higher count. */
export function isOfAnotherSystem(head) {
  const magic = head.readUInt32BE(0);
  const mac = [0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe].includes(magic);
  const windows = head.toString('latin1', 0, 2) === 'MZ' && head.includes('PE\0\0', 64, 'latin1');
  return windows || mac || (magic === 0xcafebabe && head.readUInt32BE(4) < 40);
}

/** Those of these ELF files that need another processor, system or C library, or a linker. */
export function foreignOf(files) {
  const options = ['--wide', '--file-header', '--program-headers', '--dynamic'];
  const { stdout } = spawnSync('readelf', [...options, process.execPath, ...files], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 1e9,
  });
  const [node, ...others] = stdout.split(/^File: /m).slice(1);
  const platform = (text) => text.match(/^ +(Class|Data|Machine): .*$/gm)?.join();
  const isForeign = (text) => {
    const loader = /program interpreter: (.*)\]/.exec(text)?.[1];
    return (
      platform(text) !== platform(node) ||
      !/^ +OS\/ABI: +UNIX - (System V|GNU)/m.test(text) ||
      /^ +Type: +REL/m.test(text) ||
      (loader !== undefined && !fs.existsSync(loader)) ||
      // musl's and Android's C library: ours is libc.so.6.
      /\(NEEDED\).*\[libc\.(?!so\.6\])/.test(text)
    );
  };
  return others.filter(isForeign).map((text) => text.slice(0, text.indexOf('\n')));
}
