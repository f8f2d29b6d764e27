import { createRequire } from 'node:module';

let known: { readonly api: unknown } | undefined;

/**
 * `@opentelemetry/api`, where the application has it installed; its copies in a process share what
 * is registered. Looked for once.
 */
export function loadTelemetryApi(): unknown {
  known ??= { api: load() };
  return known.api;
}

function load(): unknown {
  try {
    return createRequire(import.meta.url)('@opentelemetry/api');
  } catch {
    // Not installed: nobody asked for it.
    return undefined;
  }
}
