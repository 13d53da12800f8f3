import type { Metrics } from './metrics.js';
import { cpuMicros } from './usage.js';

/** As often as a timer can look. */
const TICK_MS = 1;

/** How long the event loop was held up at most, in milliseconds. */
export interface Hold {
  /** By the clock, which counts what other processes do with the core. */
  readonly wallMs: number;
  /** At most the CPU that this process used meanwhile. */
  readonly cpuMs: number;
}

/**
 * The longest time for which the event loop did nothing but one thing. A timer
 * is due every millisecond; whatever makes it late, a slice of recording, the
 * encoding of a batch, a collection of garbage, held up everything else as well.
 */
export class LoopHolds {
  private wallMs = 0;
  private cpuMs = 0;
  private lastWall = performance.now();
  private lastCpu = cpuMicros();
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setTimeout(() => this.tick(), TICK_MS);
  }

  /** The longest since the last call, or since the start. */
  take(): Hold {
    this.look();
    const { wallMs, cpuMs } = this;
    this.wallMs = 0;
    this.cpuMs = 0;
    return { wallMs, cpuMs };
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private tick(): void {
    this.look();
    this.timer.refresh();
  }

  private look(): void {
    const wall = performance.now();
    const cpu = cpuMicros();
    const wallMs = Math.max(0, wall - this.lastWall - TICK_MS);
    const cpuMs = Math.min(wallMs, (cpu - this.lastCpu) / 1_000);
    this.wallMs = Math.max(this.wallMs, wallMs);
    this.cpuMs = Math.max(this.cpuMs, cpuMs);
    this.lastWall = wall;
    this.lastCpu = cpu;
  }
}

export function holdMetrics(recording: Hold, flushing: Hold): Metrics {
  return {
    recordingHoldMs: recording.wallMs,
    recordingHoldCpuMs: recording.cpuMs,
    flushingHoldMs: flushing.wallMs,
    flushingHoldCpuMs: flushing.cpuMs,
  };
}
