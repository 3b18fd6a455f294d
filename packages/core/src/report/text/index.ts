/** What reports say, as plain text, and the tables of the terminal. Loads no figures. */
export { describeInvestigation } from './investigation.ts';
export { describeDraws, describeTests, warnOfFew } from './summaries.ts';
export { formatIntervals, formatSongs, formatSummaries, formatTable, wrapText } from './terminal.ts';
