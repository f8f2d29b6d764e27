import type { StandardSchemaV1 } from '@standard-schema/spec';
import { redact } from '../../config.ts';
import type { ListOptions, SetOptions, StoredEntry, StoreOf } from '../../define/storage.ts';
import { messageOf } from '../../events.ts';
import type { EntriesView } from './entries-view.ts';
import { invalidValueError } from './errors.ts';

/** Entries with a schema in front: what goes in and what comes out fits it. */
export class CheckedStore<Schema extends StandardSchemaV1> {
  readonly #entries: EntriesView;
  readonly #schema: Schema;
  readonly #path: string;
  readonly delete: StoreOf<Schema>['delete'];
  readonly has: StoreOf<Schema>['has'];
  readonly clear: StoreOf<Schema>['clear'];
  readonly size: StoreOf<Schema>['size'];

  constructor(path: string, entries: EntriesView, schema: Schema) {
    this.#path = path;
    this.#entries = entries;
    this.#schema = schema;
    this.delete = (key) => entries.delete(key);
    this.has = (key) => entries.has(key);
    this.clear = () => entries.clear();
    this.size = () => entries.size();
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    const value = await this.#entries.get(key);
    return value === undefined ? undefined : ((await this.#checked(key, value, 'read')) as Value);
  }

  async set(key: string, value: unknown, options?: SetOptions): Promise<void> {
    // The schema looks at what will be read one day, not at an object that may change meanwhile.
    const text = this.#entries.textOf(key, value);
    await this.#checked(key, JSON.parse(text), 'written');
    await this.#entries.put(key, text, options);
  }

  async list<Value>(options?: ListOptions): Promise<StoredEntry<Value>[]> {
    const entries = await this.#entries.list(options);
    const checked = entries.map(async ({ key, value }) => {
      return { key, value: (await this.#checked(key, value, 'read')) as Value };
    });
    return await Promise.all(checked);
  }

  async #checked(key: string, value: unknown, how: 'read' | 'written'): Promise<unknown> {
    const result = await validated(this.#schema, value);
    if (!result.issues) return result.value;
    const hint =
      how === 'written'
        ? 'The schema of the store refuses it; nothing was written.'
        : 'It was stored under another schema. Let the schema accept the old form too, or delete the entry.';
    throw invalidValueError(this.#path, key, result.issues.map(textOf), hint);
  }
}

async function validated(
  schema: StandardSchemaV1,
  value: unknown,
): Promise<StandardSchemaV1.Result<unknown>> {
  try {
    return await schema['~standard'].validate(value);
  } catch (error) {
    return { issues: [{ message: `the schema threw: ${messageOf(error)}` }] };
  }
}

function textOf({ path = [], message }: StandardSchemaV1.Issue): string {
  const keys = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  return `${['value', ...keys].join('.')}: ${redact(message)}`;
}
