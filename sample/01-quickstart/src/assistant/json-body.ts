/** Reads fields of a JSON body; one that does not fit is answered with 400. */
import { BadRequestException } from '@nestjs/common';

export function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null
    ? (body as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

export function requiredText(body: unknown, name: string): string {
  const value = optionalText(body, name)?.trim();
  if (!value) {
    throw new BadRequestException(`${name} must be a text that is not empty`);
  }
  return value;
}

export function optionalText(body: unknown, name: string): string | undefined {
  const value = field(body, name) ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new BadRequestException(`${name} must be a text`);
}
