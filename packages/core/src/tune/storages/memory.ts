import type { Storage } from '../storage.ts';
import type { JournalRecord } from './journalRecord.ts';
import { parsePythonJson } from './pythonJson.ts';
import { createRecordStorage } from './recordStorage.ts';

/** A storage that ends with the process. */
export function createMemoryStorage(): Storage {
  const unread: JournalRecord[] = [];
  return createRecordStorage({
    read: () => unread.splice(0),
    append: async (line) => {
      unread.push(parsePythonJson(line) as unknown as JournalRecord);
    },
    close: () => {},
  });
}
