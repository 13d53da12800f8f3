/** The application, and a route that shows its traces. */
import { type DynamicModule, Module } from '@nestjs/common';
import { AppModule } from '../app.module.js';
import { LocalTraces } from './local-traces.js';
import { TracesController } from './traces.controller.js';

@Module({ imports: [AppModule], controllers: [TracesController] })
export class TourModule {
  static showing(local: LocalTraces | undefined): DynamicModule {
    const providers = [{ provide: LocalTraces, useValue: local ?? null }];
    return { module: TourModule, providers };
  }
}
