/** How Nest knows what belongs to one of several projects of an application. */
import { Inject } from '@nestjs/common';
import { LangfuseQueue } from '../queue/index.js';
import { LangfuseService } from './langfuse.service.js';

/**
 * The injection token of a project's `LangfuseService`, for `useFactory`, for
 * `module.get()` and for tests.
 *
 * @param name - As in `LangfuseModule.forRoot({ name })`; without it that of the
 *   module without a name.
 * @publicApi
 */
export function getLangfuseToken(name?: string) {
  return name === undefined ? LangfuseService : `LangfuseService:${name}`;
}

/**
 * The injection token of a project's `LangfuseQueue`.
 *
 * @param name - See {@link getLangfuseToken}.
 * @publicApi
 */
export function getLangfuseQueueToken(name?: string) {
  return name === undefined ? LangfuseQueue : `LangfuseQueue:${name}`;
}

/**
 * Injects a project's `LangfuseService`.
 *
 * @param name - See {@link getLangfuseToken}.
 * @example `constructor(@InjectLangfuse('billing') private langfuse: LangfuseService) {}`
 * @publicApi
 */
export function InjectLangfuse(
  name?: string,
): PropertyDecorator & ParameterDecorator {
  return Inject(getLangfuseToken(name));
}

/**
 * Injects a project's `LangfuseQueue`.
 *
 * @param name - See {@link getLangfuseToken}.
 * @publicApi
 */
export function InjectLangfuseQueue(
  name?: string,
): PropertyDecorator & ParameterDecorator {
  return Inject(getLangfuseQueueToken(name));
}
