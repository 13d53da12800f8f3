/** What the contenders on OpenTelemetry's SDK have in common. */
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import {
  AUTHORIZATION,
  type ContenderSettings,
  TRACES_PATH,
} from './contender.js';

/** What an OTLP exporter of OpenTelemetry is made with. */
export function exporterSettings({ url, compression }: ContenderSettings) {
  return {
    url: `${url}${TRACES_PATH}`,
    headers: {
      authorization: AUTHORIZATION,
      'x-langfuse-ingestion-version': '4',
    },
    compression:
      compression === 'gzip'
        ? CompressionAlgorithm.GZIP
        : CompressionAlgorithm.NONE,
  };
}

/** OpenTelemetry's only way to size a queue that others make. */
export function sizeQueue({ hasLargeQueue }: ContenderSettings): void {
  if (hasLargeQueue) process.env['OTEL_BSP_MAX_QUEUE_SIZE'] = '100000';
}

/** Flushing rejects when data is lost, and the counts tell how much of it. */
export async function settled(flushed: Promise<void>): Promise<void> {
  await flushed.catch(() => undefined);
}
