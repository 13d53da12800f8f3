/** What customers owe. */
import { Injectable, NotFoundException } from '@nestjs/common';
import { Trace } from 'nestjs-langfuse';

export interface Invoice {
  readonly id: string;
  readonly customer: string;
  readonly email: string;
  readonly card: string;
  readonly amount: string;
  readonly isPaid: boolean;
}

const INVOICES: readonly Invoice[] = [
  {
    id: '1001',
    customer: 'Ada',
    email: 'ada@example.com',
    card: '4242 4242 4242 4242',
    amount: '$ 42.00',
    isPaid: false,
  },
  {
    id: '1002',
    customer: 'Grace',
    email: 'grace@example.com',
    card: '5555 5555 5555 4444',
    amount: '$ 17.50',
    isPaid: true,
  },
];

@Injectable()
export class InvoicesService {
  @Trace({ project: 'billing', name: 'find invoice', asType: 'retriever' })
  find(id: string): Invoice {
    return invoiceOf(id);
  }

  /** For others than billing, and their traces: nothing about the customer. */
  @Trace({ project: 'billing', name: 'invoice status', asType: 'tool' })
  statusOf(id: string): Pick<Invoice, 'id' | 'amount' | 'isPaid'> {
    const { amount, isPaid } = invoiceOf(id);
    return { id, amount, isPaid };
  }
}

function invoiceOf(id: string): Invoice {
  const invoice = INVOICES.find((each) => each.id === id);
  if (!invoice) throw new NotFoundException(`there is no invoice ${id}`);
  return invoice;
}
