/**
 * Makes the values of a workload, before anything is measured. They are used in
 * a cycle that is much longer than the 32 KiB that gzip looks back, and each
 * observation of a cycle has objects of its own. Every second value is of Latin-1
 * characters only, as plain English is; the others hold whatever their text does.
 */
import { SeededRandom } from './random.js';
import { Texts } from './texts.js';
import type {
  ModelCall,
  ObservationValues,
  TraceValues,
  ValuesType,
} from './trace-values.js';

/** Sizes in characters of JSON. */
export interface Sizes {
  readonly input: number;
  readonly output: number;
  /** Traces in a cycle. */
  readonly traces: number;
  /** Whether the four observations of a trace have one and the same input. */
  readonly sharesInput?: boolean;
}

const SEED = 20_261_123;

/** Longer inputs are chat messages, the longest of them documents. */
const MAX_QUESTION = 1_000;
const MAX_CHAT = 32_000;

const STEPS: readonly (readonly [name: string, type: ValuesType])[] = [
  ['answer-question', 'chain'],
  ['search-documents', 'retriever'],
  ['check-policy', 'tool'],
  ['write-answer', 'generation'],
];

export function generateTraces(sizes: Sizes): TraceValues[] {
  const random = new SeededRandom(SEED);
  const texts = Texts.both(random);
  const anyTexts = () => texts[random.below(texts.length)]!;
  return Array.from({ length: sizes.traces }, (_, index) => {
    const shared = sizes.sharesInput
      ? inputOf(anyTexts(), sizes.input)
      : undefined;
    const [root, ...children] = STEPS.map(([name, type]) => ({
      name,
      type,
      input: shared ?? inputOf(anyTexts(), sizes.input),
      output: outputOf(anyTexts(), sizes.output),
      metadata: metadataOf(random),
      ...(type === 'generation' ? { call: callOf(random) } : {}),
    })) as [ObservationValues, ...ObservationValues[]];
    return {
      name: 'support-chat',
      userId: `user-${random.below(5_000)}`,
      sessionId: `session-${index}-${random.below(1e6)}`,
      root,
      children,
    };
  });
}

function inputOf(texts: Texts, size: number): unknown {
  if (size <= MAX_QUESTION) {
    return { question: texts.passage(size - 40), locale: 'en-GB', topK: 8 };
  }
  return size <= MAX_CHAT ? chatOf(texts, size) : documentsOf(texts, size);
}

/** A system prompt and a conversation. */
function chatOf(texts: Texts, size: number): unknown[] {
  const turns = 6;
  const length = Math.round((size * 0.8) / turns);
  return [
    { role: 'system', content: texts.passage(Math.round(size * 0.16)) },
    ...Array.from({ length: turns }, (_, turn) => ({
      role: turn % 2 === 0 ? 'user' : 'assistant',
      content: texts.passage(length),
    })),
  ];
}

/** A question about documents that were found. */
function documentsOf(texts: Texts, size: number): unknown[] {
  const documents = 8;
  const length = Math.round((size * 0.97) / documents);
  return [
    { role: 'system', content: texts.passage(1_000) },
    ...Array.from({ length: documents }, () => ({
      role: 'user',
      content: texts.passage(length),
    })),
  ];
}

function outputOf(texts: Texts, size: number): unknown {
  return size <= MAX_QUESTION
    ? { answer: texts.passage(size - 50), confidence: 0.83, citations: [3, 7] }
    : { role: 'assistant', content: texts.passage(size - 40) };
}

function metadataOf(random: SeededRandom): ObservationValues['metadata'] {
  return {
    tenant: `acme-${random.below(500)}`,
    region: 'eu-central-1',
    attempt: 1 + random.below(3),
    cached: random.below(2) === 0,
    strategy: 'hybrid-search',
  };
}

function callOf(random: SeededRandom): ModelCall {
  return {
    model: 'gpt-5-mini',
    modelParameters: { temperature: 0.2, max_tokens: 1_024 },
    usageDetails: { input: 100 + random.below(900), output: random.below(400) },
  };
}
