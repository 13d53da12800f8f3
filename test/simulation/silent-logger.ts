const ignore = () => {};

/** Simulations say what they find themselves. */
export const SILENT = { log: ignore, warn: ignore, error: ignore };
