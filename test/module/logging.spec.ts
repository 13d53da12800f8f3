/** The ids of the active trace in log lines, as docs/logging.md shows it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Logger } from '@nestjs/common';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LangfuseModule, Trace } from '../../lib/index.js';
import {
  keysFor,
  startHttpApplication,
  startReceiver,
} from '../support/application.js';
import { TracedLogger } from '../support/traced-logger.js';

const support = join(import.meta.dirname, '../support');

class Assistant {
  private readonly logger = new Logger('Assistant');

  @Trace()
  async answer(): Promise<string> {
    await Promise.resolve();
    this.logger.log('within the method');
    return 'Paris';
  }
}

@Controller()
class ChatController {
  private readonly logger = new Logger('ChatController');
  private readonly assistant: Assistant;

  constructor(assistant: Assistant) {
    this.assistant = assistant;
  }

  @Get()
  ask(): Promise<string> {
    this.logger.log('within the request');
    return this.assistant.answer();
  }
}

/** The lines of JSON that the process writes, from now on. */
function printedLines(): () => Record<string, unknown>[] {
  const spy = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => spy.mockRestore());
  return () =>
    spy.mock.calls
      .flatMap(([text]) => String(text).trim().split('\n'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('log lines', () => {
  it('carry the ids of what is active', async () => {
    const receiver = await startReceiver();
    const { app, langfuse } = await startHttpApplication({
      imports: [
        LangfuseModule.forRoot({ ...keysFor(receiver), traceRequests: true }),
      ],
      controllers: [ChatController],
      providers: [Assistant, TracedLogger],
    });
    const lines = printedLines();
    app.useLogger(app.get(TracedLogger));
    await fetch(await app.getUrl());
    new Logger('test').log('outside');
    await langfuse.flush();

    const [method, request] = receiver.observations();
    expect(method).toMatchObject({ name: 'Assistant.answer' });
    expect(
      lines().filter(({ context }) => context !== 'LangfuseModule'),
    ).toEqual([
      expect.objectContaining({
        message: 'within the request',
        traceId: request!.traceId,
        observationId: request!.id,
      }),
      expect.objectContaining({
        message: 'within the method',
        traceId: method!.traceId,
        observationId: method!.id,
      }),
      expect.not.objectContaining({ traceId: expect.anything() }),
    ]);
  });

  it('are those of the guide', () => {
    const guide = readFileSync(
      join(import.meta.dirname, '../../docs/logging.md'),
      'utf8',
    );
    const source = readFileSync(join(support, 'traced-logger.ts'), 'utf8');
    const shown = source.replace('../../lib/index.js', 'nestjs-langfuse');
    expect(guide).toContain(shown);
  });
});
