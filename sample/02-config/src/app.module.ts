/** Two projects of Langfuse in one application, set up by its configuration. */
import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { langfuseConfig, LangfuseModule } from 'nestjs-langfuse';
import { billingLangfuseConfig } from './billing/billing-langfuse.config.js';
import { InvoicesController } from './billing/invoices.controller.js';
import { InvoicesService } from './billing/invoices.service.js';
import { RemindersService } from './billing/reminders.service.js';
import { TemplateModel } from './model/template-model.js';
import { SupportController } from './support/support.controller.js';
import { SupportService } from './support/support.service.js';

@Module({
  imports: [
    // Reads the file .env, if there is one.
    ConfigModule.forRoot(),
    // The project 'billing': BILLING_LANGFUSE_*.
    LangfuseModule.forRootAsync({
      name: 'billing',
      ...billingLangfuseConfig.asProvider(),
    }),
    // The project of all that names none: LANGFUSE_*.
    LangfuseModule.forRootAsync(langfuseConfig.asProvider()),
  ],
  controllers: [SupportController, InvoicesController],
  providers: [SupportService, InvoicesService, RemindersService, TemplateModel],
})
export class AppModule {}
