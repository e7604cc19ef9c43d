import { applicants, type Label, outcomes, proceedings } from './edition.ts';
import { editions } from './index.ts';
import { organKinds, organLevels, revisionStates, scopes } from './vocabulary.ts';

/** What stands in flat rows as a key, in the official words. */

type Keys = Readonly<Record<string, unknown>>;

/** Labels by key of a list whose entries have both; where several have one key, the last. */
export const byKey = <Name extends string>(
  name: Name,
  entries: readonly (Readonly<Record<Name, string>> & { label: Label })[],
): ReadonlyMap<string, Label> => new Map(entries.map((entry) => [entry[name], entry.label]));

const editionLabels = new Map(
  editions.map(({ edition, source }): [string, Label] => [edition, { zh: source, en: `Edition ${edition}` }]),
);

/** Where several editions print a key, the words of the newest. */
const labelsOf: Readonly<Record<string, ReadonlyMap<string, Label>>> = {
  edition: editionLabels,
  disclosure_edition: editionLabels,
  request_edition: editionLabels,
  row: byKey(
    'row',
    editions.flatMap((edition) => edition.request_statistics),
  ),
  group: byKey(
    'group',
    editions.flatMap((edition) => edition.request_groups),
  ),
  applicant: byKey('applicant', applicants),
  proceeding: byKey('proceeding', proceedings),
  outcome: byKey('outcome', outcomes),
  kind: byKey('kind', organKinds),
  level: byKey('level', organLevels),
  scope: byKey('scope', scopes),
  state: byKey('state', revisionStates),
};

/** The cells of section two in every edition: the words for an item or a measure depend on where it is printed. */
const sectionTwo = editions.flatMap(({ edition, disclosure_items }) =>
  disclosure_items.flatMap(({ item, label, measures }) =>
    measures.map((measure) => ({
      edition,
      item,
      measure: measure.measure,
      labels: { item: label, measure: measure.label },
    })),
  ),
);

/** The label of an item or measure on the newest form that has the cell; keys that are not given may be any. */
function labelInSectionTwo(name: 'item' | 'measure', keys: Keys): Label | undefined {
  const fits = (cell: (typeof sectionTwo)[number]) =>
    (['edition', 'item', 'measure'] as const).every(
      (key) => keys[key] === undefined || [keys[key]].flat().includes(cell[key]),
    );
  return sectionTwo.findLast(fits)?.labels[name];
}

/** The labels that a code has wherever it is printed, in one: an amount is of purchases and of fees. */
export function codeLabel(name: string, code: string | null): Label | undefined {
  if (name !== 'measure') return cellLabel(name, code, {});
  const items = [...new Set(sectionTwo.map(({ item }) => item))];
  const labels = items.flatMap((item) => cellLabel(name, code, { item }) ?? []);
  const all = (language: keyof Label, separator: string) =>
    [...new Set(labels.map((label) => label[language]))].join(separator);
  return { zh: all('zh', '、'), en: all('en', '; ') };
}

/**
 * The label of what stands under `name`, or undefined where that is no key. `keys` are what else is known of the row:
 * one value or several that it may have.
 */
export function cellLabel(name: string, value: unknown, keys: Keys): Label | undefined {
  if (typeof value !== 'string') return undefined;
  return name === 'item' || name === 'measure'
    ? labelInSectionTwo(name, { ...keys, [name]: value })
    : labelsOf[name]?.get(value);
}
