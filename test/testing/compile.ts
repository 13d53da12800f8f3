/** The sample's services with the testing module, as a unit test has them. */
import { Test } from '@nestjs/testing';
import {
  LangfuseService,
  type LangfuseModuleOptions,
} from '../../lib/index.js';
import {
  LangfuseTesting,
  LangfuseTestingModule,
} from '../../lib/testing/index.js';
import { langfuseEnvironment } from '../support/environment.js';
import { ChatService, SearchService } from './chat-application.js';

export async function compileChat(options?: LangfuseModuleOptions) {
  langfuseEnvironment();
  const module = await Test.createTestingModule({
    imports: [LangfuseTestingModule.forRoot(options)],
    providers: [ChatService, SearchService],
  }).compile();
  return {
    module,
    testing: module.get(LangfuseTesting),
    chat: module.get(ChatService),
    service: module.get(LangfuseService),
  };
}
