import { type Observable, Subject } from 'rxjs';
import type {
  Clock,
  LaneName,
  Spool,
  SpoolEvent,
  SpoolLog,
  SpoolStats,
  Timer,
} from '../queue/index.js';
import { BEAT_MS } from './lease.js';
import { Place } from './segment.js';
import { createSpoolParts, type SpoolParts } from './spool-parts.js';
import type {
  SegmentSpoolDependencies,
  SegmentSpoolSettings,
} from './spool-settings.js';

/**
 * Records in segment files, in a folder that only this process writes to. What
 * processes that ended have left behind is taken over.
 */
export class SegmentSpool implements Spool {
  readonly logs: { readonly [name in LaneName]: SpoolLog };
  readonly events$: Observable<SpoolEvent>;

  private readonly events = new Subject<SpoolEvent>();
  /** Told after the call that caused it, whose caller has to count first. */
  private news: SpoolEvent[] = [];
  private readonly clock: Clock;
  private readonly parts: SpoolParts;
  private timer: Timer | undefined;

  constructor(
    private readonly settings: SegmentSpoolSettings,
    dependencies: SegmentSpoolDependencies,
  ) {
    this.clock = dependencies.clock;
    this.parts = createSpoolParts(settings, dependencies, (event) =>
      this.announce(event),
    );
    const { spans, scores } = this.parts.lanes;
    this.logs = { spans: spans.log, scores: scores.log };
    this.events$ = this.events.asObservable();
  }

  get stats(): SpoolStats {
    const { store, breaker } = this.parts;
    const { spans, scores } = this.logs;
    return {
      bytes: store.bytes,
      waiting: spans.waiting + scores.waiting,
      isWorking: breaker.isWorking,
    };
  }

  open(): void {
    this.timer = this.clock.after(0, () => this.work());
  }

  close(): void {
    this.timer?.cancel();
    const { lanes, folder } = this.parts;
    for (const { writer } of Object.values(lanes)) writer.close();
    attempt(() => folder.release());
    this.tell();
    this.events.complete();
  }

  /** What is to be done from time to time. */
  private work(): void {
    const { makeBase, breaker, folder, adoption } = this.parts;
    let mayBeMore = false;
    try {
      makeBase();
      folder.beat();
      this.removeOld();
      mayBeMore = adoption.adoptOne();
    } catch (error) {
      if (breaker.isWorking) breaker.failed(error);
    }
    // One at a time: each is some milliseconds in which nothing else runs.
    const delayMs = mayBeMore ? 0 : BEAT_MS;
    this.timer = this.clock.after(delayMs, () => this.work());
  }

  private removeOld(): void {
    const { store, lanes, wallNow } = this.parts;
    const { maxAgeMs } = this.settings;
    const oldest = wallNow() - maxAgeMs;
    for (const { writer } of Object.values(lanes)) {
      const { current } = writer;
      if (!current || current.count === 0) continue;
      if (current.isSettled || current.createdAt < oldest) writer.seal();
    }
    for (const segment of store) {
      const isInMemory =
        segment.countOf(Place.kept) + segment.countOf(Place.taken) > 0;
      if (segment.createdAt >= oldest || isInMemory) continue;
      const cause = `they are older than ${maxAgeMs} ms`;
      store.lose(segment, 'spool_ttl', cause);
    }
  }

  private announce(event: SpoolEvent): void {
    // Whoever takes these records next counts on having been told.
    if (event.type === 'adopted') return this.events.next(event);
    this.news.push(event);
    if (this.news.length === 1) queueMicrotask(() => this.tell());
  }

  private tell(): void {
    const { news } = this;
    this.news = [];
    for (const event of news) this.events.next(event);
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Others take the folder over all the same once this process has ended.
  }
}
