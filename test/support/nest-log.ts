import type { LoggerService, LogLevel } from '@nestjs/common';

/** A line as Nest's `Logger` hands it over. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  /** Who writes. */
  readonly context: string | undefined;
}

/** A logger for an application that keeps what is written. */
export class NestLog implements LoggerService {
  readonly all: LogLine[] = [];
  readonly log = this.keep('log');
  readonly warn = this.keep('warn');
  readonly error = this.keep('error');
  readonly fatal = this.keep('fatal');
  readonly debug = this.keep('debug');
  readonly verbose = this.keep('verbose');

  /** What this library wrote: `level: message`, in order. */
  get lines(): readonly string[] {
    return this.all
      .filter(({ context }) => context?.startsWith('LangfuseModule'))
      .map(({ level, message }) => `${level}: ${message}`);
  }

  /** Everything that anybody wrote, as one text. */
  get text(): string {
    return JSON.stringify(this.all);
  }

  private keep(level: LogLevel) {
    return (message: unknown, ...rest: unknown[]) => {
      const context = rest.at(-1);
      this.all.push({
        level,
        message: String(message),
        context: typeof context === 'string' ? context : undefined,
      });
    };
  }
}
