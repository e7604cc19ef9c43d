import { mix } from './random.ts';

/** Identifiers that look like UUIDv7 and follow from what they name. */

/**
 * The time in the id of number 0. Every number after it is a millisecond later, so that ids grow with the numbers.
 */
const origin = Date.UTC(2026, 3, 1);

const kinds = { organ: 1, report: 2, revision: 3 } as const;

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/** The UUID of the `number`th organ, report or revision of a country. */
export function idOf(kind: keyof typeof kinds, number: number, seed: number): string {
  const time = hex(origin + number, 12);
  const high = mix(seed, kinds[kind], number, 1);
  const low = mix(seed, kinds[kind], number, 2);
  const variant = hex(0x8000 | (high & 0x3fff), 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(high >>> 20, 3)}-${variant}-${hex(low, 8)}${hex(mix(low, high) >>> 16, 4)}`;
}
