// Handles the signals that end the process, from the first import on: as process 1 of a container,
// Node would ignore them.

let handler = () => process.exit(0);

/** Replaces what happens at SIGTERM and SIGINT; at first the process ends with exit code 0. */
export function onStopSignal(next) {
  handler = next;
}

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => handler(signal));
