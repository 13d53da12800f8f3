/** Objects that throw, lie, or refer to themselves. */

function fail(message: string): never {
  throw new Error(message);
}

/** A list that says that it has another length. */
export function claimingLength(length: unknown): unknown {
  return new Proxy([1], {
    get: (target, key) =>
      key === 'length' ? length : Reflect.get(target, key),
  });
}

function throwing(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}

function withGetter(data: object, key: string, get: () => unknown): object {
  return Object.defineProperty(data, key, {
    get,
    enumerable: true,
    configurable: true,
  });
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function detached(): Uint8Array {
  const bytes = new Uint8Array([1, 2, 3]);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

function rejected(): Promise<never> {
  const promise = Promise.reject(new Error('rejected'));
  promise.catch(() => undefined);
  return promise;
}

class Account {
  readonly #secret = 'secret';
  readonly balance = 10n;
  get secret() {
    return this.#secret;
  }
}

function proxies(): Record<string, (data: object) => unknown> {
  const trap = (name: string) => (data: object) =>
    new Proxy(data, { [name]: () => fail(name) });
  return {
    get: trap('get'),
    ownKeys: trap('ownKeys'),
    getPrototypeOf: trap('getPrototypeOf'),
    getOwnPropertyDescriptor: trap('getOwnPropertyDescriptor'),
    has: trap('has'),
    functions: (data) => new Proxy(data, { get: () => () => data }),
    endless: (data) => {
      const proxy: object = new Proxy(data, {
        get: (_target, key) => (key === 'toJSON' ? undefined : proxy),
      });
      return { proxy };
    },
    growing: (data) =>
      new Proxy(data, {
        get: (_target, key) => (key === 'toJSON' ? undefined : { ...data }),
        ownKeys: () => Object.keys(data),
      }),
    negativeLength: () => claimingLength(-1),
    lengthOfNothing: () => claimingLength(Number.NaN),
    lengthOfText: () => claimingLength('many'),
    lengthOfBigInt: () => claimingLength(10n),
    repeatedKeys: (data) =>
      new Proxy(data, { ownKeys: () => ['again', 'again'] }),
    unlikePrototype: (data) =>
      new Proxy(data, { getPrototypeOf: () => Array.prototype }),
    revoked,
    revokedList: (data) => revoked([data]),
    revokedFunction: (data) => revoked(() => data),
    ofDate: () => new Proxy(new Date(), {}),
    ofMap: (data) => new Proxy(new Map([[data, data]]), {}),
    ofError: (data) => new Proxy(new Error('x', { cause: data }), {}),
  };
}

function members(): Record<string, (data: object) => unknown> {
  return {
    getter: (data) => withGetter(data, 'broken', () => fail('getter')),
    getterOfNothing: (data) => withGetter(data, 'x', throwing(undefined)),
    getterOfSymbol: (data) => withGetter(data, 'x', throwing(Symbol('x'))),
    getterOfTrap: (data) => withGetter(data, 'x', throwing(revoked({}))),
    fickle: (data) => {
      let reads = 0;
      return withGetter(data, 'fickle', () =>
        reads++ % 2 === 0 ? 'text' : { big: 10n },
      );
    },
    toJSON: (data) => ({ data, toJSON: () => fail('toJSON') }),
    toJSONOfNothing: (data) => ({ data, toJSON: () => undefined }),
    toJSONOfItself: (data) => Object.assign(data, { toJSON: () => data }),
    toJSONOfTrap: (data) => ({ toJSON: () => revoked(data) }),
    toJSONForEver: () => {
      const next = (): object => ({ toJSON: next });
      return next();
    },
    thrower: () => ({
      toJSON: throwing(new Proxy({}, { get: () => fail('again') })),
    }),
    tag: (data) => ({
      data,
      get [Symbol.toStringTag]() {
        return fail('tag');
      },
    }),
    primitive: (data) => ({ data, [Symbol.toPrimitive]: () => fail('to') }),
    text: (data) => ({ data, toString: () => fail('toString') }),
    thenable: (data) => withGetter(data, 'then', () => () => fail('then')),
    symbols: (data) => ({ [Symbol('key')]: data, value: Symbol('value') }),
    circular: (data) => Object.assign(data, { self: data }),
    circularList: (data) => {
      const list: unknown[] = [data];
      list.push(list, [list]);
      return list;
    },
    frozen: (data) => Object.freeze(data),
    brokenItem: (data) => withGetter([data, 1], '1', () => fail('item')),
    functions: (data) => ({ data, f: () => data, Class: Account, fail }),
    numbers: () => [Number.NaN, Infinity, -Infinity, -0, 10n ** 30n],
  };
}

function instances(): Record<string, (data: object) => unknown> {
  return {
    error: (data) => new Error('failed', { cause: data }),
    errorOfErrors: (data) => new AggregateError([data, new Error('x')], 'all'),
    errorInItself: (data) => {
      const error = new Error('loop', { cause: data });
      return Object.assign(error, { cause: error, errors: [error] });
    },
    errorWithoutMessage: () =>
      withGetter(new Error(), 'message', () => fail('message')),
    errorWithoutStack: () =>
      withGetter(new Error(), 'stack', throwing(Symbol('stack'))),
    map: (data) => new Map<unknown, unknown>([[data, new Map([['x', data]])]]),
    mapInItself: (data) => {
      const map = new Map<unknown, unknown>([['__proto__', data]]);
      return map.set('self', map).set('nan', Number.NaN);
    },
    setInItself: (data) => {
      const set = new Set<unknown>([data]);
      return set.add(set);
    },
    brokenMap: (data) =>
      Object.assign(new Map([[data, 1]]), {
        entries: throwing(1),
        [Symbol.iterator]: throwing(2),
      }),
    date: () => new Date(Number.NaN),
    brokenDate: () =>
      Object.assign(new Date(), { toISOString: throwing(1), getTime: fail }),
    bytes: () => Buffer.from([0, 255, 128]),
    bigNumbers: () => new BigInt64Array([1n, -1n]),
    shared: () => new Float64Array(new SharedArrayBuffer(16)),
    detached,
    boxed: () => [Object(1n), Object(Symbol('boxed')), Object('\ud800')],
    regExp: () => /["\\]\ud800/,
    account: () => new Account(),
    nullPrototype: (data) => Object.assign(Object.create(null), { data }),
    generator: function* (data) {
      yield fail(String(data));
    },
    promise: rejected,
    weak: (data) => [new WeakMap([[data, 1]]), new WeakRef(data)],
    web: () => [
      new Headers({ a: 'b' }),
      new URL('http://a/?b'),
      new Blob(['x']),
    ],
    arguments: function (...given) {
      void given;
      // eslint-disable-next-line prefer-rest-params -- the object itself
      return arguments;
    },
    sparse: (data) => Object.assign([], { 3: data, length: 6 }),
  };
}

/** Each kind by its name, around some data of its own. */
export const HOSTILE_KINDS: Readonly<
  Record<string, (data: object) => unknown>
> = { ...proxies(), ...members(), ...instances() };
