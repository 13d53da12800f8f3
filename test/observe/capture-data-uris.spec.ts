import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../lib/observe/capture/index.js';

const newCapture = () => new Capture({ maxValueBytes: 1024 * 1024 });
const captured = (value: unknown) => newCapture().text(value);

describe('base64 data URIs', () => {
  const bytes = Buffer.alloc(123_456, 'pixel');
  const uri = `data:image/png;base64,${bytes.toString('base64')}`;
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const shown = `[image/png, 123 kB, sha256 ${hash}]`;

  it('are described in strings, in the middle of text and in objects', () => {
    const capture = newCapture();
    expect(capture.text(uri)).toBe(shown);
    expect(capture.text(`![a](${uri}) and "${uri}".`)).toBe(
      `![a](${shown}) and "${shown}".`,
    );
    expect(
      capture.text([{ type: 'image_url', image_url: { url: uri }, n: 1 }]),
    ).toBe(
      JSON.stringify([{ type: 'image_url', image_url: { url: shown }, n: 1 }]),
    );
    expect(capture.marks).toBe(4);
  });

  it.each([
    ['parameters', 'data:text/plain;charset=utf-8;base64,', 'text/plain'],
    ['no media type', 'data:;base64,', 'text/plain'],
    ['a suffix', 'data:image/svg+xml;base64,', 'image/svg+xml'],
    ['base64url', 'data:audio/wav;base64,', 'audio/wav'],
  ])('with %s', (name, header, mediaType) => {
    const encoding = name === 'base64url' ? name : 'base64';
    const payload = Buffer.alloc(100, 0xfb).toString(encoding);
    const text = captured(header + payload)!;
    expect(text.startsWith(`[${mediaType}, 100 B, sha256 `)).toBe(true);
    expect(text).toHaveLength(`[${mediaType}, 100 B, sha256 ]`.length + 16);
  });

  it('count bytes as kB and MB', () => {
    const ofSize = (size: number) =>
      captured(`data:a/b;base64,${Buffer.alloc(size).toString('base64')}`);
    expect(ofSize(999)).toContain('[a/b, 999 B,');
    expect(ofSize(1_499)).toContain('[a/b, 1 kB,');
    expect(ofSize(999_500)).toContain('[a/b, 1.0 MB,');
    expect(ofSize(13_000_000)).toBe('[a/b, 13.0 MB]');
  });

  it.each([
    'data:image/png;base64,AAAA',
    `;base64,${'A'.repeat(100)}`,
    `data: what is this ;base64,${'A'.repeat(100)}`,
    `data:image/png;base64 ,${'A'.repeat(100)}`,
  ])('leave other text alone: %s', (text) => {
    const capture = newCapture();
    expect(capture.text(text)).toBe(text);
    expect(capture.text({ text })).toBe(JSON.stringify({ text }));
    expect(capture.marks).toBe(0);
  });

  it('are found where their header crosses the limit', () => {
    const text = new Capture({ maxValueBytes: 100 }).text('x'.repeat(95) + uri);
    const length = 95 + shown.length;
    expect(text).toContain(` of ${length} characters]`);
  });

  it('are found behind short ones and in a text over the limit', () => {
    const short = 'data:image/png;base64,AAAA ';
    const tail = ' x'.repeat(1_000);
    const text = new Capture({ maxValueBytes: 300 }).text(short + uri + tail)!;
    expect(text.startsWith(`${short}${shown} x x`)).toBe(true);
    const length = short.length + shown.length + tail.length;
    expect(text).toMatch(
      new RegExp(`… \\[Truncated: \\d+ of ${length} characters\\]$`),
    );
  });
});
