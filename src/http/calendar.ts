/** Dates of reports and organs are those of Asia/Shanghai. */

const day = new Intl.DateTimeFormat('sv', { timeZone: 'Asia/Shanghai' });

/** The day there, as YYYY-MM-DD. */
export const todayInShanghai = (now = new Date()): string => day.format(now);

/** The year there. */
export const yearInShanghai = (now = new Date()): number => Number(todayInShanghai(now).slice(0, 4));
