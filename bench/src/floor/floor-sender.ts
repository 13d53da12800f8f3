/** Posts bodies over kept-alive connections, as many at once as there are. */
import { Agent, type OutgoingHttpHeaders, request } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  AUTHORIZATION,
  type ContenderSettings,
  TRACES_PATH,
} from '../contenders/contender.js';

const gzipAsync = promisify(gzip);

const HEADERS = {
  authorization: AUTHORIZATION,
  'content-type': 'application/x-protobuf',
  'x-langfuse-ingestion-version': '4',
};

/** A failure ends the process: the floor neither retries nor forgives. */
export class FloorSender {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly url: URL;
  private readonly isGzip: boolean;
  private readonly underWay = new Set<Promise<void>>();

  constructor({ url, compression }: ContenderSettings) {
    this.url = new URL(TRACES_PATH, url);
    this.isGzip = compression === 'gzip';
  }

  /** Resolves when the memory of the body is free again. */
  async send(body: Buffer): Promise<void> {
    const sent = this.isGzip ? this.sendPacked(body) : this.post(body, HEADERS);
    this.underWay.add(sent);
    await sent;
    this.underWay.delete(sent);
  }

  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  close(): void {
    this.agent.destroy();
  }

  private async sendPacked(body: Buffer): Promise<void> {
    const packed = await gzipAsync(body, { level: 1 });
    await this.post(packed, { ...HEADERS, 'content-encoding': 'gzip' });
  }

  private post(body: Buffer, headers: OutgoingHttpHeaders): Promise<void> {
    return new Promise((resolve, reject) => {
      const { agent } = this;
      const outgoing = request(this.url, {
        agent,
        method: 'POST',
        headers: { ...headers, 'content-length': body.length },
      });
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        response.resume();
        response.on('end', resolve);
      });
      outgoing.end(body);
    });
  }
}
