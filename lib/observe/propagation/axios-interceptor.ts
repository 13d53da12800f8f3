import type { Propagation } from './propagation.js';

/** The parts of axios' request configuration that are used here. @publicApi */
export interface AxiosRequestLike {
  /** What a relative `url` is relative to. */
  readonly baseURL?: string;
  /** Where the request goes to. */
  readonly url?: string;
  /** The headers of the request, of the class `AxiosHeaders`. */
  readonly headers: {
    /** With `false` a header that is there stays. */
    set(name: string, value: string, rewrite: false): unknown;
  };
}

/** For `axios.interceptors.request.use()`. */
export function axiosInterceptor(
  propagation: Propagation,
): <C extends AxiosRequestLike>(config: C) => C {
  return (config) => {
    const { url = '', baseURL, headers } = config;
    const target = URL.canParse(url, baseURL)
      ? new URL(url, baseURL)
      : undefined;
    for (const [name, value] of Object.entries(propagation.headers(target))) {
      headers.set(name, value, false);
    }
    return config;
  };
}
