/** Certificates that a client must not accept. */
import type { Certificates } from '../certificates.js';
import { makeCertificates } from '../certificates.js';
import type { Row } from '../row.js';

let certificates: Promise<Certificates> | undefined;

function badCertificate(
  id: string,
  kind: Exclude<keyof Certificates, 'good'>,
  cause: RegExp,
): Row {
  return {
    id,
    fault: `TLS: certificate ${kind} for 2 min`,
    speed: 60,
    run: async (s) => {
      certificates ??= makeCertificates();
      const { [kind]: bad, good } = await certificates;
      await s.server.close();
      await s.server.listen(bad);
      s.start();
      s.spans(100);
      await s.flushInVain(10);
      await s.seconds(110);
      s.check(s.server.connections <= 8, `${s.server.connections} tries`);
      s.check(s.server.exchanges.length === 0, 'a request was sent');
      const [line, ...more] = s.log;
      s.check(
        cause.test(line ?? ''),
        `the log does not name the cause: ${line}`,
      );
      s.check(more.length === 0, `a second line: ${more[0]}`);
      await s.server.close();
      await s.server.listen(good);
      await s.flushAll(700);
    },
    expected: {},
  };
}

export const tlsRows: readonly Row[] = [
  badCertificate('3', 'expired', /error: .*CERT_HAS_EXPIRED/),
  badCertificate('3b', 'selfSigned', /error: .*DEPTH_ZERO_SELF_SIGNED_CERT/),
  badCertificate('3c', 'wrongHost', /error: .*ERR_TLS_CERT_ALTNAME_INVALID/),
];
