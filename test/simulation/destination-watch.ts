/**
 * What may be sent when, as the answers have it: the rules that the gates of
 * the transport keep, told once more without looking at them.
 */
import type { Clock, LaneName } from '../../lib/queue/index.js';
import type { Breaches } from './breaches.js';

/** What the end of an exchange means for what is sent next. */
export type Meaning =
  /** The server decided about the records. */
  | { readonly kind: 'decided' }
  /** It took a request without records. */
  | { readonly kind: 'probe-taken' }
  | { readonly kind: 'aborted' }
  /** An idle connection had ended: a new one may work at once. */
  | { readonly kind: 'stale'; readonly unknown: boolean }
  /** Only this lane's route fails. */
  | { readonly kind: 'lane' }
  /** Nothing can be sent, or not before `waitMs` are over. */
  | {
      readonly kind: 'destination';
      readonly unknown: boolean;
      readonly waitMs: number;
    };

/** One exchange; it ends once. */
export interface Exchange {
  end(meaning: Meaning): void;
}

/** Fails together: the destination, or the route of one lane. */
interface Scope {
  readonly name: string;
  failing: boolean;
  /** Counts failures; what was sent before the last one says nothing new. */
  round: number;
  /** Requests under way that were sent while it failed. */
  trying: number;
}

/** Watches every exchange of a run. */
export class DestinationWatch {
  private readonly destination = scope('the destination');
  private readonly routes: { readonly [name in LaneName]: Scope } = {
    spans: scope('the route of spans'),
    scores: scope('the route of scores'),
  };
  private readonly withData: { [name in LaneName]: number } = {
    spans: 0,
    scores: 0,
  };
  private notBefore = 0;

  constructor(
    private readonly maxConcurrency: number,
    private readonly clock: Clock,
    private readonly breaches: Breaches,
  ) {}

  /**
   * @param isResent Whether it goes on with an exchange whose idle connection
   * had ended: that one was under way before anything failed.
   */
  begin(lane: LaneName, hasData: boolean, isResent: boolean): Exchange {
    const now = this.clock.now();
    this.breaches.check(
      now >= this.notBefore,
      'I6',
      () => `${lane} request at ${now} ms, asked to wait to ${this.notBefore}`,
    );
    if (hasData) this.withData[lane] += 1;
    this.breaches.check(
      this.withData[lane] <= this.maxConcurrency,
      'I3',
      () => `${this.withData[lane]} requests of ${lane} under way`,
    );
    const scopes = [this.destination, this.routes[lane]];
    const tried = isResent ? [] : scopes.filter((each) => each.failing);
    for (const each of tried) {
      this.breaches.check(
        each.trying === 0,
        'I3',
        () => `a second request to ${each.name}, which fails, at ${now} ms`,
      );
      each.trying += 1;
    }
    const rounds = scopes.map(({ round }) => round);
    return {
      end: (meaning) => {
        if (hasData) this.withData[lane] -= 1;
        for (const each of tried) each.trying -= 1;
        const isNews = (each: Scope) =>
          rounds[scopes.indexOf(each)] === each.round;
        this.learn(meaning, lane, isNews);
      },
    };
  }

  private learn(
    meaning: Meaning,
    lane: LaneName,
    isNews: (scope: Scope) => boolean,
  ): void {
    const route = this.routes[lane];
    switch (meaning.kind) {
      case 'destination':
        this.notBefore = Math.max(
          this.notBefore,
          this.clock.now() + meaning.waitMs,
        );
        if (isNews(this.destination)) fail(this.destination);
        return;
      case 'lane':
        if (isNews(route)) fail(route);
        return;
      case 'decided':
        for (const each of [this.destination, route]) {
          if (isNews(each)) each.failing = false;
        }
    }
  }
}

function scope(name: string): Scope {
  return { name, failing: false, round: 0, trying: 0 };
}

function fail(each: Scope): void {
  each.failing = true;
  each.round += 1;
}
