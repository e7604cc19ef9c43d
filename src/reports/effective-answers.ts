import { LRUCache } from 'lru-cache';
import { coalesce } from '../db/coalesce.ts';
import type { Db } from '../db/database.ts';
import { prepare } from '../db/prepared.ts';

/** The stored public answers. Whoever asks for a report without a token gets one of these. */

interface EffectiveAnswer {
  etag: string;
  /** The JSON text, as UTF-8 bytes where it comes from memory; null where the caller has it already. */
  body: string | Buffer | null;
}

/**
 * How many bytes of answers are kept in memory, of reports that were read twice lately: some twelve hundred reports.
 */
const keptBytes = 8 * 1024 * 1024;
/**
 * An answer is kept once its report is read a second time within this number of reports. So whoever reads the whole
 * country once displaces nothing. The number is smaller than that of the answers kept. Otherwise an answer that comes
 * back later would be displaced before it is read again. And V8 seldom collects its old generation, so the bytes of
 * displaced answers stay in memory for long.
 */
const lately = 1000;

interface Wanted {
  report_id: string;
  /** A tag whose text need not be read, because it is known. */
  known: string | null;
}

const selectAnswers = prepare<{ position: number; etag: string; body: string | null }>(
  'effective_answers',
  `select wanted.position::int, etag, case when etag is distinct from known then body end as body
   from unnest($1::uuid[], $2::text[]) with ordinality as wanted (report_id, known, position)
   join effective_answers using (report_id)`,
);

/**
 * Returns a function that reads the public answer of a report; undefined while nothing of the report is effective.
 * `known` is a tag of which the caller has the text.
 *
 * The database is asked every time which text is effective, in one statement for all calls of the same moment. The
 * text itself is read only where it is not kept. The tag is a hash of the text, so the same tag means the same text.
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
