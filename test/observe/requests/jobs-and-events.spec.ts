/** What runs beside requests: scheduled jobs, and listeners of events. */
import { setImmediate as turn } from 'node:timers/promises';
import { Controller, Injectable, Post } from '@nestjs/common';
import {
  EventEmitter2,
  EventEmitterModule,
  OnEvent,
} from '@nestjs/event-emitter';
import {
  Cron,
  Interval,
  ScheduleModule,
  SchedulerRegistry,
  Timeout,
} from '@nestjs/schedule';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LangfuseService, Trace } from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import { arrived } from './requests-support.js';

@Injectable()
class Jobs {
  constructor(
    private readonly langfuse: LangfuseService,
    private readonly registry: SchedulerRegistry,
  ) {}

  @Interval('job', 1)
  @Trace('job')
  async job(): Promise<void> {
    this.registry.deleteInterval('job');
    await turn();
    this.langfuse.startObservation('step of job').end();
  }
}

@Injectable()
class Listener {
  constructor(private readonly langfuse: LangfuseService) {}

  @OnEvent('ordered')
  @Trace('listener')
  async ordered(id: string): Promise<void> {
    await turn();
    this.langfuse.startObservation('step of listener', { input: id }).end();
  }

  @OnEvent('ordered', { async: true })
  async later(id: string): Promise<void> {
    await turn();
    this.langfuse.startObservation('untraced listener', { input: id }).end();
  }
}

@Injectable()
@Trace()
class Everything {
  constructor(private readonly langfuse: LangfuseService) {}

  @Timeout(1)
  async later(): Promise<void> {
    await turn();
    this.langfuse.startObservation('step of timeout').end();
  }

  @Cron('0 0 1 1 *', { name: 'yearly' })
  async yearly(): Promise<never> {
    await turn();
    throw new Error('no new year');
  }

  @OnEvent('paid')
  async paid(id: string): Promise<string> {
    await turn();
    return `thanks for ${id}`;
  }
}

@Controller('orders')
class OrdersController {
  constructor(private readonly events: EventEmitter2) {}

  @Post()
  async order(): Promise<string> {
    await turn();
    this.events.emit('ordered', 'o1');
    return 'o1';
  }
}

describe('beside requests', () => {
  let traced: TracedApplication;
  beforeEach(async () => {
    traced = await TracedApplication.start({
      imports: [EventEmitterModule.forRoot(), ScheduleModule.forRoot()],
      controllers: [OrdersController],
      providers: [Jobs, Listener, Everything],
      langfuse: { flushAt: 1, traceRequests: true },
    });
  });
  afterEach(() => traced.close());

  it('a job has a trace of its own, with its steps', async () => {
    const step = await arrived(traced, 'step of job');
    const job = await arrived(traced, 'job');
    expect(step.parentObservationId).toBe(job.id);
    expect(job.parentObservationId).toBeNull();
  });

  it('a listener belongs to the request that emits', async () => {
    const url = await traced.listen();
    await fetch(`${url}/orders`, { method: 'POST' });
    const root = await arrived(traced, 'POST /orders');
    const listener = await arrived(traced, 'listener');
    const step = await arrived(traced, 'step of listener');
    const untraced = await arrived(traced, 'untraced listener');
    expect(listener.parentObservationId).toBe(root.id);
    expect(step.parentObservationId).toBe(listener.id);
    expect(untraced.parentObservationId).toBe(root.id);
  });

  it('jobs and listeners of a class that is traced stay what they are', async () => {
    const step = await arrived(traced, 'step of timeout');
    const later = await arrived(traced, 'Everything.later');
    expect(step.parentObservationId).toBe(later.id);

    await traced.get(SchedulerRegistry).getCronJob('yearly').fireOnTick();
    expect(await arrived(traced, 'Everything.yearly')).toMatchObject({
      level: 'ERROR',
      statusMessage: 'no new year',
      parentObservationId: null,
    });

    await traced.get(EventEmitter2).emitAsync('paid', 'o2');
    expect(await arrived(traced, 'Everything.paid')).toMatchObject({
      input: 'o2',
      output: 'thanks for o2',
      parentObservationId: null,
    });
  });
});
