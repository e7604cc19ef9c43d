import { setImmediate as turn } from 'node:timers/promises';
import autocannon from 'autocannon';

/** One request of a load. For every server that is compared it is the same, except for the path. */
export interface Sent {
  path: string;
  headers?: Record<string, string>;
}

export interface Load {
  connections: number;
  seconds: number;
  /**
   * Each connection sends its share of these over and over. Where there are fewer than connections, each sends all of
   * them.
   */
  requests: readonly Sent[];
  /** The status that every answer must have. */
  status: number;
}

export interface Answered {
  requests: number;
  seconds: number;
  /** Milliseconds within which half and 99 of a hundred were answered. */
  p50: number;
  p99: number;
}

/**
 * Sends as many requests as the connections get answers for in `seconds`. Throws where an answer has another status.
 */
export async function sendLoad(url: string, load: Load): Promise<Answered> {
  const { connections, seconds, requests, status } = load;
  const share = Math.floor(requests.length / connections);
  let next = 0;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    setupClient: (client) => {
      const first = share * next++;
      const own = share === 0 ? requests : requests.slice(first, first + share);
      client.setRequests(own.map((each) => ({ ...each })));
    },
  });
  await turn();
  const { statusCodeStats = {}, errors, timeouts } = result;
  const statuses = Object.keys(statusCodeStats);
  if (errors + timeouts > 0 || statuses.length !== 1 || statuses[0] !== String(status))
    throw new Error(`${url}${requests[0]!.path}: ${errors} errors, answered ${statuses.join(', ')}`);
  const { p50, p99 } = result.latency;
  return { requests: result.requests.total, seconds: result.duration, p50, p99 };
}
