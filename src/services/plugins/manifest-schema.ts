/** What a plugin may be allowed to do. Whatever is not granted is not in its context. */
export const permissions = [
  'network-access',
  'storage-read',
  'storage-write',
  'notifications',
] as const;

export type Permission = (typeof permissions)[number];

export const hookNames = [
  'onInstall',
  'onEnable',
  'onDisable',
  'onUninstall',
  'onUpdate',
  'onConfigChange',
] as const;

export type HookName = (typeof hookNames)[number];

const identifier = { type: 'string', pattern: '^[A-Za-z_$][A-Za-z0-9_$]*$' } as const;

/**
 * The JSON Schema of a plugin's manifest, for editors and for checks elsewhere; also as the file
 * docs/plugin.schema.json.
 */
export const manifestSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Daruma plugin manifest',
  type: 'object',
  required: ['name', 'version', 'type'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    manifest_version: { const: 1, description: 'The version of this format.' },
    name: {
      type: 'string',
      minLength: 3,
      maxLength: 50,
      pattern: '^[a-z0-9][a-z0-9._-]*$',
      description: 'Unique below its host; a segment of its path.',
    },
    version: {
      type: 'string',
      pattern: '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$',
      description: 'A semantic version.',
    },
    description: { type: 'string', maxLength: 500 },
    author: {
      anyOf: [
        { type: 'string', minLength: 1 },
        {
          type: 'object',
          required: ['name'],
          properties: {
            name: { type: 'string', minLength: 1 },
            email: { type: 'string' },
            url: { type: 'string' },
          },
        },
      ],
    },
    category: { type: 'string' },
    type: {
      enum: ['service', 'hybrid'],
      description: 'Of a hybrid plugin only the background part runs here.',
    },
    background: {
      type: 'string',
      minLength: 1,
      description: 'The module, relative to the manifest, that exports the service by default.',
    },
    hooks: {
      type: 'object',
      additionalProperties: false,
      description: 'Other names for hooks: methods of the default export, or exports.',
      properties: Object.fromEntries(hookNames.map((name) => [name, identifier])),
    },
    permissions: {
      type: 'array',
      uniqueItems: true,
      items: { enum: permissions },
      description: 'What it needs. It is granted by the host, or the plugin is refused.',
    },
    config_schema: { type: 'object', description: 'A JSON Schema of its configuration.' },
    default_config: { type: 'object', description: 'What its configuration is based on.' },
  },
} as const;

export interface PluginManifest {
  readonly manifest_version?: 1;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly author?: string | { readonly name: string; readonly email?: string };
  readonly category?: string;
  readonly type: 'service' | 'hybrid';
  readonly background?: string;
  readonly hooks?: Readonly<Partial<Record<HookName, string>>>;
  readonly permissions?: readonly Permission[];
  readonly config_schema?: Readonly<Record<string, unknown>>;
  readonly default_config?: Readonly<Record<string, unknown>>;
}
