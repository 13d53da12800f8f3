/** A trace that leaves a service and is continued in another. */
import { HttpService } from '@nestjs/axios';
import { Controller, Get, Headers as RequestHeaders } from '@nestjs/common';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  LangfuseModuleOptions,
  LangfuseService,
} from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import {
  PARENT_ID,
  TRACE_ID,
  TRACEPARENT,
} from '../requests/requests-support.js';

@Controller()
class EchoController {
  @Get('headers')
  headers(@RequestHeaders() headers: Record<string, string>): object {
    const { traceparent, tracestate, baggage } = headers;
    return { traceparent, tracestate, baggage };
  }
}

const USER = {
  userId: 'ünï, 1',
  sessionId: 's1',
  tags: ['a', 'b'],
  metadata: { plan: 'pro' },
  version: '2',
};

describe('a trace on its way', () => {
  let traced: TracedApplication;
  let langfuse: LangfuseService;
  let url: string;

  async function start(options: LangfuseModuleOptions = {}): Promise<void> {
    traced = await TracedApplication.start({
      controllers: [EchoController],
      langfuse: options,
    });
    ({ langfuse } = traced);
    url = `${await traced.listen()}/headers`;
  }
  beforeEach(() => start());
  afterEach(() => traced.close());

  const asUser = <R>(fn: () => R): R =>
    langfuse.startActiveObservation('out', () =>
      langfuse.propagateAttributes(USER, fn),
    );

  describe('headers()', () => {
    it('name the active observation', () => {
      langfuse.startActiveObservation('out', ({ traceId, id }) => {
        const traceparent = `00-${traceId}-${id}-01`;
        expect(langfuse.headers()).toEqual({ traceparent });
      });
    });

    it('are empty where none is active', () => {
      expect(langfuse.headers()).toEqual({});
      expect(langfuse.carrier()).toEqual({});
    });

    it('tell users to listed hosts only', async () => {
      await traced.close();
      await start({ baggageHosts: ['billing', '*.svc.local', 'other:81'] });
      const isTold = (target: string) =>
        asUser(() => 'baggage' in langfuse.headers(target));
      expect(isTold('http://billing/x')).toBe(true);
      expect(isTold('https://BILLING:8080/')).toBe(true);
      expect(isTold('http://a.svc.local')).toBe(true);
      expect(isTold('http://other:81/')).toBe(true);
      expect(isTold('http://other/')).toBe(false);
      expect(isTold('http://svc.local')).toBe(false);
      expect(isTold('http://evil-svc.local')).toBe(false);
      expect(isTold('http://billing.evil.com')).toBe(false);
      expect(isTold('http://evil.com/?billing')).toBe(false);
      expect(isTold('http://billing@evil.com')).toBe(false);
      expect(isTold('not a url')).toBe(false);
      expect(asUser(() => 'baggage' in langfuse.headers())).toBe(false);
    });
  });

  describe('a carrier', () => {
    it('continues the trace, with all that it carries', async () => {
      const carrier = JSON.parse(
        JSON.stringify(asUser(() => langfuse.carrier())),
      ) as object;
      langfuse.continueTrace(carrier, () => {
        langfuse.startActiveObservation('work', () => {
          langfuse.startObservation('detail').end();
        });
      });
      expect(await traced.tree()).toEqual(['out', '  work', '    detail']);
      for (const name of ['work', 'detail']) {
        expect(await traced.observation(name)).toMatchObject({
          userId: USER.userId,
          sessionId: 's1',
          tags: ['a', 'b'],
          version: '2',
          traceName: 'out',
        });
      }
      const { isRootObservation } = await traced.observation('work');
      expect(isRootObservation).toBe(true);
    });

    it('is passed on where nothing was started in between', () => {
      langfuse.continueTrace(
        { traceparent: TRACEPARENT, tracestate: 'v=1' },
        () => {
          expect(langfuse.headers()).toEqual({
            traceparent: TRACEPARENT,
            tracestate: 'v=1',
          });
          expect(langfuse.getActiveTraceId()).toBe(TRACE_ID);
          langfuse.propagateAttributes({ userId: 'u' }, () => {
            expect(langfuse.carrier()).toEqual({
              traceparent: TRACEPARENT,
              tracestate: 'v=1',
              baggage: 'langfuse_user_id=u',
            });
          });
        },
      );
      expect(langfuse.getActiveTraceId()).toBeUndefined();
    });

    it.each([
      [
        'headers of a broker, as bytes',
        { traceparent: Buffer.from(TRACEPARENT) },
      ],
      ['metadata of gRPC', new Map([['traceparent', [TRACEPARENT]]])],
      ['Headers', new Headers({ traceparent: TRACEPARENT })],
    ])('can be %s', async (_name, carrier) => {
      langfuse.continueTrace(carrier, () =>
        langfuse.startObservation('work').end(),
      );
      expect(await traced.observation('work')).toMatchObject({
        traceId: TRACE_ID,
        parentObservationId: PARENT_ID,
      });
    });

    it.each([
      undefined,
      {},
      { traceparent: 'x' },
      { traceparent: 7 },
      'x',
      null,
    ])('does no harm when it is %j', async (carrier) => {
      const result = langfuse.continueTrace(carrier as object, () => {
        langfuse.startObservation('work').end();
        return 'done';
      });
      expect(result).toBe('done');
      const { parentObservationId } = await traced.observation('work');
      expect(parentObservationId).toBeNull();
    });

    it('does no harm when it throws', () => {
      const trap = new Proxy({}, { get: () => expect.fail() });
      expect(langfuse.continueTrace(trap, () => 'done')).toBe('done');
    });

    it('does not say the environment that the other has of its own', async () => {
      await traced.close();
      await start({ environment: 'blue' });
      expect(asUser(() => langfuse.carrier().baggage)).not.toContain('blue');
      const chosen = langfuse.startActiveObservation('out', () =>
        langfuse.propagateAttributes({ environment: 'red' }, () =>
          langfuse.carrier(),
        ),
      );
      expect(chosen.baggage).toContain('langfuse_environment=red');
    });
  });

  it('goes along with fetch, and leaves given headers alone', async () => {
    await langfuse.startActiveObservation('out', async ({ traceId, id }) => {
      const traceparent = `00-${traceId}-${id}-01`;
      const sent = await (await langfuse.fetch(url)).json();
      expect(sent).toEqual({ traceparent });
      const request = new Request(url, { headers: { tracestate: 'a=1' } });
      const init = { headers: { traceparent: TRACEPARENT } };
      expect(await (await langfuse.fetch(request)).json()).toEqual({
        traceparent,
        tracestate: 'a=1',
      });
      expect(await (await langfuse.fetch(url, init)).json()).toEqual({
        traceparent: TRACEPARENT,
      });
    });
  });

  it('goes along with HttpService', async () => {
    await traced.close();
    await start({ baggageHosts: ['127.0.0.1'] });
    const { default: axios } = await import('axios');
    const http = new HttpService(
      axios.create({ baseURL: new URL(url).origin }),
    );
    http.axiosRef.interceptors.request.use(langfuse.axiosInterceptor());
    await asUser(async () => {
      const { data } = await firstValueFrom(http.get<object>('/headers'));
      const { tracestate, ...headers } = langfuse.headers(url);
      expect(data).toEqual(headers);
      expect(tracestate).toBeUndefined();
      expect(headers.baggage).toContain('langfuse_session_id=s1');
    });
    const given = { headers: { traceparent: TRACEPARENT } };
    const { data } = await firstValueFrom(http.get<object>(url, given));
    expect(data).toEqual({ traceparent: TRACEPARENT });
  });

  describe('baggage of a request', () => {
    const baggage = 'langfuse_user_id=mallory,langfuse_metadata_plan=pro,x=1';

    it.each([true, false])('is believed: %s', async (trustIncomingBaggage) => {
      await traced.close();
      traced = await TracedApplication.start({
        controllers: [EchoController],
        langfuse: { flushAt: 1, traceRequests: true, trustIncomingBaggage },
      });
      const target = `${await traced.listen()}/headers`;
      await fetch(target, { headers: { traceparent: TRACEPARENT, baggage } });
      await traced.local.waitFor((local) => local.observations()[0]);
      const root = await traced.observation('GET /headers');
      expect(root.traceId).toBe(TRACE_ID);
      expect(root.userId).toBe(trustIncomingBaggage ? 'mallory' : null);
    });
  });
});
