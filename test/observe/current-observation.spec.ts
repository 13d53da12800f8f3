/** `@CurrentObservation()`: a handler has its observation at hand. */
import { Controller, Get } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CurrentObservation,
  LangfuseInterceptor,
  type LangfuseModuleOptions,
  LangfuseObservation,
  Trace,
} from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';

function told(observation: LangfuseObservation): string {
  observation.update({ metadata: { asked: true } });
  return observation.id;
}

@Trace()
@Controller()
class TracedRoutes {
  @Trace('asked')
  @Get('traced')
  asked(@CurrentObservation() observation: LangfuseObservation): string {
    return told(observation);
  }
}

@Controller()
class UntracedRoutes {
  @Get('request')
  request(@CurrentObservation() observation: LangfuseObservation): string {
    return told(observation);
  }
}

function start(langfuse: LangfuseModuleOptions = {}) {
  return TracedApplication.start({
    controllers: [TracedRoutes, UntracedRoutes],
    providers: [{ provide: APP_INTERCEPTOR, useExisting: LangfuseInterceptor }],
    langfuse,
  });
}

describe('@CurrentObservation()', () => {
  let traced: TracedApplication;
  let url: string;
  beforeAll(async () => {
    traced = await start();
    url = await traced.listen();
  });
  afterAll(() => traced.close());

  it('is that of a traced handler, and no input', async () => {
    const id = await (await fetch(`${url}/traced`)).text();
    const asked = await traced.observation('asked');
    expect(asked).toMatchObject({ id, input: null });
    expect(asked.metadata).toMatchObject({ asked: true });
  });

  it('is that of the request where the handler is not traced', async () => {
    const id = await (await fetch(`${url}/request`)).text();
    const asked = await traced.observation('GET /request');
    expect(asked.id).toBe(id);
    expect(asked.metadata).toMatchObject({ asked: true });
  });

  it('is one that does nothing where tracing is off', async () => {
    const off = await start({ enabled: false });
    const offUrl = await off.listen();
    for (const path of ['traced', 'request']) {
      const id = await (await fetch(`${offUrl}/${path}`)).text();
      expect(id).toBe('0'.repeat(16));
    }
    expect(off.queue.stats().enqueued).toBe(0);
    await off.close();
  });
});
