import { applicants, type Label, outcomes, proceedings, units } from './edition.ts';
import { editions } from './index.ts';
import { organKinds, organLevels, revisionStates, scopes } from './vocabulary.ts';

/** The official words for the keys in flat rows. */

type Keys = Readonly<Record<string, unknown>>;

/** The labels of a list's entries by key. Where several entries have the same key, the last one counts. */
export const byKey = <Name extends string>(
  name: Name,
  entries: readonly (Readonly<Record<Name, string>> & { label: Label })[],
): ReadonlyMap<string, Label> => new Map(entries.map((entry) => [entry[name], entry.label]));

const editionLabels = new Map(
  editions.map(({ edition, source }): [string, Label] => [edition, { zh: source, en: `Edition ${edition}` }]),
);

/** Labels by the name of a key and its value. Where several editions print a value, the words of the newest count. */
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
  unit: byKey('unit', units),
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

/**
 * The label of an item or measure on the newest form that has the cell. Keys that are not given may have any value.
 */
function labelInSectionTwo(name: 'item' | 'measure', keys: Keys): Label | undefined {
  const fits = (cell: (typeof sectionTwo)[number]) =>
    (['edition', 'item', 'measure'] as const).every(
      (key) => keys[key] === undefined || [keys[key]].flat().includes(cell[key]),
    );
  return sectionTwo.findLast(fits)?.labels[name];
}

/**
 * The labels that a code has wherever it is printed, joined into one. An amount, for example, is printed both for
 * purchases and for fees.
 */
export function codeLabel(name: string, code: string | null): Label | undefined {
  if (name !== 'measure') return cellLabel(name, code, {});
  const items = [...new Set(sectionTwo.map(({ item }) => item))];
  const labels = items.flatMap((item) => cellLabel(name, code, { item }) ?? []);
  const all = (language: keyof Label, separator: string) =>
    [...new Set(labels.map((label) => label[language]))].join(separator);
  return { zh: all('zh', '、'), en: all('en', '; ') };
}

/**
 * The label of the value under `name`, or undefined where that is no key. `keys` are the other keys that are known of
 * the row, each with one value or with several that it may have.
 */
export function cellLabel(name: string, value: unknown, keys: Keys): Label | undefined {
  if (typeof value !== 'string') return undefined;
  return name === 'item' || name === 'measure'
    ? labelInSectionTwo(name, { ...keys, [name]: value })
    : labelsOf[name]?.get(value);
}
