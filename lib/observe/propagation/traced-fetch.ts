import type { Propagation } from './propagation.js';

/** As the global `fetch`, with the headers of the active observation. */
export function tracedFetch(propagation: Propagation): typeof fetch {
  return (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const url = request?.url ?? String(input);
    const headers = new Headers(init?.headers ?? request?.headers);
    for (const [name, value] of Object.entries(propagation.headers(url))) {
      if (!headers.has(name)) headers.set(name, value);
    }
    return fetch(input, { ...init, headers });
  };
}
