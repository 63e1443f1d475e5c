// Handles the signals that end the process, from the first import on: as process 1 of a container,
// Node would ignore them.
type SignalHandler = (signal: NodeJS.Signals) => unknown;

let handler: SignalHandler = () => process.exit(0);

/** Replaces what happens at SIGTERM and SIGINT; at first the process ends with exit code 0. */
export function onStopSignal(next: SignalHandler) {
  handler = next;
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => handler(signal));
