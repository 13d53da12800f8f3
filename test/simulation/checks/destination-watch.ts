/**
 * What may be sent when, as the answers have it: the rules that the gates of
 * the transport keep, told once more without looking at them.
 */
import type { Clock, LaneName } from '../../../lib/queue/index.js';
import type { Breaches } from './breaches.js';

/** What the end of an exchange means for what is sent next. */
export type Meaning =
  /** The server took the request. */
  | { readonly kind: 'taken' }
  /** It took one without records, which says nothing of those with some. */
  | { readonly kind: 'probe-taken' }
  /** It took the request, but had a fault of its own with some records. */
  | { readonly kind: 'taken-in-part' }
  /** It refused the request, because of a record or so it seems. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'aborted' }
  /** An idle connection had ended: a new one may work at once. */
  | { readonly kind: 'stale'; readonly unknown: boolean }
  /** Only this lane's route fails. */
  | { readonly kind: 'route-fails' }
  /** Nothing can be sent, or not before `waitMs` are over. */
  | {
      readonly kind: 'destination';
      readonly unknown: boolean;
      readonly waitMs: number;
    };

/** Whether the server took a request. */
export function isTaken({ kind }: Meaning): boolean {
  return kind === 'taken' || kind === 'probe-taken' || kind === 'taken-in-part';
}

/** One exchange; it ends once. */
export interface Exchange {
  end(meaning: Meaning): void;
}

/** Fails together: the destination, or the route of one lane. */
class Scope {
  isFailing = false;
  /** Requests under way that were sent while it failed. */
  trying = 0;
  /** Counts failures; what was sent before the last one says nothing new. */
  round = 0;

  constructor(readonly name: string) {}

  fail(): void {
    this.isFailing = true;
    this.round += 1;
  }
}

/** Watches every exchange of a run. */
export class DestinationWatch {
  private readonly destination = new Scope('the destination');
  private readonly routes: { readonly [name in LaneName]: Scope } = {
    spans: new Scope('the route of spans'),
    scores: new Scope('the route of scores'),
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
    const { destination, breaches } = this;
    const now = this.clock.now();
    breaches.check(
      now >= this.notBefore,
      'I6',
      () => `${lane} request at ${now} ms, asked to wait to ${this.notBefore}`,
    );
    if (hasData) this.withData[lane] += 1;
    breaches.check(
      this.withData[lane] <= this.maxConcurrency,
      'I3',
      () => `${this.withData[lane]} requests of ${lane} under way`,
    );
    const route = this.routes[lane];
    const triesDestination = destination.isFailing && !isResent;
    const triesRoute = route.isFailing && !isResent;
    if (triesDestination) this.checkAlone(destination);
    // Without data it may ask for the destination, beside a question about the
    // route that hangs since before the destination failed.
    if (triesRoute && (hasData || !triesDestination)) this.checkAlone(route);
    if (triesDestination) destination.trying += 1;
    if (triesRoute) route.trying += 1;
    const rounds = { destination: destination.round, route: route.round };
    return {
      end: (meaning) => {
        if (hasData) this.withData[lane] -= 1;
        if (triesDestination) destination.trying -= 1;
        if (triesRoute) route.trying -= 1;
        const isNews = {
          destination: rounds.destination === destination.round,
          route: rounds.route === route.round,
        };
        // It is sent again at once, unless something else failed meanwhile. A
        // request without data may ask for the destination alone.
        const isReplaced = isNews.destination && (isNews.route || !hasData);
        if (meaning.kind === 'stale' && isReplaced) return;
        this.learn(meaning, route, isNews);
      },
    };
  }

  private checkAlone({ name, trying }: Scope): void {
    this.breaches.check(
      trying === 0,
      'I3',
      () =>
        `a second request to ${name}, which fails, at ${this.clock.now()} ms`,
    );
  }

  private learn(
    meaning: Meaning,
    route: Scope,
    isNews: { readonly destination: boolean; readonly route: boolean },
  ): void {
    const { destination } = this;
    switch (meaning.kind) {
      case 'destination': {
        const notBefore = this.clock.now() + meaning.waitMs;
        this.notBefore = Math.max(this.notBefore, notBefore);
        if (isNews.destination) destination.fail();
        return;
      }
      case 'stale':
        if (isNews.destination) destination.fail();
        return;
      case 'route-fails':
      case 'taken-in-part':
        if (isNews.route) route.fail();
        return;
      case 'taken':
      case 'refused':
      case 'too-large':
        if (isNews.destination) destination.isFailing = false;
        if (isNews.route) route.isFailing = false;
    }
  }
}
