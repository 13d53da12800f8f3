import type { Contender, ContenderSettings } from './contender.js';

export const CONTENDERS = [
  'control',
  'floor',
  'ours',
  'ours-overflow',
  'ours-event',
  'official',
  'official-large-queue',
  'otel-json',
  'otel-protobuf',
  'legacy',
] as const;

export type ContenderName = (typeof CONTENDERS)[number];

/** What tables and plots call them. */
export const TITLES: Readonly<Record<ContenderName, string>> = {
  control: 'control (records nothing)',
  floor: 'floor (no library)',
  ours: 'nestjs-langfuse',
  'ours-overflow': "nestjs-langfuse, spool: 'overflow'",
  'ours-event': "nestjs-langfuse, spool: 'event'",
  official: '@langfuse/otel 5.11',
  'official-large-queue': '@langfuse/otel, queue raised',
  'otel-json': 'OpenTelemetry, OTLP JSON',
  'otel-protobuf': 'OpenTelemetry, OTLP protobuf',
  legacy: 'langfuse 3.39 (legacy)',
};

/**
 * Starts a contender. Its packages are loaded only now, in its own process:
 * others would pay for them with memory.
 */
export async function createContender(
  name: ContenderName,
  settings: ContenderSettings,
): Promise<Contender> {
  switch (name) {
    case 'control':
      return (await import('./control.js')).createControl();
    case 'floor':
      return (await import('./floor.js')).createFloor(settings);
    case 'ours':
      return (await import('./ours.js')).createOurs(settings);
    case 'ours-overflow':
      return (await import('./ours.js')).createSpooling('overflow', settings);
    case 'ours-event':
      return (await import('./ours.js')).createSpooling('event', settings);
    case 'official':
      return (await import('./official.js')).createOfficial(settings);
    case 'official-large-queue':
      return (await import('./official.js')).createOfficial({
        ...settings,
        hasLargeQueue: true,
      });
    case 'otel-json':
      return (await import('./open-telemetry.js')).createOtelJson(settings);
    case 'otel-protobuf':
      return (await import('./open-telemetry.js')).createOtelProtobuf(settings);
    case 'legacy':
      return (await import('./legacy.js')).createLegacy(settings);
  }
}
