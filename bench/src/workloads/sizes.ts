import type { Sizes } from '../values/generate.js';

/** A question and its answer. */
export const SMALL: Sizes = { input: 200, output: 300, traces: 1_024 };

/** A conversation and the next message. */
export const TYPICAL: Sizes = { input: 8_000, output: 2_000, traces: 64 };

/** A conversation that all observations of a trace have as their input. */
export const SHARED: Sizes = { ...TYPICAL, sharesInput: true };

/** Documents for a model with a long memory. */
export const LARGE: Sizes = { input: 256_000, output: 2_000, traces: 8 };
