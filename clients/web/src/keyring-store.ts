/**
 * Where a doctor's device keeps its keys: the one thing that these pages keep in a browser.
 *
 * Door: IndexedDB, one record. The keys in it can be used by this page and read by nobody, but where
 * the browser lacks the curves: there they are seeds (`curves.ts`). Beside them lie their public
 * halves, the bundle as the union sealed it, and the request that was shown.
 * Nothing of a patient, a consultation or a link is ever in it. Patients' pages do not load this
 * file.
 */
import type { Kept } from "./device-keys.ts";

const NAME = "teleconsult";
const VERSION = 1;
const STORE = "device";
const RECORD = "keyring";

/** The browser keeps nothing here: a private window, or no room. */
export class NothingKept extends Error {
  override readonly name = "NothingKept";

  constructor() {
    super("The browser keeps nothing.");
  }
}

/** What is kept; null where nothing is. All here reject with `NothingKept`. */
export function load(): Promise<Kept | null> {
  return inStore("readonly", (store, done) => {
    const found = store.get(RECORD) as IDBRequest<Kept | undefined>;
    found.onsuccess = () => done(found.result ?? null);
  });
}

/**
 * Change what is kept, in one step: of two windows none undoes what the other did.
 *
 * `change` gets what is kept now, and gives what shall be, or null to leave it.
 */
export function update(change: (kept: Kept | null) => Kept | null): Promise<Kept | null> {
  return inStore("readwrite", (store, done) => {
    const found = store.get(RECORD) as IDBRequest<Kept | undefined>;
    found.onsuccess = () => {
      const kept = found.result ?? null;
      const changed = change(kept);
      if (changed !== null) {
        store.put(changed, RECORD);
      }
      done(changed ?? kept);
    };
  });
}

/** Wipe it all: after this the device is as if it had never been enrolled. */
export function forget(): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = indexedDB.deleteDatabase(NAME);
    gone.onsuccess = () => resolve();
    gone.onerror = () => reject(new NothingKept());
  });
}

/** Ask the browser not to clear it when room is short. It may refuse, and the keys still stand. */
export async function persist(): Promise<void> {
  // Not everywhere, whatever the types say.
  const storage = navigator.storage as StorageManager | undefined;
  await storage?.persist().catch(() => false);
}

type Work<T> = (store: IDBObjectStore, done: (value: T) => void) => void;

/** Work within one transaction; its value stands once the browser has it on disk. */
async function inStore<T>(mode: IDBTransactionMode, work: Work<T>): Promise<T> {
  try {
    return await within(mode, work);
  } catch {
    throw new NothingKept();
  }
}

async function within<T>(mode: IDBTransactionMode, work: Work<T>): Promise<T> {
  const database = await opened();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const results: T[] = [];
      transaction.oncomplete = () => {
        const [result] = results;
        if (result !== undefined) resolve(result);
      };
      transaction.onabort = () => reject(new NothingKept());
      work(transaction.objectStore(STORE), (value) => results.push(value));
    });
  } finally {
    database.close();
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE);
    };
    request.onsuccess = () => {
      // Another window that forgets the device does not wait for this one.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(new NothingKept());
  });
}
