import { merge, type Observable } from 'rxjs';
import type { Clock, DestinationState, LaneName } from '../queue/index.js';
import { Gate, type GateFailure, type Pass } from './gate.js';

/**
 * Asks a lane's route for requests without data; undefined: it takes them. It
 * asks on, where a connection was stale, only while `mayGoOn()`.
 */
export type Probe = (
  lane: LaneName,
  mayGoOn: () => boolean,
) => Promise<DestinationFailure | undefined>;

/** What the gates work with. */
export interface DestinationGatesDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  readonly probe: Probe;
  /** Aborts when nothing is to be sent any more. */
  readonly closing: AbortSignal;
}

/** A failure and whom it concerns. */
export interface DestinationFailure extends GateFailure {
  /**
   * `lane` when the other lane's route may work all the same: an old server
   * knows one and not the other.
   */
  readonly concerns: 'destination' | 'lane';
}

/** The right to send one request of a lane. */
export interface LanePass {
  /** Whether no gate was shut since it was given. */
  isCurrent(): boolean;
  succeeded(): void;
  failed(failure: DestinationFailure): void;
  abandoned(): void;
}

/**
 * One gate for all that goes to the destination, since its outages, rate limits
 * and keys are one for all, and one for each lane's own route behind it.
 */
export class DestinationGates {
  readonly state$: Observable<DestinationState>;
  private readonly shared: Gate;
  private readonly own: { readonly [name in LaneName]: Gate };
  /** The lane whose route can tell whether the destination is back. */
  private witness: LaneName = 'spans';

  constructor(dependencies: DestinationGatesDependencies) {
    const { clock, random, probe } = dependencies;
    const own = (lane: LaneName) =>
      new Gate({
        concerns: lane,
        clock,
        random,
        probe: (isCurrent) => this.probeLane(lane, isCurrent, dependencies),
      });
    this.shared = new Gate({
      concerns: 'destination',
      clock,
      random,
      probe: (isCurrent) => this.probeDestination(isCurrent, probe),
    });
    this.own = { spans: own('spans'), scores: own('scores') };
    const { spans, scores } = this.own;
    this.state$ = merge(this.shared.state$, spans.state$, scores.state$);
  }

  isFree(lane: LaneName): boolean {
    return this.shared.isFree && this.own[lane].isFree;
  }

  /** Waits for the right to send. Undefined when `signal` aborts first. */
  async pass(
    lane: LaneName,
    signal: AbortSignal,
  ): Promise<LanePass | undefined> {
    const own = await this.own[lane].pass(signal);
    if (own === undefined) return undefined;
    const shared = await this.shared.pass(signal);
    if (shared === undefined) {
      own.abandoned();
      return undefined;
    }
    if (!own.isCurrent()) {
      // The lane was shut while this waited for the destination.
      shared.abandoned();
      return this.pass(lane, signal);
    }
    return {
      isCurrent: () => own.isCurrent() && shared.isCurrent(),
      succeeded() {
        own.succeeded();
        shared.succeeded();
      },
      failed: (failure) => {
        const passes: readonly [Pass, Pass] =
          failure.concerns === 'lane' ? [own, shared] : [shared, own];
        if (failure.concerns === 'destination') this.witness = lane;
        const [concerned, other] = passes;
        concerned.failed(failure);
        other.abandoned();
      },
      abandoned() {
        own.abandoned();
        shared.abandoned();
      },
    };
  }

  /** A route that fails alone says that the destination answers. */
  private async probeDestination(
    isCurrent: () => boolean,
    probe: Probe,
  ): Promise<DestinationFailure | undefined> {
    const { witness } = this;
    const failure = await probe(witness, isCurrent);
    if (failure?.concerns !== 'lane') return failure;
    this.own[witness].shut(failure);
    return undefined;
  }

  /** A probe of one lane is a request to the destination as any other. */
  private async probeLane(
    lane: LaneName,
    isCurrent: () => boolean,
    { probe, closing }: DestinationGatesDependencies,
  ): Promise<DestinationFailure | undefined> {
    const pass = await this.shared.pass(closing);
    const mayGoOn = () => isCurrent() && pass?.isCurrent() === true;
    const failure = await probe(lane, mayGoOn);
    if (failure?.concerns === 'destination') {
      this.witness = lane;
      pass?.failed(failure);
    } else {
      pass?.abandoned();
    }
    return failure;
  }

  /** See {@link Gate.hasten}. */
  hasten(): void {
    this.shared.hasten();
    this.own.spans.hasten();
    this.own.scores.hasten();
  }
}
