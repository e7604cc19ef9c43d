import { createRequire } from 'node:module';
import type { Row } from '../../src/formats/format.ts';

/** What JSON-stat 2.0 asks of a dataset, and how its cells are read: by its own rules, and by the toolkit of its author. */

interface Category {
  index: string[];
  label: Record<string, string>;
  unit?: Record<string, { label?: string; decimals?: number }>;
}
export interface JsonStat {
  version: string;
  class: string;
  label: string;
  source: string;
  updated: string;
  id: string[];
  size: number[];
  role: Record<string, string[]>;
  dimension: Record<string, { label: string; category: Category }>;
  value: Record<string, number | null>;
  status?: Record<string, string>;
  extension: Record<string, unknown>;
}

/** The toolkit as far as it is used here; it ships no types. */
interface Toolkit {
  class: string;
  length: number;
  n: number;
  id: string[];
  Data(cell: Record<string, string>): { value: number | null; status: string | null } | null;
  Dimension(id: string): { length: number; role: string; Category(id: string): { label: string } | null };
}
const open: (dataset: unknown) => Toolkit = createRequire(import.meta.url)('jsonstat-toolkit');

/** The dataset opened with the toolkit, which changes what it is given. */
export const openWithToolkit = (dataset: JsonStat): Toolkit => open(structuredClone(dataset));

const rootMembers =
  'version class href label source updated note id size role dimension value status link extension error'.split(
    ' ',
  );

/** Where a response breaks a rule of the format; none where it is a JSON-stat 2.0 dataset. */
export function brokenRules(dataset: JsonStat): string[] {
  const broken: string[] = [];
  const must = (holds: boolean, rule: string) => {
    if (!holds) broken.push(rule);
  };
  const { id, size, role, dimension, value, status = {} } = dataset;
  for (const member of Object.keys(dataset))
    must(rootMembers.includes(member), `${member} is no root member`);
  must(dataset.version === '2.0', 'version is "2.0"');
  must(dataset.class === 'dataset', 'class is "dataset"');
  must(typeof dataset.label === 'string' && typeof dataset.source === 'string', 'label and source are text');
  must(!Number.isNaN(Date.parse(dataset.updated)), 'updated is a date that ECMAScript can parse');
  must(id.length > 0 && new Set(id).size === id.length, 'id names each dimension once');
  must(size.length === id.length, 'size has an element for each of id');
  must(
    size.every((each) => Number.isInteger(each) && each >= 0),
    'sizes are whole numbers',
  );
  must(
    Object.keys(dimension).toSorted().join() === id.toSorted().join(),
    'dimension describes what is in id, and nothing else',
  );
  for (const [name, dimensions] of Object.entries(role)) {
    must(['time', 'geo', 'metric'].includes(name), `${name} is no role`);
    must(Array.isArray(dimensions) && dimensions.length > 0, `${name} names dimensions`);
    for (const each of dimensions) must(id.includes(each), `${each} of role ${name} is in id`);
  }
  must(
    new Set(Object.values(role).flat()).size === Object.values(role).flat().length,
    'a dimension has one role',
  );
  for (const [place, name] of id.entries()) {
    const { label, category } = dimension[name]!;
    must(typeof label === 'string', `${name} has a label`);
    must(category.index.length === size[place], `${name} has as many categories as its size`);
    must(new Set(category.index).size === category.index.length, `${name} has each category once`);
    must(
      category.index.every((code) => typeof code === 'string'),
      `codes of ${name} are text`,
    );
    must(
      Object.keys(category.label).toSorted().join() === category.index.toSorted().join(),
      `${name} labels each category, and nothing else`,
    );
    for (const [code, unit] of Object.entries(category.unit ?? {})) {
      must(role.metric?.includes(name) ?? false, `${name} has units, so is a metric`);
      must(category.index.includes(code), `unit of ${code}, which is a category of ${name}`);
      must(Number.isInteger(unit.decimals), `the unit of ${code} says its decimals`);
    }
  }
  const places = size.reduce((product, each) => product * each, 1);
  const isPlace = (key: string) => /^(0|[1-9]\d*)$/.test(key) && Number(key) < places;
  for (const [key, figure] of Object.entries(value))
    must(
      isPlace(key) && (figure === null || typeof figure === 'number'),
      `value ${key} is a number or null in the cube`,
    );
  for (const [key, each] of Object.entries(status))
    must(isPlace(key) && typeof each === 'string', `status ${key} is text in the cube`);
  return broken;
}

/** Every row the cube has: codes of the keys, and what stands under each metric; by the rule of row-major order. */
export function rowsOf({ id, size, dimension, value, status = {} }: JsonStat): Row[] {
  const rows = new Map<string, Row>();
  for (const [key, figure] of Object.entries(value)) {
    let rest = Number(key);
    const codes: string[] = [];
    for (let place = id.length - 1; place >= 0; place--) {
      codes.unshift(dimension[id[place]!]!.category.index[rest % size[place]!]!);
      rest = Math.floor(rest / size[place]!);
    }
    const metric = codes.pop()!;
    const name = JSON.stringify(codes);
    const row: Row = rows.get(name) ?? Object.fromEntries(codes.map((code, place) => [id[place]!, code]));
    row[metric] = figure;
    if ((figure === null) !== key in status) throw new Error(`status of ${key}`);
    rows.set(name, row);
  }
  return [...rows.values()];
}
