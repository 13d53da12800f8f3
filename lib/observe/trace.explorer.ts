import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Recorder } from './recorder.js';
import { giveRecorder, isTracedInVain } from './traced-class.js';

/**
 * Finds instances with `@Trace()` methods that Nest gave no recorder. Those of
 * `useFactory` and `useValue`, whose properties Nest does not inject, get
 * theirs here; for the others `LangfuseModule` is not visible, which is told.
 */
@Injectable()
export class TraceExplorer implements OnModuleInit {
  private readonly logger = new Logger('LangfuseModule');

  constructor(
    private readonly modules: ModulesContainer,
    private readonly recorder: Recorder,
  ) {}

  onModuleInit(): void {
    const unreached = new Set<string>();
    for (const { name, providers, controllers } of this.modules.values()) {
      for (const host of [...providers.values(), ...controllers.values()]) {
        // Of others Nest holds a prototype here, and injects the instances.
        if (host.isTransient || !host.isDependencyTreeStatic()) continue;
        const instance: unknown = host.instance;
        if (!isObject(instance) || !isTracedInVain(instance)) continue;
        if (host.isNotMetatype) giveRecorder(instance, this.recorder);
        else unreached.add(`${instance.constructor.name} (in ${name})`);
      }
    }
    if (unreached.size === 0) return;
    this.logger.warn(
      `@Trace() records nothing in ${[...unreached].join(', ')}: ` +
        'LangfuseModule is not visible there. Import it in these modules, or ' +
        'leave its isGlobal true.',
    );
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
