/** Asks a few questions, one after the other, and shows the trace of each. */
import { randomUUID } from 'node:crypto';
import type { LangfuseService } from 'nestjs-langfuse';
import { type Answered, ask, giveFeedback } from './client.js';
import { type Question, QUESTIONS } from './questions.js';
import { print, wrap } from './terminal.js';
import type { TraceView } from './trace-view.js';

const INDENT = '  ';

export async function takeTour(
  url: string,
  langfuse: LangfuseService,
  traces: TraceView,
): Promise<void> {
  // A run of its own on a server that keeps the sessions of former ones.
  const run = randomUUID().slice(0, 8);
  for (const [index, question] of QUESTIONS.entries()) {
    const { text, user } = question;
    print('', `${index + 1}. ${user ?? 'somebody'} asks: ${text}`, '');
    const traceId = await answerOf(url, question, run);
    const { pending } = await langfuse.flush();
    if (pending > 0) print('', `${INDENT}${pending} records are still waiting`);
    await traces.show(traceId);
  }
}

/** Prints the answer, or why there is none. */
async function answerOf(
  url: string,
  { text, user, feedback }: Question,
  run: string,
): Promise<string | undefined> {
  const reply = await ask(url, {
    question: text,
    userId: user,
    sessionId: user && `${user}-${run}`,
  });
  if ('problem' in reply) {
    print(...wrap(reply.problem, INDENT));
    return undefined;
  }
  const { traceId } = reply;
  print(...describe(reply));
  if (feedback && traceId) await giveFeedback(url, { traceId, ...feedback });
  return traceId;
}

function describe({ answer, sources }: Answered): string[] {
  return [
    ...answer.split('\n').flatMap((line) => {
      const lead = /^\s*(?:- )?/.exec(line)?.[0] ?? '';
      return wrap(line.slice(lead.length), INDENT + lead);
    }),
    ...sources.flatMap((source) => wrap(source, `${INDENT}← `)),
  ];
}
