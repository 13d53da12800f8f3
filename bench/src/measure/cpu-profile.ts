import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';

const SAMPLE_EVERY_MICROS = 200;

/** V8's own CPU profile of the main thread, from `start()` to `save()`. */
export class CpuProfile {
  private constructor(
    private readonly session: Session,
    private readonly file: string,
  ) {}

  /** @param file Where the profile goes; without one, none is made. */
  static async start(
    file: string | undefined,
  ): Promise<CpuProfile | undefined> {
    if (file === undefined) return undefined;
    const session = new Session();
    session.connect();
    const interval = SAMPLE_EVERY_MICROS;
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval });
    await session.post('Profiler.start');
    return new CpuProfile(session, file);
  }

  async save(): Promise<void> {
    const { profile } = await this.session.post('Profiler.stop');
    this.session.disconnect();
    await writeFile(this.file, JSON.stringify(profile));
  }
}
