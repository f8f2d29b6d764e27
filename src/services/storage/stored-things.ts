import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { StoreOf } from '../../define/storage.ts';
import { CheckedStore } from './checked-store.ts';
import { checkedSchema, checkedStoreName } from './checks.ts';
import { type Channel, EntriesView } from './entries-view.ts';

/** Everything that a service has stored, through one channel. */
export class StoredThings extends EntriesView {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    super(channel, '');
    this.#channel = channel;
  }

  store<Schema extends StandardSchemaV1>(name: string, schema: Schema): StoreOf<Schema> {
    const { path } = this.#channel;
    const entries = new EntriesView(this.#channel, checkedStoreName(path, name));
    return new CheckedStore(path, entries, checkedSchema(path, name, schema));
  }
}
