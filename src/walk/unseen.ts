import type { AggregateQuery } from '../aggregates/queries.ts';
import { kindKeys, levelKeys } from '../editions/vocabulary.ts';
import { divisionPrefix } from '../reports/filters.ts';
import type { Batch } from './entries.ts';
import type { Register } from './register.ts';

/**
 * Finds which of the codes that a query names have no report among those found: a sum over several codes does not
 * show it.
 */

export interface Unseen {
  filter: string;
  codes: string[];
}

/** Watches one filter: which of its codes have reports. */
interface Looking {
  /** Looks at some reports of a year. It may stop looking once all codes were seen. */
  look: (batch: Batch) => void;
  unseen: () => string[];
}

/** The filters that take several codes, each with the key that would show them one by one; '' where no key does. */
const several = { scope: 'scope', organ_id: 'organ', under: '', division: '', level: 'level', kind: 'kind' };
type Filter = keyof typeof several;

/** Watches a filter by a number that each organ has. `numbers` says which number each code stands for. */
function byOrgan(numberOf: (organ: number) => number, numbers: ReadonlyMap<string, number>): Looking {
  const left = new Map(numbers);
  const seen = new Set<number>();
  return {
    look({ organs }) {
      if (left.size === 0) return;
      for (const organ of organs) seen.add(numberOf(organ));
      for (const [code, number] of left) if (seen.has(number)) left.delete(code);
    },
    unseen: () => [...left.keys()],
  };
}

const placed = (codes: readonly string[], of: readonly string[]) =>
  new Map(codes.map((code) => [code, of.indexOf(code)]));

function lookingFor(register: Register, filter: Filter, codes: readonly string[]): Looking {
  const left = new Set(codes);
  if (filter === 'level') return byOrgan((organ) => register.level[organ]!, placed(codes, levelKeys));
  if (filter === 'kind') return byOrgan((organ) => register.kind[organ]!, placed(codes, kindKeys));
  if (filter === 'organ_id')
    return byOrgan((organ) => organ, new Map(codes.map((id) => [id, register.numberOf(id)])));
  if (filter === 'scope')
    return {
      look: ({ isConsolidated }) => left.delete(isConsolidated ? 'consolidated' : 'own'),
      unseen: () => [...left],
    };
  if (filter === 'division') {
    const seen = new Uint8Array(register.places.length);
    return {
      look({ year, organs }) {
        const places = register.placesIn(year);
        for (const organ of organs) seen[places[organ]!] = 1;
      },
      unseen: () =>
        codes.filter((code) => {
          const prefix = divisionPrefix(code);
          return !register.places.some(
            (place, number) => seen[number] === 1 && place.code.startsWith(prefix),
          );
        }),
    };
  }
  return {
    look({ year, organs }) {
      if (left.size === 0) return;
      const parents = register.parentsIn(year);
      const seen = new Uint8Array(register.size);
      for (const found of organs)
        for (let organ = found; organ >= 0 && seen[organ] === 0; organ = parents[organ]!) seen[organ] = 1;
      for (const id of left) if (seen[register.numberOf(id)] === 1) left.delete(id);
    },
    unseen: () => [...left],
  };
}

/**
 * Watches all filters with several codes, except those whose key the answer is grouped by: they are told elsewhere.
 */
export function lookFor(
  register: Register,
  query: AggregateQuery,
  groupBy: readonly string[],
): { look: (batch: Batch) => void; unseen: () => Unseen[] } {
  const looking = (Object.entries(several) as [Filter, string][]).flatMap(([filter, key]) => {
    const codes = [...new Set(((query[filter] ?? []) as string[]).map((code) => code.toLowerCase()))];
    return codes.length < 2 || groupBy.includes(key)
      ? []
      : [{ filter, ...lookingFor(register, filter, codes) }];
  });
  return {
    look: (batch) => {
      for (const { look } of looking) look(batch);
    },
    unseen: () =>
      looking
        .map(({ filter, unseen }) => ({ filter, codes: unseen() }))
        .filter(({ codes }) => codes.length > 0),
  };
}
