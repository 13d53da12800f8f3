// The Chromium of the machine: none is downloaded.
import { existsSync } from 'node:fs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** `CHROMIUM_PATH`, or where Linux has one; undefined where there is none. */
export function findChromium() {
  const paths = NAMES.map((name) => `/usr/bin/${name}`);
  return [process.env.CHROMIUM_PATH, ...paths].find(
    (path) => path && existsSync(path),
  );
}
