/**
 * `@Trace()` on route handlers, above and below everything else that stands
 * there, in an application that answers requests.
 */
import 'reflect-metadata';
import {
  applyDecorators,
  type CanActivate,
  Controller,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  Injectable,
  Param,
  ParseIntPipe,
  type PipeTransform,
  Post,
  Query,
  SetMetadata,
  UseGuards,
  UsePipes,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Trace } from '../../lib/index.js';
import { TracedApplication } from '../support/traced-application.js';

const Roles = (...roles: string[]) => SetMetadata('roles', roles);

/** As `@nestjs/swagger` keeps what it is told, on the method itself. */
function ApiResponse(status: number, description: string): MethodDecorator {
  return (_target, _key, descriptor) => {
    const method = descriptor.value as object;
    const earlier: unknown = Reflect.getMetadata('swagger/apiResponse', method);
    const responses = { ...(earlier as object), [status]: { description } };
    Reflect.defineMetadata('swagger/apiResponse', responses, method);
  };
}

@Injectable()
class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    const roles = this.reflector.get<string[]>('roles', handler) ?? [];
    const { role } = context
      .switchToHttp()
      .getRequest<{ query: { role?: string } }>().query;
    if (roles.includes(role ?? '')) return true;
    throw new ForbiddenException(`${handler.name} is for ${roles.join()}`);
  }
}

class TrimPipe implements PipeTransform {
  transform(value: unknown): unknown {
    return typeof value === 'string' ? value.trim() : value;
  }
}

/** Everything that usually stands on a handler. */
const Everything = (path: string) =>
  applyDecorators(
    Get(path),
    HttpCode(202),
    Header('x-kind', 'book'),
    Roles('librarian'),
    UseGuards(RolesGuard),
    UsePipes(new TrimPipe()),
    ApiResponse(200, 'a book'),
    ApiResponse(404, 'no book'),
  );

@Controller('books')
class BooksController {
  readonly shelf = ['Momo', 'Ronja'];

  @Trace()
  @Everything('above/:id')
  above(
    @Param('id', ParseIntPipe) id: number,
    @Query('role') role: string,
  ): object {
    return { book: this.shelf[id], type: typeof id, role };
  }

  @Everything('below/:id')
  @Trace()
  below(
    @Param('id', ParseIntPipe) id: number,
    @Query('role') role: string,
  ): object {
    return { book: this.shelf[id], type: typeof id, role };
  }

  /** To compare with. */
  @Everything('bare/:id')
  bare(
    @Param('id', ParseIntPipe) id: number,
    @Query('role') role: string,
  ): object {
    return { book: this.shelf[id], type: typeof id, role };
  }

  @Post()
  @Trace()
  async add(): Promise<string> {
    return 'added';
  }
}

/** What a handler carries; its own path set aside. */
function metadataOf(handler: object): Record<string, unknown> {
  const keys: unknown[] = Reflect.getMetadataKeys(handler);
  return Object.fromEntries(
    keys
      .map((key) => [key, Reflect.getMetadata(key, handler) as unknown])
      .filter(([key]) => key !== 'path'),
  ) as Record<string, unknown>;
}

describe.each(['above', 'below'] as const)(
  '@Trace() %s the other decorators',
  (place) => {
    let traced: TracedApplication;
    beforeAll(async () => {
      traced = await TracedApplication.start({
        controllers: [BooksController],
      });
    });
    afterAll(() => traced.close());

    const get = (path: string) =>
      request(traced.app.getHttpServer()).get(`/books/${path}`);

    it('leaves all metadata, in the eyes of Nest and of Swagger', () => {
      const { prototype } = BooksController;
      const bare = metadataOf(prototype.bare);
      expect(Object.keys(bare)).toEqual(
        expect.arrayContaining([
          'method',
          '__httpCode__',
          '__headers__',
          '__guards__',
          '__pipes__',
          'roles',
          'swagger/apiResponse',
        ]),
      );
      expect(metadataOf(prototype[place])).toMatchObject({
        method: bare['method'],
        __httpCode__: 202,
        __headers__: bare['__headers__'],
        __guards__: [RolesGuard],
        roles: ['librarian'],
        'swagger/apiResponse': {
          200: { description: 'a book' },
          404: { description: 'no book' },
        },
      });
      expect(Object.keys(metadataOf(prototype[place])).toSorted()).toEqual(
        Object.keys(bare).toSorted(),
      );
      expect(Reflect.getMetadata('path', prototype[place])).toBe(
        `${place}/:id`,
      );
      for (const key of ['design:paramtypes', 'design:returntype']) {
        expect(Reflect.getMetadata(key, prototype, place)).toEqual(
          Reflect.getMetadata(key, prototype, 'bare'),
        );
      }
    });

    it('the route answers, its pipes and headers work', async () => {
      const response = await get(`${place}/1?role=librarian`).expect(202);
      expect(response.headers['x-kind']).toBe('book');
      expect(response.body).toEqual({
        book: 'Ronja',
        type: 'number',
        role: 'librarian',
      });
      const read = await traced.observation(`BooksController.${place}`);
      expect(read).toMatchObject({
        input: '[1,"librarian"]',
        output: '{"book":"Ronja","type":"number","role":"librarian"}',
      });
    });

    it('the guard knows the handler and turns away, the pipe refuses', async () => {
      const { observations } = traced.local.stats();
      const forbidden = await get(`${place}/1?role=thief`).expect(403);
      expect(forbidden.body).toMatchObject({
        message: `${place} is for librarian`,
      });
      await get(`${place}/one?role=librarian`).expect(400);
      // The handler did not run, so there is nothing to record.
      await traced.langfuse.flush();
      expect(traced.local.stats().observations).toBe(observations);
    });

    it('asynchronous handlers answer', async () => {
      await request(traced.app.getHttpServer())
        .post('/books')
        .expect(201, 'added');
    });
  },
);
