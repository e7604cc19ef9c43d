/** Dates of reports and organs are those of Asia/Shanghai. */

/** UTC+8 all year since 1992: no formatter of that zone is needed, which every answer would wait for. */
const ahead = 8 * 60 * 60 * 1000;

const there = (now: Date): Date => new Date(now.getTime() + ahead);

/** The day there, as YYYY-MM-DD. */
export const todayInShanghai = (now = new Date()): string => there(now).toISOString().slice(0, 10);

/** The year there. */
export const yearInShanghai = (now = new Date()): number => there(now).getUTCFullYear();

/** The last year that has ended. Reports are made once their year has (Article 49: by 31 January), and owed since then. */
export const lastYearOwed = (now = new Date()): number => yearInShanghai(now) - 1;
