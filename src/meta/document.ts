import type { Aggregate } from '../aggregates/aggregate.ts';
import { mostCells } from '../aggregates/cells.ts';
import { computations } from '../aggregates/computations.ts';
import { dimensions } from '../aggregates/dimensions.ts';
import { aggregates } from '../aggregates/index.ts';
import { mostTop } from '../aggregates/refine.ts';
import { sources } from '../aggregates/routes.ts';
import type { Source } from '../aggregates/source.ts';
import { cellLabel, codeLabel } from '../editions/cell-labels.ts';
import { columnLabels } from '../editions/column-labels.ts';
import { joined } from '../editions/figures.ts';
import { editionKeys } from '../editions/index.ts';
import { datasetFormats, formats } from '../formats/index.ts';

/** Describes what can be asked and how it may be put together, from the form and the aggregates themselves. */

/** Every key that an answer can be grouped by. */
const allKeys = [...new Set(sources.flatMap(({ keys }) => keys))];

const parentOf = (key: string, code: string): string | null => {
  const coarse = aggregates.find(({ coarser }) => coarser?.finer === key);
  const figure = coarse?.figures.find(({ keys }) => keys[key] === code);
  return figure?.keys[coarse!.coarser!.key] ?? null;
};

/** The codes of a key in the order of answers; undefined where there is no fixed list. */
const valuesOf = (key: string): readonly string[] | undefined =>
  sources
    .find(({ keys }) => keys.includes(key))!
    .shape([])
    .places(key);

const codesOf = (key: string) =>
  valuesOf(key)?.map((code) => ({
    code,
    label: codeLabel(key, code)!,
    parent: parentOf(key, code),
  })) ?? null;

const dimensionDocument = (key: string) => ({
  key,
  label: columnLabels[key]!,
  asked_of: sources.filter(({ keys }) => keys.includes(key)).map(({ path }) => path),
  divides_organs: dimensions[key]?.ofOrgan ?? false,
  codes: codesOf(key),
});

/**
 * The measures of a table. All columns of a row are one measure: they have the same unit and add up in the
 * same way.
 */
function measuresOf(aggregate: Aggregate) {
  const own = Object.keys(aggregate.keys).filter((key) => aggregate.rowKeys.includes(key));
  const rows = new Map(
    aggregate.figures.map((figure) => [own.map((key) => figure.keys[key]).join('.'), figure]),
  );
  return [...rows].map(([name, { keys, kind, stock, unit, editions }]) => ({
    of: aggregate.path,
    name,
    label: joined(...own.map((key) => cellLabel(key, keys[key], keys)!)),
    keys: Object.fromEntries(own.map((key) => [key, keys[key]!])),
    unit,
    adds_up_with: kind,
    nature: stock ? ('stock' as const) : ('flow' as const),
    adds_over_years: !stock,
    editions: [...editions],
    comparable: editions.length === editionKeys.length,
  }));
}

const refinements = ['compute', 'having', 'sort', 'top'];

/** The query members that choose reports and cells. */
export const filtersOf = ({ query }: Source): string[] =>
  Object.keys(query).filter((member) => member !== 'group_by' && !refinements.includes(member));

export const metaDocument = () => ({
  dimensions: allKeys.map(dimensionDocument),
  hierarchies: [
    { name: 'place', label: { zh: '行政区划', en: 'Place' }, levels: ['province', 'city', 'county'] },
    ...aggregates.flatMap(({ coarser }) =>
      coarser === undefined
        ? []
        : [
            {
              name: coarser.key,
              label: columnLabels[coarser.key]!,
              levels: [coarser.key, coarser.finer],
            },
          ],
    ),
  ],
  measures: aggregates.flatMap(measuresOf),
  operations: sources.map((source) => ({
    of: source.path,
    summary: source.summary,
    group_by: [...source.keys],
    filters: filtersOf(source),
    compute: computations.map(({ name }) => name),
    formats: ['json', ...[...formats, ...datasetFormats].map(({ suffix }) => suffix)],
  })),
  limits: { cells: mostCells, top: mostTop },
});
