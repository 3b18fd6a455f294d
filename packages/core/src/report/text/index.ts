/** What reports say, as plain text, and the tables of the terminal. Loads no figures. */
export { warnOfFew } from './summaries.ts';
export { formatSongs, formatTable } from './terminal.ts';
