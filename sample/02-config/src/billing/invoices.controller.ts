/** `POST /invoices/:id/reminder`: the trace begins in the service. */
import { Controller, Param, Post } from '@nestjs/common';
import { RemindersService } from './reminders.service.js';

@Controller('invoices')
export class InvoicesController {
  constructor(private readonly reminders: RemindersService) {}

  @Post(':id/reminder')
  async remind(@Param('id') id: string): Promise<{ readonly text: string }> {
    return { text: await this.reminders.write(id) };
  }
}
