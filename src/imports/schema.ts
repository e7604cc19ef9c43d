import { type Static, Type } from 'typebox';
import { scopeKeys } from '../editions/vocabulary.ts';
import { keys, nullable, ref } from '../http/schema-parts.ts';
import type { ReportDocument } from '../reports/document-schemas.ts';
import { Finding } from '../rules/schema.ts';
import { deepest, mostCells, mostLines } from './limits.ts';
import { mostMarkup } from './word-file.ts';

/** The shapes of requests and answers for reading a document. */

export const ImportQuery = Type.Object({
  create: Type.Optional(
    Type.Boolean({ description: 'Whether to store the report as a draft; needs a token and `organ_id`.' }),
  ),
  organ_id: Type.Optional(
    Type.String({
      format: 'uuid',
      description:
        'The organ that reports: its level and its report of the year before are then looked at. Where the title names another, the finding `import.organ_differs` says so.',
    }),
  ),
  year: Type.Optional(
    Type.Integer({
      minimum: 2019,
      maximum: 2100,
      description:
        'The report year, instead of the one in the title; where they differ, with the finding `import.year_overridden`.',
    }),
  ),
  scope: Type.Optional(
    keys(scopeKeys, {
      description:
        'Whose figures these are, which no text says for sure. Without it `own`, with a finding that says so.',
    }),
  ),
});

export const ImportFinding = Type.Object(
  {
    ...Finding.properties,
    code: Type.String({
      description: 'The rule, which `GET /v1/rules` explains; or `import.…`, which is no rule. Permanent.',
    }),
    finding_key: Type.String({
      description:
        'Of a rule’s finding: the key it has in the stored draft too, and is answered by. Of an `import.…` finding: tells it from the others of this text; nothing can be answered by it.',
    }),
    answer: {
      ...Finding.properties.answer,
      description: 'Always null: findings of the reading take no answer, and those of rules have none yet.',
    },
    line: nullable<number>('integer', {
      minimum: 1,
      description:
        'The line of the text, or of the source of a page or Word file, that a finding of the reading is about; null for a rule’s.',
    }),
    raw: nullable<string>('string', {
      maxLength: 300,
      description:
        'That line as printed (of a page or Word file, the row with tabs between its cells), cut after 300 characters; null for a rule’s.',
    }),
  },
  {
    $id: 'ImportFinding',
    description:
      'Either how a text was read (`import.…`), with the line it quotes, or what a rule finds in the figures. What is about the reading is for whoever sent the text to look at: it is in this answer only, is not stored with the report and cannot be answered. Those of rules are found again in the stored draft.',
    examples: [
      {
        code: 'import.short_row',
        severity: 'warning',
        status: 'failed',
        cells: [],
        expected: null,
        actual: null,
        delta: null,
        message: {
          zh: '第72行：“2.重复申请”只印有6个数值（应为7个），按六类申请人读取，总计为空，请核对。',
          en: 'Line 72: "Repeated request" is printed with 6 values instead of 7; they were read as the six applicants with the total blank, please check.',
        },
        legal_basis: '',
        finding_key: 'import.short_row:request_statistics.not_handled_repeat:0f3562dd768ed06b',
        answer: null,
        line: 72,
        raw: '\t2.重复申请\t0\t0\t0\t0\t0\t0',
      },
    ],
  },
);
export type ImportFinding = Static<typeof ImportFinding>;

export const Import = Type.Object(
  {
    document: ref<ReportDocument>('ReportDocument'),
    organ_name: nullable<string>('string', {
      description: 'The organ as the title names it; which organ it is, a person says.',
    }),
    layout: Type.String({
      description: 'The layout it was read in: `tab-separated`, `pipe-separated`, `html` or `word`.',
    }),
    findings: Type.Array(ref<ImportFinding>('ImportFinding'), {
      description: 'Those of the reading, which are in this answer only; then those of the rules.',
    }),
    report_id: Type.Optional(
      Type.String({
        format: 'uuid',
        description: 'The report that was created; absent when nothing was stored.',
      }),
    ),
  },
  {
    $id: 'Import',
    description: 'A published document as a report document, and everything a person should look at.',
    examples: [
      {
        document: { year: 2020, scope: 'own' },
        organ_name: '利通区胜利镇人民政府',
        layout: 'tab-separated',
        findings: [],
      },
    ],
  },
);
export type Import = Static<typeof Import>;

/** The body as text, for the OpenAPI document. */
export const ImportText = Type.String({
  description: `The text of a published report, in UTF-8 or GB 18030 (GBK), tables with tabs between the cells or rows between pipes (| 规章 | 0 | 0 | 0 |): at most 1 MiB, ${mostLines} lines and ${mostCells} tabs and pipes.`,
  examples: ['2020年政府信息公开工作年度报告\n…\n规章\t0\t0\t0'],
});

/** The body as an HTML page, for the OpenAPI document. */
export const ImportPage = Type.String({
  description: `The HTML of a published report, in UTF-8 or GB 18030 (GBK), figures in tables: at most 1 MiB, ${mostLines} paragraphs and rows, ${mostCells} cells, and elements ${deepest} deep. Merged cells count as on the screen; a figure in cells merged otherwise than those above it is refused. Menus, scripts and what is hidden are left out; where a \`meta\` names the \`ArticleTitle\`, so is what stands above that.`,
  examples: ['<table><tr><td>规章</td><td>0</td><td>0</td><td>0</td></tr></table>'],
});

/** The body as a Word file, for the OpenAPI document. */
export const ImportWordFile = Type.String({
  format: 'binary',
  description: `A published report as a file of Word 2007 or later (.docx), figures in tables: at most 1 MiB, unpacked ${mostMarkup / 1024 ** 2} MiB of markup. Read like a page: what is tracked as deleted, hidden or struck out is no figure.`,
});
