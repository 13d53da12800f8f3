import { describe, expect, it } from 'vitest';
import {
  expectUnharmed,
  jsonExport,
  jsonSpan,
  useFreshReceiver,
} from './json-export.js';
import { postJsonTraces } from './local-client.js';

const fresh = useFreshReceiver();

describe('an export that the server refuses as a whole', () => {
  const IDS =
    'traceId and spanId are required on every span, and each must be a string or a byte array.';
  const LISTS =
    'scopeSpans, spans, attributes and events must all be arrays — OTLP attributes are a list of {key, value} entries, not a JSON object.';

  function refusal(
    problem: string,
    hints: string,
    scopes = 'langfuse-sdk',
  ): string {
    return (
      `Invalid OTLP trace export: ${problem}. ${hints} ` +
      'The entire export was rejected and no spans were ingested. ' +
      `Instrumentation scopes: ${scopes}. ` +
      'This endpoint accepts OpenTelemetry traces only — if you are exporting OpenTelemetry logs, point your log exporter elsewhere.'
    );
  }

  async function refused(body: unknown): Promise<unknown> {
    const answer = await postJsonTraces(fresh.local, body);
    expect(answer.status).toBe(400);
    await expectUnharmed(fresh.local);
    return (answer.body as { error: unknown }).error;
  }

  it.each([
    ['traceId', undefined, 'traceId:absent'],
    ['traceId', null, 'traceId:absent'],
    ['traceId', 42, 'traceId:not_an_id'],
    ['spanId', false, 'spanId:not_an_id'],
    ['spanId', { data: [1] }, 'spanId:not_an_id'],
    ['spanId', { length: 8e8 }, 'spanId:not_an_id'],
    ['spanId', { type: 'Buffer', data: 'AQ==' }, 'spanId:not_an_id'],
    ['parentSpanId', 7, 'parentSpanId:not_an_id'],
  ])('names the id %s of %j', async (field, id, reason) => {
    expect(
      await refused(jsonExport([jsonSpan(), jsonSpan({ [field]: id })])),
    ).toBe(refusal(`1 of 2 span(s) cannot be processed (${reason})`, IDS));
  });

  it.each([
    [{ attributes: { a: 1 } }, 'attributes:not_an_array'],
    [{ attributes: 'a' }, 'attributes:not_an_array'],
    [{ events: {} }, 'events:not_an_array'],
    [{ events: [{}, { attributes: 5 }] }, 'event.attributes:not_an_array'],
  ])('names the field of a span in %j', async (fields, reason) => {
    expect(await refused(jsonExport([jsonSpan(fields)]))).toBe(
      refusal(`1 of 1 span(s) cannot be processed (${reason})`, LISTS),
    );
  });

  it.each([
    [{ resource: { attributes: {} } }, 'resource.attributes', 'unknown'],
    [{ scopeSpans: {} }, 'scopeSpans', 'unknown'],
    [
      { scopeSpans: [{ scope: { name: 's', attributes: 1 } }] },
      'scope.attributes',
      's',
    ],
    [
      { scopeSpans: [{ scope: { name: 's' }, spans: jsonSpan() }] },
      'spans',
      's',
    ],
  ])('names the field above the spans in %j', async (entry, field, scopes) => {
    expect(await refused({ resourceSpans: [entry] })).toBe(
      refusal(
        `1 resource- or scope-level field(s) are present but not arrays (${field}:not_an_array)`,
        LISTS,
        scopes,
      ),
    );
  });

  it('names all that is wrong at once, with some of the scopes', async () => {
    const scopeSpans = Array.from({ length: 7 }, (_, index) => ({
      scope: { name: `scope-${index}` },
      spans: [null, jsonSpan({ attributes: {} }), jsonSpan()],
    }));
    expect(
      await refused({
        resourceSpans: [{ resource: { attributes: {} }, scopeSpans }],
      }),
    ).toBe(
      refusal(
        '14 of 21 span(s) cannot be processed; 1 resource- or scope-level field(s) are present but not arrays ' +
          '(resource.attributes:not_an_array, traceId:absent, spanId:absent, attributes:not_an_array)',
        `${IDS} ${LISTS}`,
        'scope-0, scope-1, scope-2, scope-3, scope-4',
      ),
    );
  });
});
