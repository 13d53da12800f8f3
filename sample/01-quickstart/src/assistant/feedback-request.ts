/** What `POST /feedback` takes. */
import { BadRequestException } from '@nestjs/common';
import { field, optionalText, requiredText } from './json-body.js';

export interface FeedbackRequest {
  /** The trace that `POST /ask` returned: 32 hex digits. */
  readonly traceId: string;
  /** For instance 1 for a thumb up and 0 for a thumb down. */
  readonly value: number;
  readonly comment?: string;
}

/** @throws BadRequestException that names the field. */
export function parseFeedbackRequest(body: unknown): FeedbackRequest {
  const traceId = requiredText(body, 'traceId');
  if (!/^[0-9a-f]{32}$/.test(traceId)) {
    throw new BadRequestException('traceId must be 32 lower-case hex digits');
  }
  const value = field(body, 'value');
  if (typeof value !== 'number') {
    throw new BadRequestException('value must be a number');
  }
  return { traceId, value, comment: optionalText(body, 'comment') };
}
