import { Agent, request } from 'undici';

/**
 * GET requests, each of which is timed. Undici sends them, since the clients share the machine with the service.
 * Those of `node:http` take as much of the machine as the service, and would wait for themselves.
 */

export interface Timed {
  milliseconds: number;
  body: Buffer;
}

/** The connections of so many clients. They are kept open and never time out. */
export const connections = (clients: number): Agent =>
  new Agent({ connections: clients, headersTimeout: 0, bodyTimeout: 0 });

/** Times a request from sending it to the last byte of the answer. Throws where the answer is not 200. */
export async function timeRequest(agent: Agent, url: string, path: string): Promise<Timed> {
  const began = performance.now();
  const { statusCode, body: answer } = await request(`${url}${path}`, { dispatcher: agent });
  const body = Buffer.from(await answer.arrayBuffer());
  const milliseconds = performance.now() - began;
  if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${body}`);
  return { milliseconds, body };
}

export interface InTurns {
  seconds: number;
  /** Milliseconds of each request, by the place of its path. */
  latencies: number[][];
}

/**
 * Has so many clients ask for the paths in turn, again and again, for so many seconds. Each client takes the next
 * path that no other has taken. `spell` gives the path as it is sent.
 */
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
    await agent.destroy();
  }
}
