/** Where the tables are, and how long a request waits for them. */
export interface PostgresFacts {
  /** `postgres://user:password@host:port/database`; what it leaves out is in the usual `PG` variables. */
  readonly url: string;
  readonly schema: string;
  readonly connectWithinMs: number;
}

/** The address as everybody may see it: without user, password and options. */
export function placeOf({ url, schema }: Pick<PostgresFacts, 'url' | 'schema'>): string {
  const { host, pathname } = new URL(url);
  return `postgres://${host}${pathname} (schema ${schema})`;
}

/** A text that may go into errors and events. */
export function withoutSecrets(text: string, url: string): string {
  const { password, searchParams } = new URL(url);
  const forms = [url, password, decodeURIComponent(password), searchParams.get('password') ?? ''];
  return forms
    .filter((form) => form !== '')
    .reduce((shown, form) => shown.replaceAll(form, '[redacted]'), text);
}

/** Why an address cannot be one; undefined: it can. The address itself is nobody's business. */
export function addressFault(url: unknown): string | undefined {
  if (typeof url !== 'string') return 'must be text';
  if (!/^postgres(?:ql)?:\/\//.test(url)) return "must begin with 'postgres://'";
  // Whatever is behind it would be taken for no part of the address: mostly the end of a password.
  if (url.includes('#')) return "has a '#', which is written %23 in user and password";
  const parsed = URL.parse(url);
  if (!parsed) return 'cannot be read as an address';
  try {
    decodeURIComponent(parsed.password);
  } catch {
    return "has a '%' in its password, which is written %25";
  }
  return undefined;
}

/** As PostgreSQL takes it for one of ours, without quotes. */
export function schemaFault(schema: unknown): string | undefined {
  if (typeof schema === 'string' && /^[a-z_][a-z0-9_]{0,47}$/.test(schema)) {
    return /^pg_/.test(schema) ? "must not begin with 'pg_'" : undefined;
  }
  return 'must be 1 to 48 of a-z, 0-9 and _, and begin with no digit';
}
