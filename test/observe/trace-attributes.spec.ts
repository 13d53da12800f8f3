import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceAttributes } from '../../lib/observe/trace-attributes.js';
import { encodeAttributes, LangfuseAttribute } from '../../lib/wire/index.js';

const { traceName, userId, environment, release } = LangfuseAttribute;

/** So few keys that they meet in each way there is. */
const attributes = fc
  .dictionary(
    fc.constantFrom(traceName, userId, environment, release),
    fc.string(),
  )
  .map((record) => new Map(Object.entries(record)));
const rootName = fc.option(fc.string(), { nil: undefined });

function traceOf(
  project: ReadonlyMap<string, string>,
  values: ReadonlyMap<string, string>,
  root: string | undefined,
): TraceAttributes {
  const trace = TraceAttributes.ofAll(project).with(values);
  return root === undefined ? trace : trace.ofRoot(root);
}

describe('TraceAttributes', () => {
  it("takes the span's own before the trace's, the project's, and the name of the root", () => {
    fc.assert(
      fc.property(
        attributes,
        attributes,
        rootName,
        attributes,
        (project, values, root, own) => {
          const trace = traceOf(project, values, root);
          const expected = new Map([
            ...(root === undefined ? [] : [[traceName, root] as const]),
            ...project,
            ...values,
          ]);
          for (const key of own.keys()) expected.delete(key);
          expect(new Map(trace.beside(own))).toEqual(expected);
        },
      ),
    );
  });

  it('has the bytes of each once, whatever is encoded already', () => {
    fc.assert(
      fc.property(
        attributes,
        attributes,
        rootName,
        attributes,
        (project, values, root, own) => {
          const trace = traceOf(project, values, root);
          const bytes = Buffer.from(trace.encodedBeside(own));
          let length = 0;
          for (const entry of trace.beside(own)) {
            const field = encodeAttributes(new Map([entry]));
            expect(bytes.includes(Buffer.from(field))).toBe(true);
            length += field.length;
          }
          expect(bytes.length).toBe(length);
        },
      ),
    );
  });

  it('encodes once what many spans share', () => {
    const trace = traceOf(new Map(), new Map([[userId, 'u']]), 'root');
    const own = new Map([['own', 'value']]);
    expect(trace.encodedBeside(own)).toBe(trace.encodedBeside(new Map()));
    expect(trace.beside(own)).toBe(trace.beside(new Map()));
  });
});
