import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { isTracedInVain } from './traced-class.js';

/**
 * Tells at start-up which classes have `@Trace()` methods that record nothing,
 * because `LangfuseModule` is not visible from their module.
 */
@Injectable()
export class TraceExplorer implements OnApplicationBootstrap {
  private readonly logger = new Logger('LangfuseModule');

  constructor(private readonly modules: ModulesContainer) {}

  onApplicationBootstrap(): void {
    const names = new Set<string>();
    for (const module of this.modules.values()) {
      for (const host of [
        ...module.providers.values(),
        ...module.controllers.values(),
      ]) {
        const instance: unknown = host.instance;
        if (typeof instance !== 'object' || instance === null) continue;
        if (isTracedInVain(instance)) {
          names.add(`${instance.constructor.name} (in ${module.name})`);
        }
      }
    }
    if (names.size === 0) return;
    this.logger.warn(
      `@Trace() records nothing in ${[...names].join(', ')}: LangfuseModule is ` +
        'not visible there. Import it in these modules, or leave its isGlobal true.',
    );
  }
}
