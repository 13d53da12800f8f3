/** Requests over Express and Fastify: how they go wrong, and what is active. */
import http from 'node:http';
import {
  type ArgumentsHost,
  Body,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  Injectable,
  Param,
  ParseIntPipe,
  type PipeTransform,
  Post,
  StreamableFile,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import {
  LangfuseService,
  NoTrace,
  Trace,
  type TraceRequests,
} from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import {
  ADAPTERS,
  arrived,
  PARENT_ID,
  signal,
  TRACE_ID,
  TRACEPARENT,
} from './requests-support.js';

const observed = (langfuse: LangfuseService, name: string) =>
  langfuse.startObservation(name).end();

@Injectable()
class Turnstile implements CanActivate {
  constructor(private readonly langfuse: LangfuseService) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{
      headers: Record<string, string>;
      user?: { id: string };
    }>();
    observed(this.langfuse, 'guard');
    request.user = { id: 'ada' };
    return request.headers['x-closed'] === undefined;
  }
}

@Injectable()
class TracedPipe implements PipeTransform {
  constructor(private readonly langfuse: LangfuseService) {}

  transform(value: unknown): unknown {
    observed(this.langfuse, 'pipe');
    return value;
  }
}

class Unlucky extends Error {}

@Catch(Unlucky)
@Injectable()
class TracedFilter implements ExceptionFilter {
  constructor(private readonly langfuse: LangfuseService) {}

  catch(error: Error, _host: ArgumentsHost): never {
    observed(this.langfuse, 'filter');
    throw new HttpException(error.message, 502);
  }
}

let waiting = signal();

@Controller('things')
class ThingsController {
  constructor(private readonly langfuse: LangfuseService) {}

  @Post('piped')
  piped(@Body(TracedPipe) body: { readonly name: string }): string {
    observed(this.langfuse, 'handler');
    return body.name;
  }

  @Get('number/:id')
  number(@Param('id', ParseIntPipe) id: number): number {
    return id;
  }

  @Post('unlucky')
  @UseFilters(TracedFilter)
  async unlucky(): Promise<never> {
    await Promise.resolve();
    throw new Unlucky('bad luck');
  }

  @Get('guarded/:id')
  @UseGuards(Turnstile)
  @Trace('work')
  guarded(): string {
    return 'in';
  }

  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(Buffer.from('content'));
  }

  @Get('two-users')
  twoUsers(): void {
    for (const userId of ['ada', 'bob']) {
      this.langfuse.propagateAttributes({ userId }, () =>
        observed(this.langfuse, `as ${userId}`),
      );
    }
    observed(this.langfuse, 'as nobody');
  }

  @Get('health')
  health(): string {
    observed(this.langfuse, 'check');
    return 'ok';
  }

  @Get('silent')
  @NoTrace()
  silent(): string {
    return 'sh';
  }

  @Get('wait')
  wait(): Promise<never> {
    waiting.give();
    return new Promise(() => undefined);
  }
}

describe.each(ADAPTERS)('over %s', (_name, adapter) => {
  let traced: TracedApplication;
  let url: string;
  afterEach(() => traced.close());

  async function start(
    traceRequests: TraceRequests,
    langfuse: object = {},
  ): Promise<void> {
    traced = await TracedApplication.start({
      adapter: adapter(),
      controllers: [ThingsController],
      providers: [Turnstile, TracedPipe, TracedFilter],
      langfuse: { flushAt: 1, traceRequests, ...langfuse },
    });
    url = await traced.listen();
  }

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/things/${path}`, { headers });

  const post = (path: string, body: object) =>
    fetch(`${url}/things/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  describe.each(['middleware', true] as const)('traceRequests: %s', (mode) => {
    it('has pipe and handler below the request', async () => {
      await start(mode);
      expect(await (await post('piped', { name: 'ann' })).text()).toBe('ann');
      const root = await arrived(traced, 'POST /things/piped');
      expect(root).toMatchObject({
        input: '{"body":{"name":"ann"}}',
        output: 'ann',
        level: 'DEFAULT',
        parentObservationId: null,
        traceName: 'POST /things/piped',
      });
      expect(root.metadata).toMatchObject({ status: 201 });
      expect(await traced.tree()).toEqual([
        'POST /things/piped',
        '  handler',
        '  pipe',
      ]);
    });

    it('warns of what a pipe refuses', async () => {
      await start(mode);
      await get('number/x');
      expect(await arrived(traced, 'GET /things/number/:id')).toMatchObject({
        level: 'WARNING',
        statusMessage: 'Validation failed (numeric string is expected)',
        output: null,
      });
    });

    it('tells the status that a filter made, which is below it itself', async () => {
      await start(mode);
      expect((await post('unlucky', { a: 1 })).status).toBe(502);
      const root = await arrived(traced, 'POST /things/unlucky');
      expect(root).toMatchObject({ level: 'ERROR', statusMessage: 'bad luck' });
      expect(root.metadata).toMatchObject({ status: 502 });
      expect(await traced.tree()).toEqual(['POST /things/unlucky', '  filter']);
    });

    it('knows the user from the guard, everywhere in the trace', async () => {
      await start(mode, {
        requestAttributes: (context: ExecutionContext) => ({
          userId: context.switchToHttp().getRequest<{ user: { id: string } }>()
            .user.id,
          tags: ['http'],
        }),
      });
      await get('guarded/1');
      await arrived(traced, 'GET /things/guarded/:id');
      for (const name of ['GET /things/guarded/:id', 'work']) {
        expect(await traced.observation(name)).toMatchObject({
          userId: 'ada',
          tags: ['http'],
        });
      }
    });

    it('goes on with the trace of who asks', async () => {
      await start(mode);
      await get('number/7', { traceparent: TRACEPARENT });
      expect(await arrived(traced, 'GET /things/number/:id')).toMatchObject({
        traceId: TRACE_ID,
        parentObservationId: PARENT_ID,
        isRootObservation: true,
        output: '7',
      });
    });

    it.each(['00-zz', `00-${'0'.repeat(32)}-${PARENT_ID}-01`, 'ff'])(
      'begins a trace of its own where there is %s',
      async (traceparent) => {
        await start(mode);
        await get('number/7', { traceparent });
        const root = await arrived(traced, 'GET /things/number/:id');
        expect(root.parentObservationId).toBeNull();
      },
    );

    it('gives what starts beside a user no user', async () => {
      await start(mode);
      await get('two-users');
      await arrived(traced, 'GET /things/two-users');
      const userOf = async (name: string) =>
        (await traced.observation(name)).userId;
      expect(await userOf('as ada')).toBe('ada');
      expect(await userOf('as bob')).toBe('bob');
      expect(await userOf('as nobody')).toBeNull();
    });

    it('leaves out routes, and handlers with @NoTrace()', async () => {
      await start(mode, {
        ignoreRoutes: ['/things/health', /^\/things\/num/g],
      });
      expect(await (await get('health')).text()).toBe('ok');
      await get('number/1');
      await get('number/2');
      await get('silent');
      await get('file');
      await arrived(traced, 'GET /things/file');
      expect(await traced.tree()).toEqual(['check', 'GET /things/file']);
    });

    it('leaves out what a function says', async () => {
      await start(mode, {
        ignoreRoutes: (context: ExecutionContext) =>
          context.getHandler().name === 'number',
      });
      await get('number/1');
      await get('file');
      await arrived(traced, 'GET /things/file');
      expect(await traced.tree()).toEqual(['GET /things/file']);
    });

    it('does not take a file for a value', async () => {
      await start(mode);
      expect(await (await get('file')).text()).toBe('content');
      expect(await arrived(traced, 'GET /things/file')).toMatchObject({
        output: null,
        level: 'DEFAULT',
      });
    });

    it('warns when the client leaves', async () => {
      waiting = signal();
      await start(mode);
      const client = http.get(`${url}/things/wait`);
      client.on('error', () => undefined);
      await waiting.given;
      client.destroy();
      expect(await arrived(traced, 'GET /things/wait')).toMatchObject({
        level: 'WARNING',
        statusMessage: 'the client closed the connection',
      });
    });

    it('has nothing to do with requests that no route takes', async () => {
      await start(mode);
      expect((await get('nowhere')).status).toBe(404);
      await get('number/1');
      await arrived(traced, 'GET /things/number/:id');
      expect(await traced.tree()).toEqual(['GET /things/number/:id']);
    });
  });

  it('records what a guard turns away, with its work, in middleware mode', async () => {
    await start('middleware');
    expect((await get('guarded/1', { 'x-closed': '1' })).status).toBe(403);
    const root = await arrived(traced, 'GET /things/guarded/:id');
    expect(root).toMatchObject({
      level: 'WARNING',
      statusMessage: 'HTTP 403',
      parentObservationId: null,
    });
    expect(await traced.tree()).toEqual(['GET /things/guarded/:id', '  guard']);
  });

  it('records the guard that lets a request pass as a part of it, in middleware mode', async () => {
    await start('middleware');
    await get('guarded/1');
    await arrived(traced, 'GET /things/guarded/:id');
    expect(await traced.tree()).toEqual([
      'GET /things/guarded/:id',
      '  guard',
      '  work',
    ]);
  });

  it('records nothing of what a guard turns away, otherwise', async () => {
    await start(true);
    await get('guarded/1', { 'x-closed': '1' });
    await get('file');
    await arrived(traced, 'GET /things/file');
    expect(await traced.tree()).toEqual(
      ['GET /things/file', 'guard'].toSorted(),
    );
  });

  it('records no request unless it is told to', async () => {
    await start(false);
    await get('health');
    expect(await traced.tree()).toEqual(['check']);
  });
});
