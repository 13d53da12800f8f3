/** `POST /feedback`: what a user thinks of an answer becomes a score. */
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { LangfuseService } from 'nestjs-langfuse';
import { parseFeedbackRequest } from './feedback-request.js';

@Controller('feedback')
export class FeedbackController {
  constructor(private readonly langfuse: LangfuseService) {}

  /** Accepted, and not created: the score is queued and sent in the background. */
  @Post()
  @HttpCode(202)
  give(@Body() body: unknown): { readonly scoreId?: string } {
    const scoreId = this.langfuse.createScore({
      name: 'user-feedback',
      ...parseFeedbackRequest(body),
    });
    return { scoreId };
  }
}
