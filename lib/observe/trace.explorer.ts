import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Projects } from './projects.js';
import { Recorder } from './recorder.js';
import {
  giveRecorder,
  lacksOtherCopy,
  missingProjects,
} from './traced-class.js';

/**
 * Finds instances with `@Trace()` methods that Nest gave no recorder. Those of
 * `useFactory` and `useValue`, whose properties Nest does not inject, get
 * theirs here; for the others their `LangfuseModule` is not visible or not
 * there, which is told. One explorer looks for all projects.
 */
@Injectable()
export class TraceExplorer implements OnModuleInit {
  private readonly logger = new Logger('LangfuseModule');

  constructor(
    private readonly modules: ModulesContainer,
    private readonly projects: Projects,
    private readonly recorder: Recorder,
  ) {}

  onModuleInit(): void {
    if (!this.projects.isFirst(this.recorder)) return;
    const unreached = new Map<string | undefined, Set<string>>();
    const ofOtherCopies = new Set<string>();
    for (const { name, providers, controllers } of this.modules.values()) {
      for (const host of [...providers.values(), ...controllers.values()]) {
        // Of others Nest holds a prototype here, and injects the instances.
        if (host.isTransient || !host.isDependencyTreeStatic()) continue;
        const instance: unknown = host.instance;
        if (!isObject(instance)) continue;
        if (lacksOtherCopy(instance))
          ofOtherCopies.add(placeOf(instance, name));
        for (const project of missingProjects(instance)) {
          const recorder = this.projects.find(project)?.recorder;
          if (recorder && host.isNotMetatype) {
            giveRecorder(instance, project, recorder);
            continue;
          }
          const classes = unreached.get(project) ?? new Set();
          classes.add(placeOf(instance, name));
          unreached.set(project, classes);
        }
      }
    }
    for (const [project, classes] of unreached) this.warn(project, classes);
    this.warnOfCopies(ofOtherCopies);
  }

  private warn(
    project: string | undefined,
    classes: ReadonlySet<string>,
  ): void {
    const options = project === undefined ? '' : `{ project: '${project}' }`;
    const isThere = this.projects.find(project) !== undefined;
    this.logger.warn(
      `@Trace(${options}) records nothing in ${[...classes].join(', ')}: ` +
        (isThere ? NOT_VISIBLE : this.notThere(project)),
    );
  }

  private warnOfCopies(classes: ReadonlySet<string>): void {
    if (classes.size > 0) {
      this.logger.warn(
        `@Trace() records nothing in ${[...classes].join(', ')}: it is that of ` +
          `another copy of nestjs-langfuse. ${ONE_COPY}`,
      );
    }
    if (this.projects.isSecondCopy) {
      this.logger.warn(
        'Two copies of nestjs-langfuse have a module in this application, each ' +
          'with a queue of its own; a trace ends where classes of one call ' +
          `those of the other. ${ONE_COPY}`,
      );
    }
  }

  private notThere(project: string | undefined): string {
    const names = this.projects.names.filter((name) => name !== undefined);
    const there = names.map((name) => `'${name}'`).join(', ');
    return project === undefined
      ? `all modules of Langfuse have names. Name one (${there}) in the ` +
          'decorator, or leave the name of one module out.'
      : `no LangfuseModule has that name` +
          (names.length > 0 ? ` (there is ${there})` : '') +
          `. Import LangfuseModule.forRoot({ name: '${project}', … }).`;
  }
}

const NOT_VISIBLE =
  'LangfuseModule is not visible there. Import it in these modules, or leave ' +
  'its isGlobal true.';

const ONE_COPY =
  'See npm ls nestjs-langfuse. Where it shows one, the process has loaded it by ' +
  'import and by require(), and Node runs with --no-experimental-require-module: ' +
  'leave that out, or use one of the two.';

function placeOf(instance: object, moduleName: string): string {
  return `${instance.constructor.name} (in ${moduleName})`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
