import { Injectable } from '@nestjs/common';
import { Trace } from '../../lib/index.js';

/** The smallest provider with a traced method. */
@Injectable()
export class Greeter {
  @Trace()
  greet(name: string): string {
    return `Hello ${name}`;
  }
}
