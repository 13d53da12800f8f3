// A sample that runs: what it prints, and how it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const TIMEOUT_MS = 120_000;

/** A developer's keys, exporters and proxies are none of a sample's business. */
const FOREIGN = /^(.*LANGFUSE_|OTEL_|(HTTPS?|ALL|NO)_PROXY$)/i;

export class SampleProcess {
  output = '';
  errors = '';
  #child;
  #ended;

  constructor([command, ...args], folder, env = {}) {
    const own = Object.entries(process.env).filter(
      ([name]) => !FOREIGN.test(name),
    );
    this.#child = spawn(command, args, {
      cwd: folder,
      env: { ...Object.fromEntries(own), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, which is killed whole: npm, and what it started.
      detached: true,
    });
    process.once('exit', () => this.kill());
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      this.output += text;
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.errors += text;
    });
    this.#ended = once(this.#child, 'close').then(([code, signal]) => ({
      code,
      signal,
    }));
  }

  /** Waits until the output has `pattern`. @returns the match */
  printed(pattern) {
    const { stdout } = this.#child;
    let look;
    const found = new Promise((resolve, reject) => {
      look = () => {
        const match = pattern.exec(this.output);
        if (match) resolve(match);
      };
      stdout.on('data', look);
      this.#ended.then(() =>
        reject(this.#error(`ended before it printed ${pattern}`)),
      );
      look();
    });
    return this.#within(found).finally(() => stdout.off('data', look));
  }

  /** Waits until it has ended by itself, or by `signal`. */
  async end(signal) {
    if (signal) this.#child.kill(signal);
    const { code, signal: by } = await this.#within(this.#ended);
    // Nest gives the process the signal again when its hooks have run.
    if (code !== 0 && (signal === undefined || by !== signal)) {
      throw this.#error(`ended with code ${code}, signal ${by}`);
    }
    if (this.errors) throw this.#error('wrote to stderr');
  }

  kill() {
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }

  async #within(promise) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => {
        this.kill();
        reject(this.#error(`is not done after ${TIMEOUT_MS / 1000} s`));
      }, TIMEOUT_MS);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }

  #error(what) {
    const said = `${this.output}${this.errors}`.trimEnd();
    return new Error(`the sample ${what}; it had written:\n${said}`);
  }
}
