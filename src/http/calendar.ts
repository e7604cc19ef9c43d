/** Dates of reports and organs are those of Asia/Shanghai. */

/**
 * UTC+8 all year since 1992. A fixed offset does without a formatter of that zone, for which every answer
 * would wait.
 */
const ahead = 8 * 60 * 60 * 1000;

const there = (now: Date): Date => new Date(now.getTime() + ahead);

/** Today in Asia/Shanghai, as YYYY-MM-DD. */
export const todayInShanghai = (now = new Date()): string => there(now).toISOString().slice(0, 10);

/** The current year in Asia/Shanghai. */
export const yearInShanghai = (now = new Date()): number => there(now).getUTCFullYear();

/**
 * The last year that has ended. Organs owe its reports: a report is made after the end of its year (Article
 * 49: by 31 January).
 */
export const lastYearOwed = (now = new Date()): number => yearInShanghai(now) - 1;
