import type { ModulesContainer } from '@nestjs/core';
import type { Recorder } from './recorder.js';

/** Of one application each. */
const known = new WeakMap<ModulesContainer, Projects>();

/**
 * The projects of Langfuse that one application records into, by the `name` of
 * their module; undefined is that of the module without one.
 */
export class Projects {
  private readonly recorders = new Map<string | undefined, Recorder>();
  private requestsIn: { readonly name: string | undefined } | undefined;

  /** Those of the application that consists of `modules`. */
  static of(modules: ModulesContainer): Projects {
    let projects = known.get(modules);
    if (!projects) known.set(modules, (projects = new Projects()));
    return projects;
  }

  add(name: string | undefined, recorder: Recorder): void {
    this.recorders.set(name, recorder);
    for (const other of this.recorders.values()) {
      if (other !== this.first) other.join(this.first ?? other);
    }
  }

  find(name: string | undefined): Recorder | undefined {
    return this.recorders.get(name);
  }

  get names(): readonly (string | undefined)[] {
    return [...this.recorders.keys()];
  }

  /** The one that speaks for all where there can be only one. */
  isFirst(recorder: Recorder): boolean {
    return recorder === this.first;
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

  private get first(): Recorder | undefined {
    const [oldest] = this.recorders.values();
    return this.recorders.get(undefined) ?? oldest;
  }
}
