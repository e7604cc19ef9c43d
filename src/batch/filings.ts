import type { FastifyRequest } from 'fastify';
import type { App } from '../http/app-type.ts';
import { toProblem } from '../http/error-handler.ts';
import { Problem } from '../http/problem.ts';
import { ref } from '../http/schema-parts.ts';
import type { NewReport } from '../reports/document-schemas.ts';
import { type Content, contentHash, type NaturalKey, toContent } from '../reports/documents.ts';
import { checkDocument } from '../reports/filing.ts';
import type { Line } from './lines.ts';

/** A line that holds a report fit to be filed. */
export interface Filing {
  line: number;
  /** The length of the line in bytes: only so many bytes of lines may wait. */
  size: number;
  key: NaturalKey;
  content: Content;
  hash: string;
}

/** A line that holds no report fit to be filed. */
export interface Misfit {
  line: number;
  size: number;
  problem: Problem;
}

/** The longest line in bytes, as long as the longest body of a single report. */
export const longestLine = 2 * 1024 * 1024;

const newReport = ref<NewReport>('NewReport');

/** The natural key as text, to compare by. */
export const keyOf = ({ organ_id, year, scope }: NaturalKey): string => `${organ_id} ${year} ${scope}`;

/** Reads lines as `POST /v1/reports` reads bodies: the same schema, the same faults. */
export function lineReader(app: App, request: FastifyRequest): (line: Line) => Filing | Misfit {
  type Checked = { error?: unknown };
  const latestYear = app.latestYear();
  const validate = request.compileValidationSchema(newReport, 'body') as unknown as (v: unknown) => Checked;
  const read = (bytes: Buffer): NewReport => {
    const document = app.readJson(bytes);
    checkDocument(validate(document).error, document, latestYear);
    return document as NewReport;
  };
  return ({ number: line, bytes }) => {
    const size = bytes?.length ?? 0;
    try {
      if (bytes === undefined)
        throw new Problem('too-large', { detail: `a line has at most ${longestLine} bytes` });
      const document = read(bytes);
      const content = toContent(document, document.year);
      const { year, scope } = document;
      const key = { organ_id: document.organ_id.toLowerCase(), year, scope };
      return { line, size, key, content, hash: contentHash(content) };
    } catch (error) {
      return { line, size, problem: toProblem(error as Error) };
    }
  };
}
