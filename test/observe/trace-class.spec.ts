/** `@Trace()` on a class, and what it leaves out. */
import {
  Controller,
  Get,
  Injectable,
  type OnModuleInit,
  Param,
  ParseIntPipe,
} from '@nestjs/common';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NoTrace, Trace } from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';

const SECRET = Symbol('secret');

class Base {
  inherited(): string {
    return 'inherited';
  }
}

@Trace({ name: 'Shop', asType: 'tool' })
@Injectable()
class Store extends Base implements OnModuleInit {
  #stock = 3;
  readonly field = () => 'field';

  onModuleInit(): void {
    this.#stock += 1;
  }

  get stock(): number {
    return this.#stock;
  }

  sell(count: number): number {
    this.#stock -= count;
    return this.#stock;
  }

  @Trace('own name')
  own(): string {
    return 'own';
  }

  @NoTrace()
  quiet(): string {
    return 'quiet';
  }

  [SECRET](): string {
    return 'hidden';
  }

  *[Symbol.iterator](): Generator<number> {
    yield this.#stock;
  }

  static build(): string {
    return 'built';
  }
}

@Injectable()
class Outlet extends Store {
  override sell(count: number): number {
    return super.sell(count) * 10;
  }
}

@Controller('items')
@Trace()
class ItemsController {
  @Get(':id')
  item(@Param('id', ParseIntPipe) id: number): object {
    return { id };
  }
}

describe('@Trace() on a class', () => {
  let traced: TracedApplication;
  beforeAll(async () => {
    traced = await TracedApplication.start({
      providers: [Store, Outlet],
      controllers: [ItemsController],
    });
  });
  afterAll(() => traced.close());

  it('is about its own methods, each once', async () => {
    const store = traced.get(Store);
    expect([
      store.sell(1),
      store.own(),
      store.quiet(),
      store.inherited(),
      store[SECRET](),
      [...store],
      store.field(),
      store.stock,
      Store.build(),
    ]).toEqual([
      3,
      'own',
      'quiet',
      'inherited',
      'hidden',
      [3],
      'field',
      3,
      'built',
    ]);
    expect(await traced.tree()).toEqual([
      'own name',
      'Shop.sell',
      'Shop.Symbol(secret)',
    ]);
    expect(await traced.observation('Shop.sell')).toMatchObject({
      type: 'TOOL',
      input: '1',
      output: '3',
    });
    expect(Object.keys(Store.prototype)).toEqual([]);
    expect(store.sell.name).toBe('sell');
    expect(store.sell).toHaveLength(1);
  });

  it('holds for what a subclass inherits, not for what it overrides', async () => {
    const before = traced.local.observations({ name: 'Shop.sell' }).length;
    expect(traced.get(Outlet).sell(1)).toBe(30);
    await traced.langfuse.flush();
    const { length } = traced.local.observations({ name: 'Shop.sell' });
    expect(length).toBe(before + 1);
    expect(traced.local.observations({ name: 'Outlet.sell' })).toEqual([]);
  });

  it('leaves routes as they are', async () => {
    await request(traced.app.getHttpServer())
      .get('/items/7')
      .expect(200, { id: 7 });
    expect(await traced.observation('ItemsController.item')).toMatchObject({
      input: '7',
      output: '{"id":7}',
    });
  });
});

describe('misuse is told at class definition', () => {
  it('on a parameter', () => {
    expect(() => {
      class Tools {
        constructor(@(Trace() as ParameterDecorator) readonly size: number) {}
      }
      return Tools;
    }).toThrow(
      new TypeError(
        '@Trace() on a parameter of Tools: only classes and methods can be traced.',
      ),
    );
  });

  it('on what is neither class nor method', () => {
    const decorate = Trace() as unknown as (target: unknown) => void;
    for (const target of [{}, () => 1]) {
      expect(() => decorate(target)).toThrow(
        `@Trace() on ${String(target)}: only classes and methods can be traced.`,
      );
    }
  });
});
