import type { CellNote, Figures } from '../editions/figures.ts';
import type { Scope } from '../editions/vocabulary.ts';
import type { Finding } from '../rules/rule.ts';

/** What the reading of a text takes and gives. */

/** A report document as POST /v1/reports takes it, but without the organ: a name in a text identifies none. */
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

/** A finding of the reading itself. It is always `failed`, and points at the printed line where there is one. */
export interface ImportFinding extends Finding {
  /** 1-based line of the source text. */
  line: number | null;
  /** That line as printed, cut after 300 characters. */
  raw: string | null;
}

/** `document` is null where anything in the text could not be read surely. There is an `error` finding then. */
export interface ImportResult {
  document: ImportedDocument | null;
  /** The organ as the title names it. A person says which organ that is. */
  organ_name: string | null;
  /** The layout the text was read in; null where it has no tables that can be read. */
  layout: string | null;
  findings: ImportFinding[];
}

/** What a person knows better than the text. */
export interface ImportOptions {
  /** The year to take instead of the one in the title. */
  year?: number;
  /** The latest year that a report can be of. A later one in the title is refused. */
  latest_year?: number;
  /** The names that the organ has and had. The title should name one of them. */
  organ_names?: readonly string[];
  /** The scope to take instead of `own`. It cannot be worked out whose figures these are. */
  scope?: Scope;
}
