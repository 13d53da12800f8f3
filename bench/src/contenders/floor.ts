import { FloorBody } from '../floor/floor-body.js';
import { FloorSender } from '../floor/floor-sender.js';
import { frameHead } from '../floor/frame.js';
import { TraceFields } from '../floor/trace-fields.js';
import type { ObservationValues, TraceValues } from '../values/trace-values.js';
import type { Contender, ContenderSettings } from './contender.js';

/**
 * The least that has to be done: values to JSON, spans straight to the bytes of
 * OTLP, and those to a socket. No queue, no retry, no limits, no API. It is the
 * yardstick, not a library.
 */
export async function createFloor(
  settings: ContenderSettings,
): Promise<Contender> {
  return new Floor(new FloorSender(settings));
}

class Floor implements Contender {
  private readonly head = frameHead();
  private readonly trace = new TraceFields();
  private readonly free: FloorBody[] = [];
  private body = new FloorBody(this.head);

  constructor(private readonly sender: FloorSender) {}

  record(trace: TraceValues): void {
    const startTime = now();
    this.trace.begin(trace);
    trace.children.forEach((child, index) => this.add(child, index + 1, now()));
    this.add(trace.root, 0, startTime);
  }

  async flush(): Promise<void> {
    if (!this.body.isEmpty) this.send();
    await this.sender.settled();
  }

  async close(): Promise<void> {
    await this.flush();
    this.sender.close();
  }

  private add(
    values: ObservationValues,
    index: number,
    startTime: number,
  ): void {
    const ended = { values, index, startTime, endTime: now() };
    this.body.add(ended, this.trace);
    if (this.body.isFull) this.send();
  }

  private send(): void {
    const { body } = this;
    void this.sender.send(body.finish()).then(() => {
      body.clear();
      this.free.push(body);
    });
    this.body = this.free.pop() ?? new FloorBody(this.head);
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
