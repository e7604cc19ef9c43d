import { LRUCache } from 'lru-cache';
import { coalesce } from '../db/coalesce.ts';
import type { Db } from '../db/database.ts';
import { prepare } from '../db/prepared.ts';

/** The stored public answers, read by whoever asks for a report without a token. */

interface EffectiveAnswer {
  etag: string;
  /** JSON, in UTF-8 where it is kept; null where the caller has it already. */
  body: string | Buffer | null;
}

/** How much is kept of what was read twice lately, bytes: some twelve hundred reports. */
const keptBytes = 8 * 1024 * 1024;
/**
 * Among how many reports the second reading must come. Who reads the whole country once displaces nothing. Fewer than
 * are kept: what comes back later would be displaced before it is read again, and the bytes of what was displaced stay
 * in memory until V8 collects its old generation, which it does seldom.
 */
const lately = 1000;

interface Wanted {
  report_id: string;
  /** A tag whose text need not be read. */
  known: string | null;
}

const selectAnswers = prepare<{ position: number; etag: string; body: string | null }>(
  'effective_answers',
  `select wanted.position::int, etag, case when etag is distinct from known then body end as body
   from unnest($1::uuid[], $2::text[]) with ordinality as wanted (report_id, known, position)
   join effective_answers using (report_id)`,
);

/**
 * Reads the answer of a report, undefined while nothing of it is effective; `known` is a tag of which the caller has
 * the text. The database is asked every time which text is effective, for all that is asked at the same time at once;
 * the text itself, which its tag is a hash of, only when it is not among those read last.
 */
export function effectiveAnswers(
  db: Db,
): (report_id: string, known: string | null) => Promise<EffectiveAnswer | undefined> {
  const kept = new LRUCache<string, { etag: string; body: Buffer }>({
    maxSize: keptBytes,
    sizeCalculation: ({ body }) => body.length,
  });
  const askedFor = new LRUCache<string, true>({ max: lately });
  const read = coalesce(async (wanted: Wanted[]) => {
    const answers = new Array<EffectiveAnswer | undefined>(wanted.length);
    const ids = wanted.map(({ report_id }) => report_id);
    const rows = await selectAnswers(db, [ids, wanted.map(({ known }) => known)]);
    for (const { position, etag, body } of rows) answers[position - 1] = { etag, body };
    return answers;
  });
  return async (report_id, known) => {
    const before = kept.get(report_id);
    const answer = await read({ report_id, known: before?.etag ?? known });
    if (answer === undefined) kept.delete(report_id);
    else if (answer.body === null) return before ?? answer;
    else if (askedFor.has(report_id))
      kept.set(report_id, { etag: answer.etag, body: Buffer.from(answer.body) });
    else askedFor.set(report_id, true);
    return answer;
  };
}
