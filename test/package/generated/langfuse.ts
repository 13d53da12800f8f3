// A spec as an application has it, for Jest and Vitest with their globals.
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  langfuseConfig,
  LangfuseModule,
  LangfuseOptionsError,
  LangfuseService,
  Trace,
} from 'nestjs-langfuse';
import { startLangfuseLocal } from 'nestjs-langfuse/local';
import {
  LangfuseTesting,
  LangfuseTestingModule,
} from 'nestjs-langfuse/testing';

@Injectable()
class GreeterService {
  constructor(private readonly langfuse: LangfuseService) {}

  @Trace({ asType: 'tool' })
  greet(name: string): Promise<string> {
    this.langfuse.updateActiveObservation({ metadata: { polite: 'yes' } });
    return Promise.resolve(`Hello ${name}`);
  }
}

describe('nestjs-langfuse', () => {
  it('keeps in memory what a service records', async () => {
    const module = await Test.createTestingModule({
      imports: [LangfuseTestingModule.forRoot()],
      providers: [GreeterService],
    }).compile();
    await module.init();
    expect(await module.get(GreeterService).greet('Ada')).toBe('Hello Ada');
    await module.get(LangfuseTesting).flush();
    const [observation] = module.get(LangfuseTesting).observations();
    expect(observation).toMatchObject({
      name: 'GreeterService.greet',
      type: 'tool',
      input: 'Ada',
      output: 'Hello Ada',
      metadata: { polite: 'yes' },
    });
    await module.close();
  });

  it('sends it to a receiver', async () => {
    const receiver = await startLangfuseLocal();
    const { url: baseUrl, publicKey, secretKey } = receiver;
    const module = await Test.createTestingModule({
      imports: [LangfuseModule.forRoot({ baseUrl, publicKey, secretKey })],
      providers: [GreeterService],
    }).compile();
    await module.init();
    await module.get(GreeterService).greet('Ada');
    await module.close();
    expect(receiver.observations()).toHaveLength(1);
    await receiver.close();
  });

  it('throws errors that can be told apart', async () => {
    const module = Test.createTestingModule({
      imports: [LangfuseModule.forRoot({ flushAt: -1 })],
    });
    await expect(module.compile()).rejects.toBeInstanceOf(LangfuseOptionsError);
  });

  it('says what it needs for asProvider()', () => {
    expect(() => langfuseConfig.asProvider()).toThrow(
      'npm install @nestjs/config',
    );
  });
});
