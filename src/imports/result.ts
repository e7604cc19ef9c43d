import type { CellNote, Figures } from '../editions/figures.ts';
import type { Scope } from '../editions/vocabulary.ts';
import type { Finding } from '../rules/rule.ts';

/** What the reading of a text takes and gives. */

/** A report document as POST /v1/reports takes it, without the organ: a name in a text is no identity. */
export interface ImportedDocument extends Figures {
  /** The title lines as printed. */
  title: string | null;
  published_on: null;
  source_url: null;
  /** The introduction and section one; paragraphs are separated by a newline. */
  overview: string | null;
  /** Section five. */
  problems: string | null;
  /** Section six. */
  other_matters: string | null;
  cell_notes: CellNote[];
}

/** A finding of the reading itself: always `failed`, and pointing at the printed line where there is one. */
export interface ImportFinding extends Finding {
  /** 1-based line of the source text. */
  line: number | null;
  /** That line as printed, cut after 300 characters. */
  raw: string | null;
}

/** `document` is null when anything in the text could not be read surely: then there is an `error` finding. */
export interface ImportResult {
  document: ImportedDocument | null;
  /** The organ as the title names it; a person picks the organ it stands for. */
  organ_name: string | null;
  /** The layout the text was read in; null where it has no tables that can be read. */
  layout: string | null;
  findings: ImportFinding[];
}

/** What a person knows better than the text. */
export interface ImportOptions {
  /** Instead of the year in the title. */
  year?: number;
  /** The latest year a report can be of; a later one in the title is refused. */
  latest_year?: number;
  /** The names that the organ has and had, which the title should be of. */
  organ_names?: readonly string[];
  /** Instead of the default `own`: whose figures these are cannot be computed. */
  scope?: Scope;
}
