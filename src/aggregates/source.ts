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

/** What every answer in rows has. */
export interface Answer {
  data: readonly Row[];
  warnings: Warning[];
  data_as_of: string;
  /** Answers about sums have `basis` and `coverage`; counts of reports do not. */
  basis?: Basis;
  coverage?: Coverage;
}

/** Something that can be asked for, by an address or in a body. */
export interface Source {
  /** Last segment of the path, the value of `of`, and the name of a downloaded file. */
  path: string;
  /** What it is about, in the words of the form. */
  label: Label;
  /** The unit of `value` and its decimals, where rows do not name their own unit. */
  unit: Label;
  decimals: number;
  /** All reasons for which `value` may be null, by code; undefined where rows have no `reason`. */
  reasons?: ReadonlyMap<string, Label>;
  /** The keys that `group_by` takes. */
  keys: readonly string[];
  query: TProperties;
  /** Whether a query is about what only some callers may see, so that it must be asked in the caller's name. */
  asCaller(query: AnalystQuery): boolean;
  /** The members of a row, without computed ones, and the order of their values. */
  shape(groupBy: readonly string[], query?: AnalystQuery): Shape;
  answer(db: Db, query: AnalystQuery, principal: Principal, kept?: KeptSums): Promise<Answer>;
}

/** A source with a path of its own. */
export interface AggregateSource extends Source {
  /** PascalCase; the name of the operation ends with it. */
  name: string;
  summary: string;
  description: string;
  /** The components of a row and of the answer; that of the answer is the last. */
  schemas: readonly (TSchema & { $id?: string })[];
}

/** Faults of a query that its schema cannot find. Where `group_by` is among `unfit`, any key may be meant. */
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
