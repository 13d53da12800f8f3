/** What answers without a route of Nest's: mounted on Express. */
import type { ServerResponse } from 'node:http';
import { Controller, Get, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LangfuseService } from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import { arrived } from './requests-support.js';

type Next = () => void;

/** As `@nestjs/apollo` does with Express. */
@Injectable()
class Mounts implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly langfuse: LangfuseService,
  ) {}

  onModuleInit(): void {
    const { httpAdapter } = this.host;
    httpAdapter.use('/endpoint', (_: unknown, response: ServerResponse) => {
      response.statusCode = 418;
      response.end('short and stout');
    });
    httpAdapter.use('/busy', (_: unknown, response: ServerResponse) => {
      this.langfuse.startObservation('work').end();
      response.end();
    });
    httpAdapter.use('/files', (_: unknown, response: ServerResponse) => {
      response.end('content');
    });
    httpAdapter.use('/passed', (_: unknown, __: ServerResponse, next: Next) =>
      next(),
    );
  }
}

@Controller()
class EndController {
  @Get('end')
  end(): string {
    return 'end';
  }
}

describe('what is mounted on Express', () => {
  let traced: TracedApplication;
  let url: string;
  beforeEach(async () => {
    traced = await TracedApplication.start({
      controllers: [EndController],
      providers: [Mounts],
      langfuse: { flushAt: 1, traceRequests: 'middleware' },
    });
    url = await traced.listen();
  });
  afterEach(() => traced.close());

  it('is a route where it has one path', async () => {
    await fetch(`${url}/endpoint?a=1`, { method: 'POST' });
    const endpoint = await arrived(traced, 'POST /endpoint');
    expect(endpoint).toMatchObject({
      level: 'WARNING',
      statusMessage: 'HTTP 418',
    });
    expect(endpoint.metadata).toMatchObject({
      path: '/endpoint',
      route: '/endpoint',
    });
  });

  it('has what it does below it', async () => {
    await fetch(`${url}/busy`);
    await arrived(traced, 'GET /busy');
    expect(await traced.tree()).toEqual(['GET /busy', '  work']);
  });

  it.each(['/files/a.txt', '/passed', '/nowhere'])(
    'has no observation for %s',
    async (path) => {
      await (await fetch(`${url}${path}`)).text();
      await fetch(`${url}/end`);
      await arrived(traced, 'GET /end');
      expect(await traced.tree()).toEqual(['GET /end']);
    },
  );
});
