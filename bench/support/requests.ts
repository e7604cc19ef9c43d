import { once } from 'node:events';
import { Agent, request } from 'node:http';

/** GET requests of which each is timed, milliseconds. */

export interface Timed {
  milliseconds: number;
  body: Buffer;
}

/** The connections of so many clients, kept open. */
export const connections = (clients: number): Agent => new Agent({ keepAlive: true, maxSockets: clients });

/** From sending to the last byte of the answer; an answer that is not 200 is an error. */
export async function timeRequest(agent: Agent, url: string, path: string): Promise<Timed> {
  const began = performance.now();
  const outgoing = request(`${url}${path}`, { agent }).end();
  const [answer] = await once(outgoing, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const milliseconds = performance.now() - began;
  const body = Buffer.concat(chunks);
  if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode} ${body}`);
  return { milliseconds, body };
}

export interface InTurns {
  seconds: number;
  /** Milliseconds of each request, by the place of its path. */
  latencies: number[][];
}

/** So many clients ask one path after the other, each the next that none has taken, again and again. */
export async function askInTurns(
  url: string,
  paths: readonly string[],
  options: { clients: number; seconds: number; spell: (path: string) => string },
): Promise<InTurns> {
  const { clients, seconds, spell } = options;
  const agent = connections(clients);
  const latencies: number[][] = paths.map(() => []);
  const began = performance.now();
  const until = began + seconds * 1000;
  let next = 0;
  const client = async () => {
    while (performance.now() < until) {
      const place = next++ % paths.length;
      const { milliseconds } = await timeRequest(agent, url, spell(paths[place]!));
      latencies[place]!.push(milliseconds);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
    return { seconds: (performance.now() - began) / 1000, latencies };
  } finally {
    agent.destroy();
  }
}
