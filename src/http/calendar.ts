/** Dates of reports and organs are those of Asia/Shanghai. */

/** UTC+8 all year since 1992; every answer asks for it, and a formatter of that zone takes a hundred times as long. */
const ahead = 8 * 60 * 60 * 1000;

/** The day there, as YYYY-MM-DD. */
export const todayInShanghai = (now = new Date()): string =>
  new Date(now.getTime() + ahead).toISOString().slice(0, 10);

/** The year there. */
export const yearInShanghai = (now = new Date()): number => Number(todayInShanghai(now).slice(0, 4));
