/** Stands where a model would: it fills in templates, and says that it does. */
import { Injectable } from '@nestjs/common';
import { Trace } from 'nestjs-langfuse';

const TEMPLATES = {
  plan: 'Open Settings › Plan, choose another one, and confirm.',
  open: 'Invoice {id} over {amount} is still open.',
  paid: 'Invoice {id} over {amount} is paid, thank you.',
  reminder:
    'Dear {customer}, {amount} is due. Please pay, or tell us if the card ' +
    '{card} is not yours any more. We write to {email}.',
  thanks: 'Dear {customer}, thank you for {amount}.',
} as const;

@Injectable()
export class TemplateModel {
  /** In the project of whoever calls it. */
  @Trace({
    name: 'write',
    asType: 'generation',
    onResult: () => ({ model: 'templates (no LLM)' }),
  })
  async write(
    template: keyof typeof TEMPLATES,
    values: Readonly<Record<string, string>>,
  ): Promise<string> {
    return TEMPLATES[template].replace(
      /\{(\w+)\}/g,
      (_, name: string) => values[name] ?? '',
    );
  }
}
