/** Messages and events; each is recorded below the observation that sent it. */
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import type { Article } from './articles.js';
import { ArticlesService } from './articles.service.js';

@Controller()
export class KnowledgeController {
  constructor(private readonly articles: ArticlesService) {}

  @MessagePattern('find')
  find(@Payload('question') question: string): Article {
    return this.articles.find(question);
  }

  @EventPattern('used')
  used(@Payload('title') title: string): void {
    this.articles.used(title);
  }
}
