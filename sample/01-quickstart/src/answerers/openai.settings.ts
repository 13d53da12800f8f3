/** How to reach a model. */

export interface OpenAiSettings {
  /** Such as `https://api.openai.com/v1`; without a slash at its end. */
  readonly baseUrl: string;
  /** Servers on one's own machine often need none. */
  readonly apiKey?: string;
  readonly model: string;
}

/** Whether the environment names an endpoint or a key. */
export function isOpenAiConfigured(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env['OPENAI_API_KEY'] || env['OPENAI_BASE_URL']);
}

export function openAiSettings(env: NodeJS.ProcessEnv): OpenAiSettings {
  const baseUrl = env['OPENAI_BASE_URL'] || 'https://api.openai.com/v1';
  return {
    baseUrl: baseUrl.replace(/\/+$/, ''),
    apiKey: env['OPENAI_API_KEY'] || undefined,
    model: env['OPENAI_MODEL'] || 'gpt-4o-mini',
  };
}
