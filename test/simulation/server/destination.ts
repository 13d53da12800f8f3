/** Where simulated requests go. Uncompressed, since gzip takes real time. */
export const DESTINATION = {
  baseUrl: 'http://langfuse.invalid',
  compression: 'none',
  additionalHeaders: {},
  sdkName: 'simulation',
  sdkVersion: '1',
  resource: new Map(),
} as const;

/** The keys that every request carries. */
export const credentials = () =>
  ({
    ok: true,
    publicKey: 'pk-lf-simulated',
    secretKey: 'sk-lf-simulated',
  }) as const;
