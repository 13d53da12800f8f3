/** The value below which `share` (0 to 1) of the values lie; 0 of none. */
export function percentile(
  values: readonly number[] | Float64Array,
  share: number,
): number {
  const sorted = Float64Array.from(values).toSorted();
  return (
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  );
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
