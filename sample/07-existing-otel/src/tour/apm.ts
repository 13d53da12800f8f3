/** Where the exporter of the APM sends to. */

/**
 * Points the variables that OpenTelemetry's exporters read to `APM_*`, which name
 * a receiver such as `npx nestjs-langfuse local`. Those that are set stay.
 */
export function pointExporterToApm(env: NodeJS.ProcessEnv): void {
  const { APM_BASE_URL, APM_PUBLIC_KEY, APM_SECRET_KEY } = env;
  const keys = Buffer.from(`${APM_PUBLIC_KEY}:${APM_SECRET_KEY}`);
  const authorization = encodeURIComponent(`Basic ${keys.toString('base64')}`);
  env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ||=
    `${APM_BASE_URL}/api/public/otel/v1/traces`;
  env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] ||= `authorization=${authorization}`;
}
