/** The options of the project 'billing', as a namespace of @nestjs/config. */
import { registerAs } from '@nestjs/config';
import { type LangfuseModuleOptions, redactSecrets } from 'nestjs-langfuse';

/**
 * The keys have to be given: a module with a name does not take those of
 * LANGFUSE_*. What is left out, it does: the address, the environment.
 */
export const billingLangfuseConfig = registerAs(
  'billingLangfuse',
  (): LangfuseModuleOptions => ({
    publicKey: process.env['BILLING_LANGFUSE_PUBLIC_KEY'],
    secretKey: process.env['BILLING_LANGFUSE_SECRET_KEY'],
    baseUrl: process.env['BILLING_LANGFUSE_BASE_URL'],
    // Who reads these traces is not to see customers' addresses and cards.
    mask: redactSecrets(),
  }),
);
