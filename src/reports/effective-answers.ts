import { coalesce } from '../db/coalesce.ts';
import type { Db } from '../db/database.ts';
import { prepare } from '../db/prepared.ts';

/** The stored public answers, read by whoever asks for a report without a token. */

export interface EffectiveAnswer {
  etag: string;
  /** Null where the caller has it already. */
  body: string | null;
}

interface Wanted {
  report_id: string;
  /** A tag of what the caller has already. */
  known: string | null;
}

const selectAnswers = prepare<EffectiveAnswer & { position: number }>(
  'effective_answers',
  `select wanted.position::int, etag, case when etag is distinct from known then body end as body
   from unnest($1::uuid[], $2::text[]) with ordinality as wanted (report_id, known, position)
   join effective_answers using (report_id)`,
);

/** Reads the answer of a report, undefined while nothing of it is effective; together with others asked for now. */
export const effectiveAnswers = (db: Db): ((wanted: Wanted) => Promise<EffectiveAnswer | undefined>) =>
  coalesce(async (wanted) => {
    const answers = new Array<EffectiveAnswer | undefined>(wanted.length);
    const ids = wanted.map(({ report_id }) => report_id);
    const rows = await selectAnswers(db, [ids, wanted.map(({ known }) => known)]);
    for (const { position, etag, body } of rows) answers[position - 1] = { etag, body };
    return answers;
  });
