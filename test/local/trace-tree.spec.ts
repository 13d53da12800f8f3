import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderScore, renderTrace } from '../../lib/local/index.js';
import { textWidth } from '../../lib/local/terminal-text.js';
import { observation, score, traceOf } from './trace-fixture.js';

/** The tree without the line that names the trace. */
function tree(...parameters: Parameters<typeof renderTrace>): string {
  return renderTrace(...parameters)
    .split('\n')
    .slice(1)
    .join('\n');
}

const chat = traceOf(
  [
    observation({
      id: 'search',
      parentObservationId: 'root',
      type: 'RETRIEVER',
      name: 'search-docs',
      from: 2,
      to: 14,
    }),
    observation({
      id: 'tool',
      parentObservationId: 'llm',
      type: 'TOOL',
      name: 'lookup',
      from: 30,
      to: 33,
      level: 'ERROR',
      statusMessage: 'connect ECONNREFUSED 127.0.0.1:5432',
    }),
    observation({
      id: 'llm',
      parentObservationId: 'root',
      type: 'GENERATION',
      name: 'answer',
      from: 20,
      to: 1220,
      providedModelName: 'gpt-4o-mini',
      usageDetails: { input: 1024, output: 256, total: 1280 },
      costDetails: { input: 0.001, output: 0.00023456, total: 0.00123456 },
    }),
    observation({
      id: 'event',
      parentObservationId: 'root',
      type: 'EVENT',
      name: 'rate-limit',
      from: 1230,
      level: 'WARNING',
      statusMessage: 'nearly used up',
    }),
    observation({ name: 'POST /ask', to: 1240 }),
  ],
  {
    name: 'chat turn',
    userId: 'u-17',
    sessionId: 's-3',
    tags: ['docs', 'demo'],
    environment: 'production',
    scores: [
      score({
        dataType: 'BOOLEAN',
        value: true,
        name: 'helpful',
        observationId: 'llm',
        comment: 'clear and short',
      }),
      score({ dataType: 'NUMERIC', value: 0.87, name: 'faithfulness' }),
    ],
  },
);

describe('renderTrace', () => {
  it('draws a trace as a tree', () => {
    expect(renderTrace(chat)).toBe(
      `
trace 0af7651916cd43dd8448eb211c80319c · chat turn · production
POST /ask          SPAN        1.24 s  user u-17 · session s-3 · #docs · #demo
├─ search-docs     RETRIEVER    12 ms
├─ answer          GENERATION  1.20 s  gpt-4o-mini · 1,024→256 tokens · $0.00123
│  ├─ lookup       TOOL          3 ms  ERROR connect ECONNREFUSED 127.0.0.1:5432
│  └─ ★ helpful    BOOLEAN       true  “clear and short”
├─ rate-limit      EVENT               WARNING nearly used up
└─ ★ faithfulness  NUMERIC       0.87
`.trim(),
    );
  });

  it('wraps what is too long for the terminal, and keeps the lines of the tree', () => {
    expect(tree(chat, { width: 64 })).toBe(
      `
POST /ask          SPAN        1.24 s  user u-17 · session s-3
│                                      #docs · #demo
├─ search-docs     RETRIEVER    12 ms
├─ answer          GENERATION  1.20 s  gpt-4o-mini
│  │                                   1,024→256 tokens
│  │                                   $0.00123
│  ├─ lookup       TOOL          3 ms  ERROR connect
│  │                                   ECONNREFUSED
│  │                                   127.0.0.1:5432
│  └─ ★ helpful    BOOLEAN       true  “clear and short”
├─ rate-limit      EVENT               WARNING nearly used up
└─ ★ faithfulness  NUMERIC       0.87
`.trim(),
    );
  });

  it('has colours only when asked for, and the same text under them', () => {
    const colored = renderTrace(chat, { color: true });
    expect(colored).toContain('\u001B[31mERROR connect');
    expect(colored).toContain('\u001B[33mWARNING nearly');
    // oxlint-disable-next-line no-control-regex
    expect(colored.replaceAll(/\u001B\[\d+m/g, '')).toBe(renderTrace(chat));
  });

  it('says nothing about what is as usual', () => {
    expect(renderTrace(traceOf([observation({ name: 'job', to: 5 })]))).toBe(
      'trace 0af7651916cd43dd8448eb211c80319c\njob  SPAN  5 ms',
    );
  });

  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1.00 s'],
    [59_994, '59.99 s'],
    [61_000, '1 min 1 s'],
    [-5, '-5 ms'],
  ])('writes %i ms as %s', (to, text) => {
    expect(tree(traceOf([observation({ to })]))).toBe(`name  SPAN  ${text}`);
  });

  it.each<[Record<string, number>, string]>([
    [{ input: 1, output: 2, total: 3 }, '1→2 tokens'],
    [{ input: 10, input_cached_tokens: 90, output: 5 }, '100→5 tokens'],
    [{ input: 12_345, output: 0, total: 12_345 }, '12,345→0 tokens'],
    [{ total: 300 }, '300 tokens'],
  ])('writes the usage %j as %s', (usageDetails, text) => {
    expect(tree(traceOf([observation({ usageDetails })]))).toBe(
      `name  SPAN  0 ms  ${text}`,
    );
  });

  it.each<[Record<string, number>, string]>([
    [{ total: 0 }, '$0'],
    [{ total: 0.000_000_123_4 }, '$0.000000123'],
    [{ total: 12.345 }, '$12.35'],
    [{ total: 1234.5 }, '$1,234.50'],
    [{ input: 1, cached: 0.5 }, '$1.50'],
  ])('writes the cost %j as %s', (costDetails, text) => {
    expect(tree(traceOf([observation({ costDetails })]))).toBe(
      `name  SPAN  0 ms  ${text}`,
    );
  });

  it('orders siblings by their start', () => {
    const child = (name: string, from: number) =>
      observation({ id: name, parentObservationId: 'root', name, from });
    expect(
      tree(
        traceOf([
          child('third', 3),
          child('first', 1),
          child('second', 2),
          observation({ name: 'root' }),
        ]),
      ),
    ).toMatch(/root.*\n├─ first.*\n├─ second.*\n└─ third/);
  });

  it('shows what hangs on nothing, and says so', () => {
    expect(
      tree(
        traceOf([
          observation({
            id: 'lost',
            name: 'lost child',
            parentObservationId: 'elsewhere',
          }),
          observation({ name: 'late root', from: 5 }),
        ]),
      ),
    ).toBe(
      `
late root   SPAN  0 ms
lost child  SPAN  0 ms  parent elsewhere is not here
`.trim(),
    );
  });

  it('takes the parent of a marked root for granted', () => {
    expect(
      tree(
        traceOf([
          observation({ parentObservationId: 'http', isRootObservation: true }),
        ]),
      ),
    ).toBe('name  SPAN  0 ms');
  });

  it('shows a span that was delivered twice', () => {
    const child = observation({
      id: 'c',
      parentObservationId: 'root',
      from: 1,
    });
    expect(
      tree(traceOf([observation({ name: 'root' }), child, { ...child }])),
    ).toBe(
      `
root     SPAN  0 ms
├─ name  SPAN  0 ms
└─ name  SPAN  0 ms  delivered twice
`.trim(),
    );
  });

  it('ends when parents go in circles', () => {
    expect(
      tree(
        traceOf([
          observation({ id: 'a', name: 'a', parentObservationId: 'b' }),
          observation({ id: 'b', name: 'b', parentObservationId: 'a' }),
          observation({
            id: 'self',
            name: 'self',
            parentObservationId: 'self',
          }),
        ]),
      ),
    ).toBe(
      `
a     SPAN  0 ms  is its own ancestor
└─ b  SPAN  0 ms
self  SPAN  0 ms  is its own ancestor
`.trim(),
    );
  });

  it('shows every observation and score once, whatever hangs where', () => {
    const id = fc.constantFrom('root', 'a', 'b', 'c', 'd', 'elsewhere');
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            id,
            parentObservationId: fc.option(id),
            isRootObservation: fc.boolean(),
            from: fc.nat(9),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        fc.array(fc.option(id), { maxLength: 4 }),
        (observations, scored) => {
          const text = renderTrace(
            traceOf(
              observations.map((input, index) =>
                observation({ ...input, name: `o${index}.` }),
              ),
              {
                scores: scored.map((observationId, index) =>
                  score({
                    dataType: 'NUMERIC',
                    value: 1,
                    name: `s${index}.`,
                    observationId,
                  }),
                ),
              },
            ),
          );
          const names = text.match(/\b[os]\d+\./g) ?? [];
          expect(names.toSorted()).toEqual(
            [
              ...observations.map((_, index) => `o${index}.`),
              ...scored.map((_, index) => `s${index}.`),
            ].toSorted(),
          );
        },
      ),
    );
  });

  it('draws traces deeper than the call stack', () => {
    const depth = 20_000;
    const chain = Array.from({ length: depth }, (_, level) =>
      observation({
        id: `o${level}`,
        parentObservationId: level === 0 ? null : `o${level - 1}`,
        from: level,
      }),
    );
    const lines = tree(traceOf(chain), { width: 80 }).split('\n');
    expect(lines).toHaveLength(depth);
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(80);
  });

  it('keeps the columns under wide characters and cuts long names', () => {
    expect(
      tree(
        traceOf([
          observation({ name: '检索 👋', userId: 'u' }),
          observation({
            id: 'c',
            parentObservationId: 'root',
            name: 'a name that is far too long to be shown as a whole',
            from: 1,
          }),
          observation({
            id: 'd',
            parentObservationId: 'root',
            name: '',
            from: 2,
          }),
        ]),
      ),
    ).toBe(
      `
检索 👋                                   SPAN  0 ms
├─ a name that is far too long to be sh…  SPAN  0 ms
└─ (no name)                              SPAN  0 ms
`.trim(),
    );
  });

  it('lets nothing from outside steer the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const drawn = renderTrace(
          traceOf(
            [
              observation({
                name: text,
                statusMessage: text,
                level: 'ERROR',
                providedModelName: text,
              }),
            ],
            {
              name: text,
              userId: text,
              tags: [text],
              scores: [
                score({
                  dataType: 'TEXT',
                  value: text,
                  name: text,
                  comment: text,
                }),
              ],
            },
          ),
        );
        // oxlint-disable-next-line no-control-regex
        expect(drawn.replaceAll('\n', '')).not.toMatch(
          /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u,
        );
      }),
    );
  });

  it('stays within 80 and 100 columns', () => {
    const text = fc.string({ maxLength: 60 });
    fc.assert(
      fc.property(
        fc.constantFrom(80, 100),
        text,
        text,
        fc.array(text, { maxLength: 9 }),
        (width, name, message, tags) => {
          const lines = renderTrace(
            traceOf(
              [
                observation({ name, statusMessage: message, level: 'ERROR' }),
                observation({
                  id: 'c',
                  parentObservationId: 'root',
                  type: 'GENERATION',
                  name,
                  statusMessage: message,
                }),
              ],
              { userId: name, sessionId: message, tags },
            ),
            { width },
          ).split('\n');
          expect(
            Math.max(...lines.slice(1).map(textWidth)),
          ).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('renderScore', () => {
  it('says what was scored', () => {
    expect(renderScore(chat.scores[0]!)).toBe(
      '★ helpful  BOOLEAN  true  “clear and short”  observation llm of trace 0af7651916cd43dd8448eb211c80319c',
    );
    expect(
      renderScore(
        score({
          dataType: 'CATEGORICAL',
          value: 'good',
          traceId: null,
          sessionId: 's-1',
        }),
      ),
    ).toBe('★ quality  CATEGORICAL  good  session s-1');
  });

  it('has colours only when asked for', () => {
    expect(renderScore(chat.scores[1]!, { color: true })).toBe(
      '\u001B[33m★ faithfulness\u001B[0m  \u001B[36mNUMERIC\u001B[0m  0.87  \u001B[2mtrace 0af7651916cd43dd8448eb211c80319c\u001B[0m',
    );
  });
});
