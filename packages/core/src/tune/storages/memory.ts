import type { Storage } from '../storage.ts';
import type { JournalRecord } from './journalRecord.ts';
import { parsePythonJson } from './pythonJson.ts';
import { createRecordStorage } from './recordStorage.ts';

/** A storage that ends with the process. `lines`: its records, to which its own are added; another may be opened on them. */
export function createMemoryStorage(lines: string[] = []): Storage {
  let read = 0;
  return createRecordStorage({
    read() {
      const unread = lines.slice(read).map((line) => parsePythonJson(line) as unknown as JournalRecord);
      read = lines.length;
      return unread;
    },
    append: async (line) => {
      lines.push(line);
    },
    close: () => {},
  });
}
