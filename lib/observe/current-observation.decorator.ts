import 'reflect-metadata';
import {
  createParamDecorator,
  Inject,
  Injectable,
  Optional,
  type PipeTransform,
} from '@nestjs/common';
import { activeObservation } from './active-observation.js';
import type { LangfuseObservation } from './langfuse-observation.js';
import { Recorder } from './recorder.js';

/** Indexes of such parameters, by class and method. */
const PARAMETERS = 'langfuse:observation-parameters';

/** A pipe, since Nest injects into these and not into the decorator itself. */
@Injectable()
class ActiveObservationPipe implements PipeTransform {
  constructor(
    @Optional() @Inject(Recorder) private readonly recorder?: Recorder,
  ) {}

  transform(): LangfuseObservation {
    return activeObservation(this.recorder);
  }
}

const active = createParamDecorator(() => undefined);

/**
 * Gives a handler (HTTP, RPC, WebSocket) the observation that it runs in: its
 * own where it has `@Trace()`, else that of the request. It is not part of the
 * recorded input. Where nothing is recorded it is an observation that does
 * nothing, never undefined.
 *
 * @example
 * ```ts
 * @Post()
 * @Trace({ asType: 'agent' })
 * ask(
 *   @Body() question: Question,
 *   @CurrentObservation() observation: LangfuseObservation,
 * ) { … }
 * ```
 * @publicApi
 */
export function CurrentObservation(): ParameterDecorator {
  const decorate = active(ActiveObservationPipe);
  return (target, key, index) => {
    if (key === undefined) {
      throw new TypeError(
        `@CurrentObservation() in the constructor of ${(target as { name?: string }).name}: ` +
          'it stands on parameters of handlers; inject LangfuseService instead.',
      );
    }
    decorate(target, key, index);
    const indexes = [...observationParameters(target, key), index];
    Reflect.defineMetadata(PARAMETERS, indexes, target, key);
  };
}

/** Where a method wants its observation. */
export function observationParameters(
  prototype: object,
  key: string | symbol,
): readonly number[] {
  const indexes: unknown = Reflect.getOwnMetadata(PARAMETERS, prototype, key);
  return Array.isArray(indexes) ? (indexes as number[]) : [];
}
