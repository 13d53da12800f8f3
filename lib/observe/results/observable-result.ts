import { Observable, Subscriber } from 'rxjs';
import { endWhenCollected, isSettled } from './abandoned-results.js';
import type { ResultObserver } from './result-observer.js';
import type { Method } from './stand-in-object.js';

/**
 * An Observable is observed once for each subscription, from `subscribe` to
 * complete, error or unsubscribe. Its producer runs with the observation
 * active, its reader does not: what `retry` starts anew stands beside.
 *
 * Only `subscribe` is another: everything else that an Observable or Subject
 * has (`pipe`, `value`, `next`) leads to it or stays what it is.
 */
export function watchObservable<T extends Observable<unknown>>(
  source: T,
  first: ResultObserver,
): T {
  const observers = new SubscriptionObservers(first);
  const watched = new Observable((subscriber) => {
    const observer = observers.next();
    observer.begin();
    const observed = new ObservedSubscriber(subscriber, observer);
    return observer.run(() => source.subscribe(observed));
  });
  const proxy: T = new Proxy(source, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver);
      return key === 'subscribe' && typeof value === 'function'
        ? subscribeOf(watched)
        : value;
    },
  });
  // Otherwise there is nothing yet that could stay open.
  if (first.hasBegun) endWhenCollected(proxy, first);
  return proxy;
}

/** The observation of the call goes on with the first subscription. */
class SubscriptionObservers {
  private isFirst = true;
  private readonly further: ResultObserver;

  constructor(private readonly first: ResultObserver) {
    this.further = first.another();
  }

  next(): ResultObserver {
    if (!this.isFirst) return this.further.another();
    this.isFirst = false;
    isSettled(this.first);
    return this.first;
  }
}

function subscribeOf(watched: Observable<unknown>): Method {
  return (...args) =>
    Reflect.apply(watched.subscribe.bind(watched) as Method, undefined, args);
}

/**
 * Stands between producer and reader, as an operator does: a reader that has
 * enough stops a producer even while that is still subscribing.
 */
class ObservedSubscriber extends Subscriber<unknown> {
  private readonly outside: <T>(fn: () => T) => T;

  constructor(
    private readonly reader: Subscriber<unknown>,
    private readonly observer: ResultObserver,
  ) {
    super();
    reader.add(this);
    this.outside = observer.outside();
  }

  override unsubscribe(): void {
    if (this.closed) return;
    // After the end this is the ordinary clean-up, and tells nothing new.
    this.observer.stopped();
    this.observer.run(() => super.unsubscribe());
  }

  protected override _next(value: unknown): void {
    this.observer.chunk(value);
    this.outside(() => this.reader.next(value));
  }

  protected override _error(error: unknown): void {
    this.observer.threw(error);
    this.finish(() => this.reader.error(error));
  }

  protected override _complete(): void {
    this.observer.completed();
    this.finish(() => this.reader.complete());
  }

  private finish(tell: () => void): void {
    try {
      this.outside(tell);
    } finally {
      this.unsubscribe();
    }
  }
}
