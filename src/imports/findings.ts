import { createHash } from 'node:crypto';
import type { Label } from '../editions/edition.ts';
import type { FindingCell, Severity } from '../rules/rule.ts';
import type { Line } from './lines.ts';
import type { ImportFinding } from './result.ts';

/** The most findings, so that even a text of nothing but unreadable lines gets an answer of bounded size. */
const mostFindings = 200;
const longestQuote = 300;

const quoted = (raw: string) =>
  raw.length > longestQuote ? `${raw.slice(0, longestQuote).toWellFormed()}…` : raw.toWellFormed();

interface Given {
  line?: Line | undefined;
  cells?: FindingCell[];
  /** What the finding is about where it has no line: a table or a section. */
  place?: string;
}

/** Collects what the reading finds. The message quotes the line at its end, in both languages. */
export class ImportFindings {
  readonly all: ImportFinding[] = [];
  #dropped = 0;

  add(severity: Severity, code: string, message: Label, given: Given = {}): void {
    if (this.all.length >= mostFindings) {
      // The form has fewer rows than this, so only errors can be so many.
      this.#dropped++;
      return;
    }
    const { line, cells = [] } = given;
    const raw = line === undefined ? null : line.raw.slice(0, longestQuote).toWellFormed();
    const place = given.place ?? cells[0]?.cell ?? (line === undefined ? 'document' : `line-${line.number}`);
    const values = cells.map((cell) => [cell.cell, cell.value]);
    const hash = createHash('sha256')
      .update(JSON.stringify([code, place, line?.number ?? null, raw, values, message.en]))
      .digest('hex')
      .slice(0, 16);
    this.all.push({
      code,
      severity,
      status: 'failed',
      cells,
      expected: null,
      actual: null,
      delta: null,
      message:
        line === undefined
          ? message
          : {
              zh: `第${line.number}行：${message.zh}。原文：「${quoted(line.raw)}」`,
              en: `Line ${line.number}: ${message.en}. Printed: "${quoted(line.raw)}"`,
            },
      legal_basis: '',
      finding_key: `${code}:${place}:${hash}`,
      line: line?.number ?? null,
      raw,
    });
  }

  error(code: string, message: Label, given?: Given): void {
    this.add('error', code, message, given);
  }

  get refused(): boolean {
    return this.#dropped > 0 || this.all.some((finding) => finding.severity === 'error');
  }

  /** Everything that was found. Of a refused text only the errors, because nothing else of it counts. */
  finish(): ImportFinding[] {
    const errors = this.all.filter((finding) => finding.severity === 'error');
    if (this.#dropped === 0) return errors.length > 0 ? errors : this.all;
    const left = new ImportFindings();
    left.error('import.more_findings', {
      zh: `另有${this.#dropped}处未列出`,
      en: `${this.#dropped} more are not listed`,
    });
    return [...errors, ...left.all];
  }
}
