import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { token } from './service.ts';

/**
 * Publishes submitted reports, `writers` at a time. Returns the seconds that this took, and the latency of each
 * report in milliseconds.
 */
export async function publishAll(
  url: string,
  ids: readonly string[],
  writers: number,
): Promise<{ seconds: number; latencies: number[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: writers });
  const waiting = ids.values();
  const latencies: number[] = [];
  const publish = async (id: string) => {
    const began = performance.now();
    const outgoing = request(`${url}/v1/reports/${id}/publish`, {
      method: 'POST',
      agent,
      headers: { authorization: `Bearer ${token}`, 'if-match': '"1"' },
    });
    outgoing.end();
    const [answer] = await once(outgoing, 'response');
    let text = '';
    for await (const chunk of answer) text += chunk;
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${text}`);
    latencies.push(performance.now() - began);
  };
  const writer = async () => {
    for (const id of waiting) await publish(id);
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: writers }, writer));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  return { seconds, latencies };
}
