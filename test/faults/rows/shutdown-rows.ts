/** A shutdown in the middle of each fault: it is on time and tells the truth. */
import {
  accept,
  byLane,
  dripBody,
  dripHead,
  endlessBody,
  judgeScores,
  loseAnswer,
  refuse,
  resetOnRequest,
  resetMidStatus,
  stayMute,
  stopReading,
} from '../answers.js';
import type { Fault } from '../fault-server.js';
import type { Row } from '../row.js';

/**
 * Only an answer that has been read counts. What was answered while the process
 * was busy with other rows would be known to the server alone.
 */
const UNHURRIED = 5;

const FAULTS: Readonly<Record<string, Fault>> = {
  'never answers': stayMute,
  'stops reading': stopReading,
  'drips a head': dripHead(15),
  'drips a body': dripBody(15),
  'resets requests': resetOnRequest,
  'resets answers': resetMidStatus,
  'loses answers': loseAnswer,
  'an endless 200': endlessBody(200, {}, () => undefined),
  'an endless 503': endlessBody(503, {}, () => undefined),
  '503, Retry-After: 60': refuse(503, { headers: { 'retry-after': '60' } }),
  '429 for everything': refuse(429),
  '413 for everything': refuse(413),
  '400 for everything': refuse(400),
  '422 for everything': refuse(422),
  '401 for everything': refuse(401),
  '404 for everything': refuse(404),
  '301 for everything': refuse(301, {
    headers: { location: 'http://127.0.0.1:1/' },
  }),
  'a web page': refuse(200, { headers: { 'content-type': 'text/html' } }),
  '207, all scores 500': byLane(
    accept,
    judgeScores(() => 500),
  ),
};

export const shutdownRows: readonly Row[] = Object.entries(FAULTS).map(
  ([name, fault], i): Row => ({
    id: `s${i + 1}`,
    fault: `shutdown: ${name}`,
    speed: UNHURRIED,
    run: async (s) => {
      s.server.behave(fault);
      s.spans(50);
      s.scores(5);
      await s.flush(1);
      s.spans(50);
      await s.shutdown(2);
    },
    // How far it came is not the point, only that the books know.
    expected: { dropped: 'any', duplicates: Infinity },
  }),
);
