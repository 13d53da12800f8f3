/** Whether records reach Langfuse, in the form that `@nestjs/terminus` takes. */
import type {
  DestinationOutage,
  DropCounts,
  LaneName,
  LangfuseQueue,
  QueueStats,
} from '../queue/index.js';
import type { QueueLimits } from './queue-limits.js';

/** Options of {@link LangfuseHealthIndicator.isHealthy}. @publicApi */
export interface LangfuseHealthOptions {
  /**
   * Share of `maxQueueSize` and of `maxQueueBytes`, from 0 to 1, above which
   * the queue counts as full.
   *
   * @defaultValue `0.9`
   */
  readonly maxQueueShare?: number;
}

/**
 * What {@link LangfuseHealthIndicator} says, under the key that it was given.
 *
 * @publicApi
 */
export type LangfuseHealth<Key extends string = string> = Record<
  Key,
  {
    /** `down` while nothing is delivered or the queue is nearly full. */
    readonly status: 'up' | 'down';
    /** Why it is down, in one line without secrets. */
    readonly cause?: string;
    /** Since when nothing is delivered: a time as in ISO 8601. */
    readonly since?: string;
    /** Records that wait in memory. */
    readonly queued: number;
    /** Records that are being sent, or wait to be sent again. */
    readonly inFlight: number;
    /** Records that wait on the disk alone; 0 without a spool. */
    readonly spooled: number;
    /** Encoded size of what is queued and in flight, in bytes. */
    readonly bytes: number;
    /** Records that were given up since the start, by reason. */
    readonly dropped: DropCounts;
  }
>;

/** What may be wrong, and since when if that is known. */
type Trouble = Pick<LangfuseHealth[string], 'cause' | 'since'>;

/**
 * A health indicator for `@nestjs/terminus` 11 and 12: whether what is recorded
 * reaches Langfuse. Injectable wherever `LangfuseModule` is visible.
 *
 * It is made for dashboards and alerts. Leave it out of liveness and readiness
 * probes: an application without tracing serves its users all the same, and a
 * restart would lose what waits in memory.
 *
 * @example
 * ```ts
 * @Get('status')
 * @HealthCheck()
 * check() {
 *   return this.health.check([() => this.langfuse.isHealthy()]);
 * }
 * ```
 * @publicApi
 */
export class LangfuseHealthIndicator {
  /** @internal */
  constructor(
    private readonly queue: Pick<LangfuseQueue, 'stats'>,
    private readonly limits: QueueLimits,
  ) {}

  /**
   * Looks at the queue; nothing is sent. `down` from the first failure until the
   * server takes records again, and while the observations or the scores that
   * wait fill more than `maxQueueShare` of the queue.
   *
   * @param key - Under which the result stands.
   */
  isHealthy<Key extends string = 'langfuse'>(
    key: Key = 'langfuse' as Key,
    { maxQueueShare = 0.9 }: LangfuseHealthOptions = {},
  ): LangfuseHealth<Key> {
    const stats = this.queue.stats();
    const { queued, inFlight, spooled, bytes, dropped, outages } = stats;
    const [outage] = outages;
    const trouble = outage
      ? troubleOf(outage)
      : this.fullness(stats, maxQueueShare);
    const status = trouble ? 'down' : 'up';
    const counts = { queued, inFlight, spooled, bytes, dropped };
    return { [key]: { status, ...trouble, ...counts } } as LangfuseHealth<Key>;
  }

  private fullness(
    { lanes }: QueueStats,
    maxQueueShare: number,
  ): Trouble | undefined {
    const { maxQueueSize, maxQueueBytes } = this.limits;
    for (const name of ['spans', 'scores'] satisfies LaneName[]) {
      const { queued, inFlight, bytes } = lanes[name];
      const share = Math.max(
        (queued + inFlight) / maxQueueSize,
        bytes / maxQueueBytes,
      );
      if (share > maxQueueShare) {
        const percent = Math.floor(share * 100);
        return { cause: `the queue of ${name} is ${percent} % full` };
      }
    }
    return undefined;
  }
}

function troubleOf({ concerns, cause, since }: DestinationOutage): Trouble {
  const what = concerns === 'destination' ? '' : `${concerns}: `;
  return { cause: what + cause, since: since.toISOString() };
}

/**
 * The injection token of a project's {@link LangfuseHealthIndicator}.
 *
 * @param name - As in `LangfuseModule.forRoot({ name })`; without it that of the
 *   module without a name.
 * @publicApi
 */
export function getLangfuseHealthIndicatorToken(name?: string) {
  return name === undefined
    ? LangfuseHealthIndicator
    : `LangfuseHealthIndicator:${name}`;
}
