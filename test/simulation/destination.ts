/** Where simulated requests go. Uncompressed, since gzip takes real time. */
export const DESTINATION = {
  baseUrl: 'http://langfuse.invalid',
  publicKey: 'pk-lf-simulated',
  secretKey: 'sk-lf-simulated',
  compression: 'none',
  additionalHeaders: {},
  sdkName: 'simulation',
  sdkVersion: '1',
  resource: new Map(),
} as const;
