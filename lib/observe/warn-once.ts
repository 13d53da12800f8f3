/** Where the observing side warns; Nest's `Logger` fits. */
export interface WarningLogger {
  warn(message: string): void;
}

/** A caller that makes its messages up from data must not fill the memory. */
const MAX_REMEMBERED = 1_000;

/** Writes each warning once: the mistakes it tells of sit in code that repeats. */
export class WarnOnce {
  private readonly told = new Set<string>();

  constructor(private readonly logger: WarningLogger) {}

  warn(subject: string, message: string): void {
    if (this.told.has(subject) || this.told.size >= MAX_REMEMBERED) return;
    this.told.add(subject);
    try {
      this.logger.warn(message);
    } catch {
      // A logger that throws must not reach who records.
    }
  }
}
