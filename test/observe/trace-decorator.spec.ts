/** What `@Trace()` leaves as it is, and where it works. */
import 'reflect-metadata';
import { Injectable, Scope } from '@nestjs/common';
import { ContextIdFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Trace, type TraceOptions } from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';

/** A method with properties of its own, as other libraries leave them. */
function mark(value: string): MethodDecorator {
  return (_target, _key, descriptor) => {
    Object.assign(descriptor.value as object, { marked: value });
    Reflect.defineMetadata('marked', value, descriptor.value as object);
  };
}

class Lazy implements PromiseLike<string> {
  thens = 0;
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
  then<A, B>(): PromiseLike<A | B> {
    this.thens += 1;
    return this as unknown as PromiseLike<A | B>;
  }
}

class Cancellable<T> extends Promise<T> {
  cancel(): string {
    return 'cancelled';
  }
}

const shared = { rows: [1, 2] };

@Injectable()
class Library {
  #visits = 0;
  readonly lazy = new Lazy();
  readonly cancellable = new Cancellable<string>((resolve) => resolve('book'));
  readonly failure = new RangeError('out of books');

  @Trace()
  value(): object {
    return shared;
  }

  @Trace()
  async later(): Promise<object> {
    await Promise.resolve();
    return shared;
  }

  @Trace()
  nothing(): void {}

  @Trace()
  visit(): number {
    this.#visits += 1;
    return this.#visits;
  }

  @Trace()
  self(): this {
    return this;
  }

  @Trace()
  args(...args: unknown[]): unknown[] {
    return args;
  }

  @mark('above')
  @Trace('named')
  lend(_book: string, _reader: string, _days = 7): string {
    return 'lent';
  }

  @Trace()
  @mark('below')
  giveBack(_book: string): string {
    return 'thanks';
  }

  @Trace()
  query(): Lazy {
    return this.lazy;
  }

  @Trace()
  order(): Cancellable<string> {
    return this.cancellable;
  }

  @Trace()
  fail(): never {
    throw this.failure;
  }

  @Trace()
  async failLater(): Promise<never> {
    await Promise.resolve();
    throw this.failure;
  }

  @Trace({ captureInput: false })
  secretIn(password: string): string {
    return password.length > 3 ? 'long' : 'short';
  }

  @Trace({ captureOutput: false })
  secretOut(name: string): string {
    return `password of ${name}`;
  }

  @Trace()
  other(): string {
    return `the other ${this.visit()}`;
  }
}

describe('a traced method', () => {
  let traced: TracedApplication;
  let library: Library;

  beforeAll(async () => {
    traced = await TracedApplication.start({ providers: [Library] });
    library = traced.get(Library);
  });
  afterAll(() => traced.close());

  it('keeps its name, its length and its own properties', () => {
    expect(library.lend.name).toBe('lend');
    expect(library.lend).toHaveLength(2);
    expect(library.giveBack.name).toBe('giveBack');
    expect(Object.entries(library.lend)).toEqual([['marked', 'above']]);
    expect(Object.entries(library.giveBack)).toEqual([['marked', 'below']]);
  });

  it('keeps its metadata, set above or below', () => {
    expect(Reflect.getMetadata('marked', library.lend)).toBe('above');
    expect(Reflect.getMetadata('marked', library.giveBack)).toBe('below');
    expect(
      Reflect.getMetadata('design:paramtypes', library, 'giveBack'),
    ).toEqual([String]);
  });

  it('stays a method in the eyes of JavaScript', () => {
    const descriptor = Object.getOwnPropertyDescriptor(
      Library.prototype,
      'lend',
    );
    expect(descriptor).toMatchObject({
      writable: true,
      configurable: true,
      enumerable: false,
    });
    expect(Object.keys(Library.prototype)).toEqual([]);
    expect(typeof library.lend).toBe('function');
  });

  it('returns the very value', async () => {
    expect(library.value()).toBe(shared);
    expect(library.nothing()).toBeUndefined();
    const promise = library.later();
    expect(promise.constructor).toBe(Promise);
    expect(await promise).toBe(shared);
  });

  it('has its this, private fields included', () => {
    expect(library.self()).toBe(library);
    expect([library.visit(), library.visit()]).toEqual([1, 2]);
    const { self } = library;
    expect(Reflect.apply(self, 'anything', [])).toBe('anything');
    expect(Reflect.apply(self, undefined, [])).toBeUndefined();
    expect(Reflect.apply(self, null, [])).toBeNull();
  });

  it('gets the very arguments', () => {
    const list = [1];
    const args = library.args(list, undefined, null);
    expect(args).toEqual([list, undefined, null]);
    expect(args[0]).toBe(list);
    expect(library.args()).toEqual([]);
  });

  it('throws the very error, and the observation tells of it', async () => {
    expect(() => library.fail()).toThrow(library.failure);
    await expect(library.failLater()).rejects.toBe(library.failure);

    for (const name of ['Library.fail', 'Library.failLater']) {
      const observation = await traced.observation(name);
      expect(observation).toMatchObject({
        level: 'ERROR',
        statusMessage: 'out of books',
        output: null,
      });
    }
    expect(Object.keys(library.failure)).toEqual([]);
  });

  it('records what went in and what came out', async () => {
    library.lend('Momo', 'ada');
    expect(await traced.observation('named')).toMatchObject({
      type: 'SPAN',
      input: '["Momo","ada"]',
      output: 'lent',
      level: 'DEFAULT',
    });
    library.giveBack('Momo');
    expect(await traced.observation('Library.giveBack')).toMatchObject({
      input: 'Momo',
      output: 'thanks',
    });
    expect(await traced.observation('Library.later')).toMatchObject({
      input: null,
      output: '{"rows":[1,2]}',
    });
    expect(await traced.observation('Library.nothing')).toMatchObject({
      input: null,
      output: null,
    });
  });

  it('keeps to itself what it is told to', async () => {
    library.secretIn('hunter2');
    expect(await traced.observation('Library.secretIn')).toMatchObject({
      input: null,
      output: 'long',
    });
    library.secretOut('ada');
    expect(await traced.observation('Library.secretOut')).toMatchObject({
      input: 'ada',
      output: null,
    });
    const sent = JSON.stringify(traced.local.observations());
    expect(sent).not.toContain('hunter2');
    expect(sent).not.toContain('password of');
  });

  it('hands out a lazy thenable without calling it', async () => {
    expect(library.query()).toBe(library.lazy);
    expect(library.lazy.thens).toBe(0);
    await traced.observation('Library.query');
    expect(library.lazy.thens).toBe(0);
  });

  it('hands out a promise of a subclass as it is, and waits for it', async () => {
    const order = library.order();
    expect(order).toBe(library.cancellable);
    expect(order.cancel()).toBe('cancelled');
    expect(await order).toBe('book');
    expect(await traced.observation('Library.order')).toMatchObject({
      output: 'book',
    });
  });

  it('does not hide that nobody caught its error', async () => {
    const unhandled = await unhandledRejections(() => {
      void library.failLater();
      // The same without us, to compare with.
      void Promise.reject(new Error('bare'));
    });
    expect(unhandled).toHaveLength(2);
    expect(unhandled).toContain(library.failure);
  });

  it('does not make a caught error unhandled', async () => {
    const unhandled = await unhandledRejections(() => {
      library.failLater().catch(() => undefined);
      library.failLater().then(undefined, () => undefined);
    });
    expect(unhandled).toEqual([]);
  });
});

describe('where it works', () => {
  class Animal {
    @Trace()
    speak(): string {
      return this.sound();
    }
    protected sound(): string {
      return '…';
    }
  }
  @Injectable()
  class Cat extends Animal {
    protected override sound(): string {
      return 'meow';
    }
  }
  @Injectable()
  class Dog extends Animal {
    @Trace('bark')
    override speak(): string {
      return `${super.speak()}!`;
    }
    protected override sound(): string {
      return 'woof';
    }
  }
  @Injectable()
  class Fish extends Animal {
    override speak(): string {
      return 'blub';
    }
  }
  @Injectable({ scope: Scope.REQUEST })
  class Visitor {
    @Trace()
    enter(): string {
      return 'hello';
    }
  }
  @Injectable({ scope: Scope.TRANSIENT })
  class Ticket {
    @Trace()
    punch(): string {
      return 'punched';
    }
  }

  let traced: TracedApplication;
  beforeAll(async () => {
    traced = await TracedApplication.start({
      providers: [Cat, Dog, Fish, Visitor, Ticket],
    });
  });
  afterAll(() => traced.close());

  it('in a subclass that only inherits the method', async () => {
    expect(traced.get(Cat).speak()).toBe('meow');
    expect((await traced.observation('Animal.speak')).output).toBe('meow');
  });

  it('in a method that overrides a traced one, and in that', async () => {
    expect(traced.get(Dog).speak()).toBe('woof!');
    const bark = await traced.observation('bark');
    const below = await traced.observations(bark.traceId);
    expect(below.find(({ name }) => name === 'Animal.speak')).toMatchObject({
      parentObservationId: bark.id,
      output: 'woof',
    });
  });

  it('not in a method that overrides a traced one without @Trace()', async () => {
    const { observations } = traced.local.stats();
    expect(traced.get(Fish).speak()).toBe('blub');
    await traced.langfuse.flush();
    expect(traced.local.stats().observations).toBe(observations);
  });

  it('in providers of a request, and in transient ones', async () => {
    for (const id of [1, 2]) {
      const contextId = ContextIdFactory.create();
      const visitor = await traced.app.resolve(Visitor, contextId);
      expect(visitor.enter()).toBe('hello');
      const ticket = await traced.app.resolve(Ticket, contextId);
      expect(ticket.punch()).toBe('punched');
      await traced.langfuse.flush();
      expect(traced.local.observations({ name: 'Visitor.enter' })).toHaveLength(
        id,
      );
      expect(traced.local.observations({ name: 'Ticket.punch' })).toHaveLength(
        id,
      );
    }
  });

  it('not outside of Nest: there it only runs', async () => {
    const { observations } = traced.local.stats();
    expect(new Cat().speak()).toBe('meow');
    await expect(new Library().later()).resolves.toBe(shared);
    await traced.langfuse.flush();
    expect(traced.local.stats().observations).toBe(observations);
  });

  it('for two applications in one process, each for itself', async () => {
    const other = await TracedApplication.start({ providers: [Visitor, Cat] });
    const before = traced.local.observations().length;
    expect(other.get(Cat).speak()).toBe('meow');
    expect((await other.observation('Animal.speak')).output).toBe('meow');
    await traced.langfuse.flush();
    expect(traced.local.observations()).toHaveLength(before);
    await other.close();
  });

  it('not when tracing is off: there it only runs', async () => {
    const off = await TracedApplication.start({
      providers: [Cat],
      langfuse: { enabled: false },
    });
    expect(off.get(Cat).speak()).toBe('meow');
    expect(off.queue.stats().enqueued).toBe(0);
    expect(off.local.stats().requests).toBe(0);
    await off.close();
  });
});

describe('misuse is told at class definition', () => {
  it('on a static method', () => {
    expect(() => {
      class Tools {
        readonly size = 1;
        @Trace()
        static run(): void {}
      }
      return Tools;
    }).toThrow(
      new TypeError(
        '@Trace() on static Tools.run: only instance methods can be traced; ' +
          'make it an instance method of a provider.',
      ),
    );
  });

  it('on an accessor', () => {
    expect(() => {
      class Tools {
        @Trace()
        get size(): number {
          return 1;
        }
      }
      return Tools;
    }).toThrow(
      new TypeError(
        '@Trace() on Tools.size: it is no method; only methods can be traced.',
      ),
    );
  });

  it('on a property', () => {
    expect(() => {
      class Tools {
        @(Trace() as PropertyDecorator)
        run = () => 1;
      }
      return Tools;
    }).toThrow(
      new TypeError(
        '@Trace() on Tools.run: it is no method; only methods can be traced.',
      ),
    );
  });
});

describe('what is recorded is called', () => {
  it('as class and symbol', async () => {
    const key = Symbol('hidden');
    class Tools {
      @Trace()
      [key](): string {
        return 'found';
      }
    }
    const traced = await TracedApplication.start({ providers: [Tools] });
    expect(traced.get(Tools)[key]()).toBe('found');
    const observation = await traced.observation('Tools.Symbol(hidden)');
    expect(observation.output).toBe('found');
    await traced.close();
  });

  it.each<[TraceOptions['asType'], string]>([
    [undefined, 'SPAN'],
    ['generation', 'GENERATION'],
    ['event', 'EVENT'],
  ])('of type %s', async (asType, type) => {
    class Typed {
      @Trace({ name: 'typed', ...(asType ? { asType } : {}) })
      async run(): Promise<string> {
        return 'done';
      }
    }
    const traced = await TracedApplication.start({ providers: [Typed] });
    expect(await traced.get(Typed).run()).toBe('done');
    expect((await traced.observation('typed')).type).toBe(type);
    await traced.close();
  });
});

/** What the process is told while `fn` and what follows from it run. */
async function unhandledRejections(fn: () => void): Promise<unknown[]> {
  const listeners = process.listeners('unhandledRejection');
  const unhandled: unknown[] = [];
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  try {
    fn();
    // Node tells after the microtasks of a macrotask have run.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) {
      process.on('unhandledRejection', listener);
    }
  }
  return unhandled;
}
