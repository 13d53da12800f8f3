/** Parts of a process that do nothing any more once it was killed. */
import type { Http } from '../../lib/deliver/http-client.js';
import type { Clock } from '../../lib/queue/index.js';
import type { SpoolFileSystem } from '../../lib/spool/spool-file-system.js';

/** Whether a process lives, and what in it can move. */
export class Mortal {
  isAlive = true;
  /** Timers that would keep it alive. */
  holding = 0;

  clock(time: Clock): Clock {
    return {
      now: () => time.now(),
      after: (delayMs, callback) =>
        time.after(delayMs, () => {
          if (this.isAlive) callback();
        }),
      afterHolding: (delayMs, callback) => {
        this.holding += 1;
        let isArmed = true;
        const disarm = () => {
          if (isArmed) this.holding -= 1;
          isArmed = false;
        };
        const timer = time.after(delayMs, () => {
          disarm();
          if (this.isAlive) callback();
        });
        return {
          cancel() {
            disarm();
            timer.cancel();
          },
        };
      },
    };
  }

  /** Whose answers nobody waits for any more. */
  http(http: Http): Http {
    return {
      send: async (request, options) => {
        const result = await http.send(request, options);
        return this.isAlive ? result : new Promise(() => {});
      },
      close: () => http.close(),
    };
  }

  files(files: SpoolFileSystem): SpoolFileSystem {
    return new Proxy(files, {
      get: (target, name) => {
        const call: unknown = Reflect.get(target, name);
        if (typeof call !== 'function') return call;
        return (...args: unknown[]): unknown => {
          if (!this.isAlive) throw new Error('written by the dead');
          return Reflect.apply(call, target, args);
        };
      },
    });
  }
}
