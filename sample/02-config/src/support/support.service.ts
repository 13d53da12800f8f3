/** Answers customers: recorded in the project without a name. */
import { Injectable } from '@nestjs/common';
import { Trace } from 'nestjs-langfuse';
import { InvoicesService } from '../billing/invoices.service.js';
import { TemplateModel } from '../model/template-model.js';

@Injectable()
export class SupportService {
  constructor(
    private readonly invoices: InvoicesService,
    private readonly model: TemplateModel,
  ) {}

  @Trace()
  answer(question: string): Promise<string> {
    const [, id] = /\binvoice (\d+)/i.exec(question) ?? [];
    if (id === undefined) return this.model.write('plan', { question });
    // Its @Trace() names another project, but a trace belongs to one.
    const { amount, isPaid } = this.invoices.statusOf(id);
    return this.model.write(isPaid ? 'paid' : 'open', { id, amount });
  }
}
