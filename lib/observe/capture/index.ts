export { Capture, type CaptureLimits } from './capture.js';
