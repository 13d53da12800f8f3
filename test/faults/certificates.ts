/** TLS certificates, made with `openssl` when they are needed. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';

/** PEM texts. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** One that a client must accept, and those that it must not. */
export interface Certificates {
  /** Of an authority that this process trusts. */
  readonly good: Certificate;
  readonly expired: Certificate;
  readonly wrongHost: Certificate;
  readonly selfSigned: Certificate;
}

const run = promisify(execFile);
const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';

/** Makes them, and has this process trust their authority from now on. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'langfuse-faults-'));
  const openssl = (command: string) =>
    run('openssl', command.split(' '), { cwd: folder });
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  const pair = async (name: string) => ({
    key: await read(`${name}.key`),
    cert: await read(`${name}.crt`),
  });
  const signed = async (name: string, altName: string, days: number) => {
    await writeFile(join(folder, `${name}.ext`), `subjectAltName=${altName}`);
    await openssl(
      `req ${NEW_KEY} -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`,
    );
    await openssl(
      `x509 -req -in ${name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial ` +
        `-days ${days} -extfile ${name}.ext -out ${name}.crt`,
    );
    return pair(name);
  };
  try {
    await openssl(
      `req -x509 ${NEW_KEY} -keyout ca.key -out ca.crt -days 2 -subj /CN=ca`,
    );
    await openssl(
      `req -x509 ${NEW_KEY} -keyout self.key -out self.crt -days 2 ` +
        '-subj /CN=self -addext subjectAltName=IP:127.0.0.1',
    );
    trust(await read('ca.crt'));
    return {
      selfSigned: await pair('self'),
      good: await signed('good', 'IP:127.0.0.1', 2),
      expired: await signed('expired', 'IP:127.0.0.1', -1),
      wrongHost: await signed('wrong', 'DNS:langfuse.test', 2),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What `NODE_EXTRA_CA_CERTS` does, for a process that runs already. */
function trust(authority: string): void {
  const create = tls.createSecureContext;
  tls.createSecureContext = (options) => {
    const context = create(options);
    (context.context as { addCACert(certificate: string): void }).addCACert(
      authority,
    );
    return context;
  };
}
