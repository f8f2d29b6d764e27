import { type CompiledTree, compileTree } from '../define/compile.ts';
import { warningList } from './fault-list.ts';
import { loadServices } from './load-file.ts';
import { defaultBootWithinMs, defaultGraceMs, type Outlook, outlookOf } from './outlook.ts';
import { paintFor } from './style.ts';
import { treeJson } from './tree-json.ts';
import { treeMermaid } from './tree-mermaid.ts';
import { treeText } from './tree-text.ts';

export interface TreeOptions {
  readonly format: 'text' | 'mermaid' | 'json';
  readonly json?: boolean;
  /** Milliseconds; Infinity: as long as it takes. */
  readonly grace?: number;
}

/**
 * `daruma tree`: shows what a file exports. Starts nothing.
 *
 * @returns the code to exit with
 * @throws UsageError, DefinitionError
 */
export async function tree(
  file: string,
  args: readonly string[],
  { format, json, grace: graceMs = defaultGraceMs }: TreeOptions,
): Promise<number> {
  const compiled = compileTree(await loadServices(file, args), { graceMs });
  const outlook = outlookOf(compiled.root, graceMs, defaultBootWithinMs);
  process.stdout.write(`${shown(compiled, outlook, json ? 'json' : format)}\n`);
  return 0;
}

function shown(
  { root, warnings }: CompiledTree,
  outlook: Outlook,
  format: TreeOptions['format'],
): string {
  if (format === 'json') return treeJson(root, outlook, warnings);
  if (format === 'mermaid') return treeMermaid(root, outlook);
  const paint = paintFor(process.stdout);
  const list = warnings.length === 0 ? '' : `\n\n${warningList(warnings, paint)}`;
  return treeText(root, outlook, { paint, columns: process.stdout.columns }) + list;
}
