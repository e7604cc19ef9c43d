import type { EditionKey, Group, RequestGroup, RequestRow } from './edition.ts';
import { editionByKey, editionKeys, editions } from './index.ts';

/** How editions compare where they print different rows. */

const groups = editions.flatMap((edition) => edition.request_groups);

/**
 * The group of a row, in the terms of all editions; null where it has none. Where one edition prints a single row and
 * another prints a group of rows under the same label, both mean the same requests. So the row `other` of 2019
 * belongs to the group `other_handling`.
 */
export const groupOf = (row: RequestRow): RequestGroup | null =>
  groups.find(({ group }) => group === row.group) ??
  groups.find(({ label }) => label.zh === row.label.zh) ??
  null;

export const printsRow = (edition: EditionKey, row: string): boolean =>
  editionByKey(edition).request_statistics.some((each) => each.row === row);

/** The rows that not every edition prints, each with the group that compares them. */
export const rowsOfSomeEditions: readonly { row: string; group: Group }[] = editions.flatMap((edition) =>
  edition.request_statistics.flatMap((each) => {
    const group = groupOf(each);
    const printedByAll = editionKeys.every((key) => printsRow(key, each.row));
    return printedByAll || group === null ? [] : [{ row: each.row, group: group.group }];
  }),
);
