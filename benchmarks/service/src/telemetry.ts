// Traces by OpenTelemetry; without an exporter nothing leaves the process.
import { trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

export const tracer = trace.getTracer('orders');

/** Starts the SDK; resources are not looked up, because that asks the network. */
export function startTelemetry() {
  process.env.OTEL_TRACES_EXPORTER ??= 'none';
  process.env.OTEL_METRICS_EXPORTER ??= 'none';
  process.env.OTEL_LOGS_EXPORTER ??= 'none';
  new NodeSDK({ serviceName: 'orders', autoDetectResources: false }).start();
}
