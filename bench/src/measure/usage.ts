/** Microseconds of CPU that all threads of this process have used. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** The most memory that this process has held at once, in megabytes. */
export function peakRssMb(): number {
  return (process.resourceUsage().maxRSS * 1_024) / 1e6;
}

/** Bytes that are reachable: objects and the memory of buffers. */
export function reachableBytes(): number {
  const collect = globalThis.gc;
  if (!collect) throw new Error('gc() is missing: start with --expose-gc');
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
