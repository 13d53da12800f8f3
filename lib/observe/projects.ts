import type { ModulesContainer } from '@nestjs/core';
import type { DeadlineOptions, LangfuseQueue } from '../queue/index.js';
import type { Recorder } from './recorder.js';

/** What one project's records go through. */
export interface Project {
  readonly recorder: Recorder;
  readonly queue: LangfuseQueue;
}

/** Of one application each. */
const known = new WeakMap<ModulesContainer, Projects>();

/** Where a copy of this package says that it has a module in an application. */
const CLAIM = Symbol.for('nestjs-langfuse:projects');

/**
 * The projects of Langfuse that one application records into, by the `name` of
 * their module; undefined is that of the module without one.
 */
export class Projects {
  private readonly all = new Map<string | undefined, Project>();
  private requestsIn: { readonly name: string | undefined } | undefined;

  /**
   * @param isSecondCopy whether another copy of this package has its modules in
   *   the same application; only the later one knows of the other
   */
  private constructor(readonly isSecondCopy: boolean) {}

  /** Those of the application that consists of `modules`. */
  static of(modules: ModulesContainer): Projects {
    let projects = known.get(modules);
    if (!projects) {
      projects = new Projects(CLAIM in modules);
      known.set(modules, projects);
      Reflect.defineProperty(modules, CLAIM, { value: true });
    }
    return projects;
  }

  add(name: string | undefined, project: Project): void {
    this.all.set(name, project);
    const first = this.first ?? project;
    for (const other of this.all.values()) {
      if (other !== first) other.recorder.join(first.recorder);
    }
  }

  find(name: string | undefined): Project | undefined {
    return this.all.get(name);
  }

  get names(): readonly (string | undefined)[] {
    return [...this.all.keys()];
  }

  /** The one that speaks for all where there can be only one: one that is on. */
  isFirst(recorder: Recorder): boolean {
    const on = [this.first, ...this.all.values()].find(
      (project) => project?.recorder.isEnabled,
    );
    return recorder === (on ?? this.first)?.recorder;
  }

  /**
   * Says that all requests are recorded in this project.
   *
   * @returns false when they are recorded in another already
   */
  takeRequests(name: string | undefined): boolean {
    this.requestsIn ??= { name };
    return this.requestsIn.name === name;
  }

  /** Flushes all of them, at the same time. */
  async flush(options?: DeadlineOptions): Promise<void> {
    const queues = [...this.all.values()].map(({ queue }) => queue);
    await Promise.all(queues.map((queue) => queue.flush(options)));
  }

  private get first(): Project | undefined {
    const [oldest] = this.all.values();
    return this.all.get(undefined) ?? oldest;
  }
}
