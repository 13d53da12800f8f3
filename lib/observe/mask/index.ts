export { Mask, type MaskedAttributes, type MaskSettings } from './mask.js';
export {
  FULLY_MASKED,
  type MaskedText,
  type MaskFunction,
} from './mask-function.js';
export { maskScore } from './mask-score.js';
export { maskSpan } from './mask-span.js';
export { redactSecrets, type RedactSecretsOptions } from './redact-secrets.js';
