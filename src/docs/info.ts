import { problemCatalogue } from '../http/problem.ts';

/** The words of the OpenAPI document. People who write a client read them before anything else. */

const problemRows = Object.entries(problemCatalogue).map(
  ([code, [status, zh, en]]) => `| \`${code}\` | ${status} | ${en} ${zh} |`,
);

const description = `
Gongkai (公开) takes in, checks, keeps and counts the annual reports on open government information
(政府信息公开工作年度报告) that every administrative organ in China publishes under Articles 49 and 50 of
《政府信息公开条例》, State Council Decree 711. It knows the printed form as data (two editions: report years 2019 and
2020, and since 2021), files reports as revisions that never change once submitted, evaluates what must hold in their
figures, reads published documents, and adds figures up without counting anything twice.

## Figures
A cell is a number, a **blank** (\`null\`: printed empty or as a dash) or **not captured** (its row or entry is absent).
A blank is never a 0. Every cell has one address, the same in findings, notes, imports and exports:
\`disclosure_items.regulations.issued\`, \`request_statistics.granted.natural_person\`,
\`review_litigation_counts.review.upheld\`. Counts are integers up to 2⁵³ − 1; money has at most four decimals.
Members are in snake_case, times are RFC 3339 in UTC, dates \`YYYY-MM-DD\`, ids UUIDv7.

## Who may do what
Reading what is published, editions, rules, divisions, organs, aggregates, validations and imports that store nothing
are open to everyone. Writing, and seeing drafts, needs \`Authorization: Bearer\` and a token: an API key, or one of the OpenID Connect issuer
that the service trusts. What it allows is granted for an organ, with \`include_subtree\` for everything below it too: a
\`preparer\` files, edits, submits and corrects; a \`supervisor\` returns, publishes and withdraws below the organ; an
\`auditor\` reads drafts and writes nothing; an \`admin\` may do everything. Who submitted a revision cannot publish it
unless they supervise the organ. Every report lists in \`actions\` what its caller may do with it now, and why not. What one
may not see is answered 404, what one may see but not change 403. A token that is sent but not valid
is refused with 401, but for the operations that tell whether the service runs, and its documentation.

## From draft to publication
A report is an organ's account of a year in a scope (\`own\` figures, or \`consolidated\` with everything below it); there
is one of each. It moves from draft to submitted (提交) to published (发布); a correction (更正) is a new revision with a
reason and replaces the published one only when it is itself published. Submitted, published and superseded revisions never change.
Findings (校核结果) never keep a draft from being saved; errors must be answered before submission.

## Requests
Query parameters and body members that an operation does not name are refused with 400, never ignored, and nothing
is coerced: \`"3"\` is not a number. Faults of path, query and body are reported together; what only the
database knows (an organ that is not there) is told once everything else fits. Schemas in this document leave room for new members in answers; request bodies are nevertheless closed.
A query parameter that takes several values may be repeated (\`year=2021&year=2023\`), given with commas
(\`year=2021,2023\`) or as \`year[]=2021\`.

## Lists
A list answers \`{ "items": […], "next_cursor": … }\`. Pass \`next_cursor\` as \`cursor\`, with the same filters, until it is
null, or follow \`Link: <…>; rel="next"\`. Order is total and stable: nothing is skipped or repeated while others
write. \`limit\` is 1 to 1000, 100 unless said otherwise. Where a path also exists with \`.csv\`, \`.ndjson\` or \`.parquet\`, it streams the whole
result without pages; \`.csv\` has Chinese or English labels with \`labels=zh\` or \`en\`. HEAD is answered wherever GET is, but not there: what a stream will be is not known before it is made.

## Writing safely
A single resource has a strong \`ETag\`. Send it as \`If-None-Match\` to read again only what has changed (304), and as
\`If-Match\` to write only what you have read: without it a draft write is refused with 428, with a stale one with 412.
If-Match compares only the part of a tag before its first dash, the version: what changes in an answer without being written
(the finding of a neighbouring year, say) makes a tag that is read anew, not one that is stale.

Every POST that stores something takes an \`Idempotency-Key\`: sent again with the same key it is not done again, and the
first answer is repeated for 24 hours. Validations, and imports without \`create\`, store nothing and so have nothing to
repeat; a batch takes no key, since its lines may be sent again as they are.

## Questions
Aggregates, counts of reports and indicators are asked alike: filters choose, \`group_by\` divides, \`compute\` adds shares,
changes on the year before and ranks to all rows, \`having\` leaves rows out, \`sort\` orders and \`top\` cuts, in this
order. \`POST /v1/aggregates/query\` takes the same as a body. \`/v1/meta\` tells what may be added to what,
\`/v1/availability\` what there are figures of. What would count twice or mean nothing is refused with 422.

## Errors
Every error is \`application/problem+json\` (RFC 9457) with a permanent \`code\`, the \`request_id\` and, where the request
itself is at fault, \`errors\` with a JSON pointer for each fault. \`title\` follows \`Accept-Language\` (zh-CN, en).
429 and 503 say in \`Retry-After\` when to try again. Any operation may also answer 408 to a
request that takes too long to arrive, 429 to a caller of too many, and 431 where address and headers together
exceed 16 KiB; no address is refused for its length alone (414). A method that a path does not have is answered 404, as
an unknown path is, and never 405. What is no HTTP request at all gets the same problem with 400, without \`instance\`,
and the connection is closed.

| code | status | title |
| --- | --- | --- |
${problemRows.join('\n')}
`.trim();

export const info = {
  title: 'Gongkai 公开',
  version: '1',
  description,
  contact: { name: 'Gongkai' },
  license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0.html' },
};

/** The tags, in the order of the document. */
export const tags = [
  {
    name: 'editions',
    description: 'The printed form (统计表式) as data: tables, rows, measures, labels, units.',
  },
  {
    name: 'rules',
    description: 'What must hold in a report (校核规则), from the very code that evaluates it.',
  },
  { name: 'divisions', description: 'Administrative divisions (行政区划) with their codes and validity.' },
  { name: 'organs', description: 'The organs (行政机关) that report, and which of them consolidates which.' },
  { name: 'reports', description: 'Annual reports (年度报告), filed once for an organ, a year and a scope.' },
  {
    name: 'lifecycle',
    description:
      'From draft to publication and back: submitting (提交), publishing (发布), correcting (更正).',
  },
  { name: 'drafts', description: 'The working copy of a report (草稿), as a whole and row by row.' },
  {
    name: 'revisions',
    description: 'Every version of a report (修订版), its findings and what changed between two.',
  },
  { name: 'validations', description: 'Checking a whole report without storing anything (试校核).' },
  { name: 'imports', description: 'Reading published documents (导入) into report documents.' },
  { name: 'tidy-rows', description: 'The figures of all published reports, one row each (明细数据).' },
  { name: 'aggregates', description: 'Sums over published reports (汇总统计) that count nothing twice.' },
  {
    name: 'indicators',
    description: 'Quotients of sums (指标), such as the disclosure rate, with their definitions.',
  },
  { name: 'access', description: 'API keys and grants (授权): who may do what, for which organs.' },
  { name: 'audit', description: 'Who did what, when (审计), in a chain that shows every change.' },
  { name: 'operations', description: 'Whether the service runs, and its documentation.' },
];
