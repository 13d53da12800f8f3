export { Capture, type Captured, type CaptureLimits } from './capture.js';
export { threwMark, truncatedMark } from './marks.js';
export { hasFieldsOnly } from './stand-ins.js';
