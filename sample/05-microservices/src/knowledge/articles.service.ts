/** Finds articles, and counts how often they were of use. */
import { Injectable } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { Trace } from 'nestjs-langfuse';
import { type Article, ARTICLES } from './articles.js';

@Injectable()
export class ArticlesService {
  private readonly uses = new Map<string, number>();

  @Trace({ name: 'find article', asType: 'retriever' })
  find(question: string): Article {
    const words = question.toLowerCase();
    const article = ARTICLES.find(({ title }) =>
      words.includes(title.toLowerCase()),
    );
    if (!article) throw new RpcException('no article is about this');
    return article;
  }

  /** @returns how often the article has been used */
  @Trace({ name: 'count use', asType: 'tool' })
  used(title: string): number {
    const count = (this.uses.get(title) ?? 0) + 1;
    this.uses.set(title, count);
    return count;
  }
}
