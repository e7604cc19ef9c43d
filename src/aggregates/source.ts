import type { TProperties, TSchema } from 'typebox';
import type { Principal } from '../access/principal.ts';
import type { Db } from '../db/database.ts';
import type { Label } from '../editions/edition.ts';
import type { Row } from '../formats/format.ts';
import type { Meaning } from '../http/validation.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { tableLabels } from '../rules/wording.ts';
import type { Aggregate } from './aggregate.ts';
import { type AnalystQuery, aggregateReports, type Coverage } from './answer.ts';
import { shapeOf } from './cells.ts';
import type { Basis } from './queries.ts';
import { readRefinement, type Shape } from './refine.ts';
import { answerSchema, cellSchema, groupKeysOf, queryOf } from './schema.ts';
import type { Warning } from './warnings.ts';

/** What every answer in rows has, whatever else. */
export interface Answer {
  data: readonly Row[];
  warnings: Warning[];
  data_as_of: string;
  /** Of sums; counts of reports have none. */
  basis?: Basis;
  coverage?: Coverage;
}

/** Something that can be asked for, by an address or in a body. */
export interface Source {
  /** Last segment of the path, the value of `of`, and the name of a downloaded file. */
  path: string;
  /** What it is of, in the words of the form. */
  label: Label;
  /** The unit of `value`, where rows do not name their own, and its decimals. */
  unit: Label;
  decimals: number;
  /** Where rows have a `reason` for a `value` that is null: every one of them. */
  reasons?: ReadonlyMap<string, Label>;
  /** What `group_by` takes. */
  keys: readonly string[];
  query: TProperties;
  /** Whether a query is about what only some callers may see, so that it is asked in their name. */
  asCaller(query: AnalystQuery): boolean;
  /** Members of a row, without computed ones, and what orders them. */
  shape(groupBy: readonly string[], query?: AnalystQuery): Shape;
  answer(db: Db, query: AnalystQuery, principal: Principal, kept?: KeptSums): Promise<Answer>;
}

/** A source with a path of its own. */
export interface AggregateSource extends Source {
  /** PascalCase; the operation ends with it. */
  name: string;
  summary: string;
  description: string;
  /** Components of a row and of the answer, which is the last. */
  schemas: readonly (TSchema & { $id?: string })[];
}

/** Faults of a query that its schema cannot tell of. Where `group_by` is unfit, any key may be meant. */
export const queryFaults =
  ({ keys, shape }: Pick<Source, 'keys' | 'shape'>): NonNullable<Meaning['faults']> =>
  (query: AnalystQuery, unfit) =>
    readRefinement(query, shape(unfit.has('group_by') ? keys : [...new Set(query.group_by)], query), unfit)
      .errors;

/** Every query member that one of the sources takes. */
export const membersOf = (sources: readonly Source[]): TProperties =>
  Object.assign({}, ...sources.map(({ query }) => query));

export const sourceOf = (aggregate: Aggregate): AggregateSource => ({
  path: aggregate.path,
  name: aggregate.name,
  summary: aggregate.summary,
  description: `${aggregate.description}\n\n${everyAggregate}`,
  label: tableLabels[aggregate.table],
  unit: { zh: '件', en: 'cases' },
  decimals: 0,
  keys: groupKeysOf(aggregate),
  query: queryOf(aggregate),
  schemas: [cellSchema(aggregate), answerSchema(aggregate)],
  asCaller: () => false,
  shape: (groupBy) => shapeOf(aggregate, groupBy),
  answer: (db, query, _principal, kept) => aggregateReports(db, aggregate, query, kept),
});

const everyAggregate = `Only effective (published) revisions count, and each figure once: a consolidated report stands for everything below its organ, within each group of the answer. Grouped by \`organ\`, \`level\` or place, each group is covered by itself, and the warning \`groups-overlap\` says when groups must not be added up. Refused with 422: \`not-additive\` for sums that mean nothing (figures of different kinds, a total with its parts, a stock over years) and for shares of such sums, \`not-comparable\` for measures, and sums over rows, that the editions do not share, and for ranks of values in several units, \`too-many-cells\` for more rows than \`/v1/meta\` names as the limit. Reports that are used but have none of the cells asked for are counted by the warning \`cells-absent\`. Codes that are asked for and that no report in the answer has are named by the warning \`code-without-data\`, places and organs that there are none of by \`unknown-code\`.`;
