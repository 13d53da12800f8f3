/** The queue's books as the equation that they always satisfy. */
import type { LedgerSnapshot } from 'nestjs-langfuse';

export function ledgerLine(ledger: LedgerSnapshot): string {
  const { enqueued, queued, inFlight, delivered, spooled } = ledger;
  const reasons = Object.entries(ledger.dropped);
  const dropped = reasons.reduce((sum, [, count]) => sum + count, 0);
  const why = reasons.map(([reason, count]) => `${reason} ${count}`).join(', ');
  return [
    `enqueued ${enqueued} = delivered ${delivered}`,
    `dropped ${dropped}${why && ` (${why})`}`,
    ...(spooled > 0 ? [`spooled ${spooled}`] : []),
    `pending ${queued + inFlight}`,
  ].join(' + ');
}
