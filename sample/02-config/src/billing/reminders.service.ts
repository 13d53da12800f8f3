/** Reminds customers of what they owe: recorded in the project 'billing'. */
import { Injectable } from '@nestjs/common';
import { InjectLangfuse, type LangfuseService, Trace } from 'nestjs-langfuse';
import { TemplateModel } from '../model/template-model.js';
import { InvoicesService } from './invoices.service.js';

@Injectable()
export class RemindersService {
  constructor(
    private readonly invoices: InvoicesService,
    private readonly model: TemplateModel,
    @InjectLangfuse('billing') private readonly langfuse: LangfuseService,
  ) {}

  /** The root of a trace; all below it is in its project. */
  @Trace({ project: 'billing', name: 'payment reminder' })
  async write(invoiceId: string): Promise<string> {
    const { customer, email, amount, isPaid, card } =
      this.invoices.find(invoiceId);
    const text = await this.model.write(isPaid ? 'thanks' : 'reminder', {
      customer,
      email,
      amount,
      card,
    });
    this.langfuse.scoreActiveTrace({
      name: 'is polite',
      value: /please|thank/i.test(text),
    });
    return text;
  }
}
