import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../queue/index.js';
import { encodeAttributes, type WireAttributes } from '../../wire/index.js';
import type { WarningLogger } from '../warn-once.js';
import { maskAttributes } from './mask-attributes.js';
import type { MaskFunction } from './mask-function.js';
import { MaskHealth } from './mask-health.js';
import { Masking, type MaskOutcome } from './masking.js';

/** What all texts of one record together may take. */
const DEADLINE_MS = 1_000;

/** What a mask works with. */
export interface MaskSettings {
  readonly mask: MaskFunction;
  /** Shortens what is too long to be sent. */
  readonly fit: (text: string) => string;
  readonly logger: WarningLogger;
  readonly clock: Clock;
}

/** What a mask has left of attributes. */
export interface MaskedAttributes {
  readonly attributes: WireAttributes;
  /** Whether it answered for all: otherwise another try may have more. */
  readonly isComplete: boolean;
}

/**
 * Applies the application's mask, and knows when it runs. What it fails for is
 * masked fully; it is waited for as long as the deadline says, and no longer.
 */
export class Mask {
  private readonly health: MaskHealth;
  private readonly runs = new AsyncLocalStorage<Masking>();
  private readonly shared = new WeakMap<
    WireAttributes,
    Uint8Array | Promise<Uint8Array>
  >();

  constructor(private readonly settings: MaskSettings) {
    this.health = new MaskHealth(settings.logger, settings.clock);
  }

  /**
   * Whether it is the mask that runs here, before its answer is there: what it
   * records of itself would come to it again, and so on for ever.
   */
  get isRunning(): boolean {
    return this.runs.getStore()?.isOpen === true;
  }

  /**
   * @param prepare has texts masked, and returns what reads them afterwards
   * @returns what was read: a promise only when the mask is asynchronous
   */
  apply<T>(
    prepare: (masking: Masking) => (outcome: MaskOutcome) => T,
  ): T | Promise<T> {
    const { mask, fit } = this.settings;
    const masking = new Masking(mask, fit);
    const read = this.runs.run(masking, () => prepare(masking));
    const end = () => {
      const outcome = masking.close();
      this.health.report(outcome);
      return read(outcome);
    };
    return masking.isPending
      ? this.inTime(masking.answered()).then(end)
      : end();
  }

  /** Attributes of no span, as they may leave the application. */
  attributes(
    attributes: WireAttributes,
  ): MaskedAttributes | Promise<MaskedAttributes> {
    return this.apply((masking) => {
      const read = maskAttributes(attributes, masking);
      return ({ failures }) => ({
        attributes: read(),
        isComplete: failures === 0,
      });
    });
  }

  /**
   * Attributes that many spans share, encoded as these carry them. The same map
   * is masked once, unless the mask failed.
   */
  encodeShared(attributes: WireAttributes): Uint8Array | Promise<Uint8Array> {
    const known = this.shared.get(attributes);
    if (known) return known;
    const masked = this.apply((masking) => {
      const read = maskAttributes(attributes, masking);
      return ({ failures }) => {
        const bytes = encodeAttributes(read());
        if (failures === 0) this.shared.set(attributes, bytes);
        else this.shared.delete(attributes);
        return bytes;
      };
    });
    if (masked instanceof Promise) this.shared.set(attributes, masked);
    return masked;
  }

  private inTime(answered: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.settings.clock.after(DEADLINE_MS, resolve);
      void answered.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
